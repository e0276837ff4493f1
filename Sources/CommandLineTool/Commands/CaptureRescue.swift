// Storing a value that is here and cannot be shown again: what stands in its way is gone round.

internal import AgentService
internal import SecretMemory
internal import VaultModel

/// Between the preflight and now another process may have taken the name or the vault.
struct CaptureRescue {
    let session: Session
    let time: Timestamp

    init(session: Session, at time: Timestamp) {
        self.session = session
        self.time = time
    }

    /// Stores what was captured, or hands it out sealed.
    func store(
        _ captured: borrowing Captured, _ conflict: NameConflict
    ) throws(Complaint) -> Receipt {
        do throws(Complaint) { return try storeBeside(captured, conflict) } catch {
            guard let address = try? session.depositAddress() else { throw error }
            throw CapsuleHandout.complaint(captured, for: address, because: error)
        }
    }

    /// Under a name beside its own if that one cannot have it.
    private func storeBeside(
        _ captured: borrowing Captured, _ conflict: NameConflict
    ) throws(Complaint) -> Receipt {
        var draft = captured.draft
        let wanted = draft.name
        var conflict = conflict
        for number in 2...SecretName.mostBeside {
            do throws(VaultError) {
                let receipt = try patiently(draft, captured.secrets, conflict)
                if draft.name != wanted {
                    Console.warn(
                        "stored as \"\(draft.name)\": \"\(wanted)\" cannot have it any more")
                }
                return receipt
            } catch {
                guard error.isAboutTheName else { throw Complaint(error) }
                draft.name = wanted.beside(number)
                conflict = .refuse
            }
        }
        throw Complaint(.notStored, "NOT stored: every name beside \"\(wanted)\" is taken")
    }

    /// Waits as long as it takes for whoever else changes the vault.
    private func patiently(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict
    ) throws(VaultError) -> Receipt {
        var isFirst = true
        while true {
            do throws(VaultError) {
                return try session.store(draft, secrets, conflict, at: time)
            } catch {
                guard case .busy = error else { throw error }
                if isFirst { Console.note("another process is changing the vault: waiting for it") }
                isFirst = false
            }
        }
    }
}

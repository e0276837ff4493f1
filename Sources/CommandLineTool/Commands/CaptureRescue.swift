// Storing a value that is here and cannot be shown again: what stands in its way is gone round.

internal import AgentService
internal import SecretMemory
internal import VaultModel

/// Between the preflight and now another process may have taken the name or the vault.
struct CaptureRescue {
    let session: Session
    let time: Timestamp

    /// Names that are tried beside the one that was asked for.
    private static let mostNames = 99

    init(session: Session, at time: Timestamp) {
        self.session = session
        self.time = time
    }

    /// Stores what was captured, under a name beside its own if that one cannot have it.
    func store(
        _ captured: borrowing Captured, _ conflict: NameConflict
    ) throws(Complaint) -> Receipt {
        var draft = captured.draft
        let wanted = draft.name
        var conflict = conflict
        for number in 2...Self.mostNames {
            do throws(VaultError) {
                let receipt = try patiently(draft, captured.secrets, conflict)
                if draft.name != wanted {
                    Console.warn(
                        "stored as \"\(draft.name)\": \"\(wanted)\" cannot have it any more")
                }
                return receipt
            } catch {
                guard Self.isAboutTheName(error) else { throw Complaint(error) }
                draft.name = Self.beside(wanted, number)
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

    /// Whether another name could have the value.
    private static func isAboutTheName(_ error: VaultError) -> Bool {
        switch error {
        case .nameTaken, .nameTakenByRemoved, .managedElsewhere, .tooManyVersions,
            .metadataTooLong, .tampered(.metadata), .tampered(.record), .tampered(.state):
            true
        default: false
        }
    }

    /// `name+2` and so on, cut where it would be too long.
    private static func beside(_ name: SecretName, _ number: Int) -> SecretName {
        let tail = "+\(number)"
        let text = name.text.prefix(SecretName.longest - tail.count) + tail
        return SecretName(String(text)) ?? name
    }
}

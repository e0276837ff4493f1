// Storing a value that is here and cannot be shown again: what stands in its way is gone round.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import SecretMemory
internal import VaultModel

/// Between the preflight and now another process may have taken the name or the vault, or given it
/// new keys; an agent may have locked it, or ended.
struct CaptureRescue {
    private let door: any Door
    /// The vault's file, for what needs no key.
    private let session: Session
    private let time: Timestamp
    private let patience: Patience

    /// What became of the value.
    enum Outcome {
        case stored(Receipt)
        /// It waits in the inbox, and why.
        case deposited(DepositReceipt, because: Complaint)
    }

    /// Made as soon as there is a value: from now on signals are held back.
    init(_ door: any Door, _ session: Session, at time: Timestamp) {
        self.door = door
        self.session = session
        self.time = time
        patience = Patience(for: session)
    }

    /// Stores what was captured, or hands it out sealed. As a new version it has no field
    /// `forgotten`, whatever the one before it has.
    func store(
        _ captured: borrowing Captured, _ conflict: NameConflict, forgetting forgotten: FieldName?
    ) throws(Complaint) -> Outcome {
        do throws(VaultError) {
            return .stored(try storeBeside(captured, conflict, forgotten))
        } catch {
            return .deposited(try setAside(captured, because: error), because: Complaint(error))
        }
    }

    /// Stores what a rotation brought, or hands it out sealed: it fails in either case then.
    func storeRotated(
        _ value: RotatedValue, _ captured: borrowing Captured
    ) throws(Complaint) -> RotatedReceipt {
        do throws(VaultError) {
            return try patience.whileBusy { () throws(VaultError) in
                try door.storeRotated(value, captured.secrets, at: time)
            }
        } catch {
            let receipt = try setAside(captured, because: error)
            throw Complaint(
                .notStored,
                "\(Complaint(error).words): the new key was deposited instead, as \(receipt.id)",
                hint: "`coffer unlock` takes it in; then `coffer rotate \(value.name) --resume`")
        }
    }

    /// Deposits what the door does not take, or hands it out as a capsule, and fails then.
    private func setAside(
        _ captured: borrowing Captured, because error: VaultError
    ) throws(Complaint) -> DepositReceipt {
        var reason = Complaint(error)
        if error.isAboutTheDoor {
            do throws(VaultError) { return try deposit(captured) } catch {
                reason = Complaint(
                    .notStored,
                    "\(reason.words), and it could not be deposited: \(Complaint(error).words)")
            }
        }
        guard let address = try? session.depositAddress() else { throw reason }
        throw CapsuleHandout.complaint(captured, for: address, because: reason)
    }

    /// Seals it to the new keys, if who gave them left them in this machine's memory.
    private func deposit(
        _ captured: borrowing Captured
    ) throws(VaultError) -> DepositReceipt {
        for _ in 0..<Self.mostLooks {
            do throws(VaultError) {
                return try patience.whileBusy { () throws(VaultError) in
                    try session.deposit(captured.draft, captured.secrets, at: time)
                }
            } catch {
                // The vault is changed first, and remembered then.
                guard case .depositKeyUnknown = error else { throw error }
                usleep(Self.pause)
            }
        }
        throw .depositKeyUnknown
    }

    private static let mostLooks = 20
    /// In microseconds.
    private static let pause: UInt32 = 50_000

    /// Under a name beside its own if that one cannot have it.
    private func storeBeside(
        _ captured: borrowing Captured, _ conflict: NameConflict, _ forgotten: FieldName?
    ) throws(VaultError) -> Receipt {
        var draft = captured.draft
        if let forgotten { draft.fields[forgotten] = "" }
        let wanted = draft.name
        var conflict = conflict
        var number = 2
        while true {
            do throws(VaultError) {
                let receipt = try patience.whileBusy { () throws(VaultError) in
                    try door.store(draft, captured.secrets, conflict, at: time)
                }
                if draft.name != wanted {
                    Console.warn(
                        "stored as \"\(draft.name)\": \"\(wanted)\" cannot have it any more")
                }
                return receipt
            } catch {
                guard error.isAboutTheName, number <= SecretName.mostBeside else { throw error }
                draft.name = wanted.beside(number)
                if let forgotten { draft.fields[forgotten] = nil }
                conflict = .refuse
                number += 1
            }
        }
    }
}

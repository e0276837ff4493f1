// The last resort: a value that is here and cannot be stored is handed out sealed.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

/// Prints a capsule, and tries to leave a copy in memory's own file system. The value is never
/// printed as it is.
enum CapsuleHandout {
    /// What to say of a secret that was not stored, after it was handed out.
    static func complaint(
        _ captured: borrowing Captured, for address: DepositAddress, because reason: Complaint
    ) -> Complaint {
        let capsule: Capsuled
        do throws(VaultError) {
            capsule = try Sealer.capsule(
                captured.draft, captured.secrets, to: address, at: Clock.now())
        } catch {
            return Complaint(
                .notStored, "NOT stored, and no capsule could be made: \(reason.words)",
                hints: reason.hints)
        }
        return complaint(captured, as: capsule, because: reason)
    }

    /// The same for a capsule that is made already, and has not reached anybody.
    static func complaint(
        _ captured: borrowing Captured, as capsule: Capsuled, because reason: Complaint
    ) -> Complaint {
        let name = captured.draft.name
        let copy = leave(capsule)
        let isPrinted = hand(out: capsule)
        guard isPrinted || copy != nil else {
            return Complaint(
                .notStored, "NOT stored, and no capsule could be written: \(reason.words)",
                hints: reason.hints)
        }
        var hints = ["keep the capsule; `coffer capsule import FILE` takes it in"]
        if let copy { hints.append("a copy of it is in \(Escaped.path(copy))") }
        let place = isPrinted ? "the capsule above" : "a capsule"
        return Complaint(
            .notStored,
            "NOT stored: \(reason.words); \(place) holds \"\(name)\", sealed for its vault",
            hints: hints + reason.hints)
    }

    private static func hand(out capsule: Capsuled) -> Bool {
        do throws(Complaint) {
            try OutputSink.standardError.write(capsule.text.span)
            return true
        } catch { return false }
    }

    /// Where a copy lies, or nil.
    private static func leave(_ capsule: Capsuled) -> String? {
        do throws(Complaint) {
            let path = try "\(Places.runtime())/\(capsule.receipt.id).capsule"
            try NewFile(SecretBytes(copying: capsule.text.span), at: path).keep()
            return path
        } catch { return nil }
    }
}

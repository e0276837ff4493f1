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
        Console.errRaw(capsule.text.span)
        var hints = ["keep the capsule; `coffer capsule import FILE` takes it in"]
        if let path = leave(capsule) { hints.append("a copy of it is in \(Escaped.path(path))") }
        return Complaint(
            .notStored,
            "NOT stored: \(reason.words); the capsule above holds \"\(captured.draft.name)\","
                + " sealed for this vault",
            hints: hints + reason.hints)
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

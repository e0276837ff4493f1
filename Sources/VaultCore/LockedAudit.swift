// What the log says of a vault that stays locked: keys that opened nothing.

internal import Sealing
internal import Storage
internal import VaultModel

extension LockedVault {
    /// Failed unlocks of so many milliseconds share an entry: guessing must not fill a disk.
    private static let coalescing: UInt64 = 60_000

    /// Enters a key that opened nothing, or counts it. Nothing was released, so a log that cannot
    /// be written is no reason to say anything else than that the key is wrong.
    borrowing func noteFailedUnlock(at time: Timestamp) {
        let (vault, epoch, caller) = (slots.vault, slots.epoch, caller)
        let store = store
        try? store.write { () throws(VaultError) in
            var tip = try AuditPlace(store, vault).tip
            let since = tip.failuresSince
            tip.failures += 1
            if time < since || time.milliseconds - since.milliseconds >= Self.coalescing {
                tip.failuresSince = time
                try Self.enterFailures(&tip, vault, epoch, caller, in: store, at: time)
            }
            try store.setAuditTip(tip)
        }
    }

    /// The detail is sealed to the key for deposits: whoever opens the vault reads it.
    private static func enterFailures(
        _ tip: inout AuditTip, _ vault: VaultID, _ epoch: Epoch, _ caller: Caller,
        in store: Store, at time: Timestamp
    ) throws(VaultError) {
        guard let head = try store.head().flatMap({ StateHead(parsing: $0.bytes) }) else {
            throw .tampered(.head)
        }
        var note = AuditNote(.failedUnlock)
        note.count = tip.failures
        var chain = AuditChain(vault: vault, resuming: tip)
        let detail = try AuditKey.seal(
            note.detail(by: caller.attribution), number: chain.entries, to: head.depositKey,
            vault: vault, epoch: epoch)
        let entry = AuditEntry(note, .refused, number: chain.entries, at: time, caller, detail)
        chain.append(entry)
        try store.insert(AuditRow(entry: entry, link: chain.tip, seal: nil))
        tip.entries = chain.entries
        tip.tip = chain.tip
        tip.failures = 0
    }
}

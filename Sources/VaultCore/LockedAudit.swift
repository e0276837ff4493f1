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

    private static func enterFailures(
        _ tip: inout AuditTip, _ vault: VaultID, _ epoch: Epoch, _ caller: Caller,
        in store: Store, at time: Timestamp
    ) throws(VaultError) {
        var note = AuditNote(.failedUnlock)
        note.count = tip.failures
        var chain = AuditChain(vault: vault, resuming: tip)
        let address = try statedAddress(in: store, vault, epoch)
        try chain.enter(note, .refused, sealedTo: address, by: caller, in: store, at: time)
        tip.entries = chain.entries
        tip.tip = chain.tip
        tip.failures = 0
    }

    /// The key for deposits that the head states, whoever wrote it.
    static func statedAddress(
        in store: Store, _ vault: VaultID, _ epoch: Epoch
    ) throws(VaultError) -> DepositAddress {
        DepositAddress(vault: vault, epoch: epoch, key: try statedHead(in: store).depositKey)
    }
}

extension AuditChain {
    /// Enters what was done without a key of the vault. The detail is sealed to the key for
    /// deposits: whoever opens the vault reads it.
    mutating func enter(
        _ note: AuditNote, _ outcome: AuditOutcome, sealedTo address: DepositAddress,
        by caller: Caller, in store: Store, at time: Timestamp
    ) throws(VaultError) {
        let detail = try AuditKey.seal(
            note.detail(by: caller.attribution), number: entries, to: address.key,
            vault: address.vault, epoch: address.epoch)
        let entry = AuditEntry(note, outcome, number: entries, at: time, caller, detail)
        append(entry)
        try store.insert(AuditRow(entry: entry, link: tip, seal: nil))
    }
}

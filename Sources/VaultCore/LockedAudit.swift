// What the log says of a vault that stays locked: keys that opened nothing, copies of it, what jobs
// opened.

internal import Sealing
internal import Storage
public import VaultModel

extension LockedVault {
    /// Failed unlocks of so many milliseconds share an entry: guessing must not fill a disk.
    private static let coalescing: UInt64 = 60_000

    /// Enters a key that opened nothing, or counts it. Nothing was released, so a log that cannot
    /// be written is no reason to say anything else than that the key is wrong.
    borrowing func noteFailedUnlock(at time: Timestamp) {
        try? changeLog { (log: inout LockedLog) throws(VaultError) in
            let since = log.tip.failuresSince
            log.tip.failures += 1
            if time < since || time.milliseconds - since.milliseconds >= Self.coalescing {
                var note = AuditNote(.failedUnlock)
                note.count = log.tip.failures
                try log.enter(note, .refused, at: time)
                log.tip.failuresSince = time
                log.tip.failures = 0
            }
        }
    }

    /// Enters that a copy of the vault is made, which needs no key: all of it stays sealed.
    public borrowing func enterBackup(at time: Timestamp) throws(VaultError) {
        do throws(VaultError) {
            try changeLog { (log: inout LockedLog) throws(VaultError) in
                try log.enter(AuditNote(.backup), .done, at: time)
            }
        } catch { throw error.asUnlogged(at: slots.path) }
    }

    /// Enters that a damaged slot was put back from paper, which needs no key either.
    borrowing func enterMending(of slot: UInt8, at time: Timestamp) throws(VaultError) {
        try changeLog { (log: inout LockedLog) throws(VaultError) in
            var note = AuditNote(.slotMend)
            note.slot = slot
            try log.enter(note, .done, at: time)
        }
    }

    private borrowing func changeLog(
        _ body: (inout LockedLog) throws(VaultError) -> Void
    ) throws(VaultError) {
        let (vault, caller, store) = (slots.vault, caller, store)
        try store.write { () throws(VaultError) in
            var log = LockedLog(
                store: store, vault: vault, caller: caller,
                tip: try AuditPlace(store, vault).tip)
            try body(&log)
            try store.setAuditTip(log.tip)
        }
    }

    /// Runs `body`, which enters what was read, and signs that: it is on disk before anything
    /// leaves, for nobody comes by later who would bring it there.
    borrowing func enteringReading<R: ~Copyable>(
        at time: Timestamp, _ body: (inout LockedLog) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let (vault, caller, store) = (slots.vault, caller, store)
        return try store.write(.atOnce) { () throws(VaultError) -> R in
            let place = try AuditPlace(store, vault)
            try place.checkCanSeal()
            var log = LockedLog(store: store, vault: vault, caller: caller, tip: place.tip)
            let result = try body(&log)
            var (tip, key) = (log.tip, place.nextKey)
            var chain = AuditChain(vault: vault, resuming: tip)
            try chain.seal(in: store, &tip, expecting: &key, at: time)
            return result
        }
    }
}

/// The log within one transaction of a vault that stays locked.
struct LockedLog {
    let store: Store
    let vault: VaultID
    let caller: Caller
    var tip: AuditTip

    /// The detail is sealed to the key for deposits: whoever opens the vault reads it.
    mutating func enter(
        _ note: AuditNote, _ outcome: AuditOutcome, at time: Timestamp
    ) throws(VaultError) {
        var chain = AuditChain(vault: vault, resuming: tip)
        let address = try LockedVault.statedAddress(in: store, vault)
        try chain.enter(note, outcome, sealedTo: address, by: caller, in: store, at: time)
        tip.entries = chain.entries
        tip.tip = chain.tip
    }
}

extension LockedVault {
    /// The key for deposits that the head states, whoever wrote it.
    static func statedAddress(
        in store: Store, _ vault: VaultID
    ) throws(VaultError) -> DepositAddress {
        let head = try statedHead(in: store)
        return DepositAddress(vault: vault, epoch: head.epoch, key: head.depositKey)
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

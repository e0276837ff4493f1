// A backup on its way to the place of a vault.

public import Sealing
internal import Storage
public import VaultModel

/// The steps in their order: the files are looked at, a copy of the backup is verified beside the
/// place, whoever asked may still say no, and the copy is put in the place.
///
/// A vault that is in use is not moved away under those who use it: SQLite's log and its index
/// belong to the name. What is in it is replaced in one transaction of its own, and others see the
/// vault before or after. Only a file that is no vault any more is exchanged.
public final class Restoration {
    /// What lies at the place.
    private enum Place: Hashable {
        case free, vault, ruin
        /// No vault, but what SQLite had beside one.
        case remains
    }

    private let source: Store
    private let path: String
    private let place: Place
    private var copy: VaultCopy?
    private var replaced = ReplacedVault.nothing

    /// Opens the backup, which is not changed, and looks at the place. `.vaultExists` unless it is
    /// free or `replaces` is set.
    public init(
        of backup: String, to path: String, replacing replaces: Bool
    ) throws(VaultError) {
        self.path = path
        if !replaces { try Store.requireFree(path) }
        source = try Store.openAsItIs(at: backup, .readOnly)
        place = try Self.place(at: path)
    }

    /// The name that a vault gets which makes room at this time.
    public func aside(at time: Timestamp) -> String { folder.pathOfReplaced(at: time) }

    private var folder: BackupFolder { BackupFolder(besides: path) }

    private static func place(at path: String) throws(VaultError) -> Place {
        do throws(VaultError) {
            _ = try Store.openAsItIs(at: path, .readWrite)
            return .vault
        } catch {
            switch error {
            case .vaultMissing: return hasRemains(path) ? .remains : .free
            case .refusedFormat, .tampered: return .ruin
            default: throw error
            }
        }
    }

    private static func hasRemains(_ path: String) -> Bool {
        do throws(VaultError) {
            try Store.requireFree(path)
            return false
        } catch { return true }
    }

    /// Copies the backup beside the place and verifies the copy: `key` must open it, and its pages,
    /// log and rows be whole. What is remembered in the folder `memory` is looked at, no more.
    public func verify(
        with key: borrowing UnlockKey, at time: Timestamp, by caller: Caller, memory: String?,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> RestoreFinding {
        folder.clearAbandoned()
        let source = source
        let copy = try source.read { () throws(VaultError) -> VaultCopy in
            try source.copy(for: path, replacing: true) { progress(.copying, $0, $1) }
        }
        let vault = try LockedVault(at: copy.path, for: .changing, by: caller, memory: nil)
        let opened = try vault.opened(with: key, at: time)
        try vault.checkContainer()
        _ = try vault.verifyLog(against: nil) { progress(.log, $0, $1) }
        let rows = try opened.verifyRows { progress(.rows, $0, $1) }
        let replaced = try replaced(by: vault.slots)
        let seen = try vault.seenEpoch(in: memory)
        self.copy = copy
        self.replaced = replaced.kind
        return RestoreFinding(
            rows: rows,
            rollback: try vault.rollback(since: memory), replaced: replaced.kind,
            waiting: replaced.waiting,
            keys: vault.slots.epoch.number < seen?.number ?? 0
                ? .before(rekey: seen ?? .first) : replaced.keys,
            unattended: try opened.unattended(at: time))
    }

    /// What lies at the place, beside what is to take it.
    private func replaced(
        by slots: SlotSet
    ) throws(VaultError) -> (kind: ReplacedVault, waiting: Int, keys: RestoredKeys) {
        switch place {
        case .free, .remains: return (.nothing, 0, .same)
        case .ruin: return (.other, 0, .same)
        case .vault:
            let store = try Store.openAsItIs(at: path, .readOnly)
            let waiting = try store.deposits().count
            guard let now = try Self.slots(of: store, at: path) else {
                return (.nameless, waiting, .same)
            }
            guard now.vault == slots.vault else { return (.other, waiting, .same) }
            if slots.epoch.number < now.epoch.number {
                return (.sameVault, waiting, .before(rekey: now.epoch))
            }
            return (.sameVault, waiting, now.slots == slots.slots ? .same : .otherSlots)
        }
    }

    /// The key slots of the vault that is replaced, or nil if none can be read: such a vault needs
    /// its backup most.
    private static func slots(
        of store: Store, at path: String
    ) throws(VaultError) -> SlotSet? {
        do throws(VaultError) { return try SlotSet(of: store, at: path) } catch {
            switch error {
            case .tampered, .refusedFormat: return nil
            default: throw error
            }
        }
    }

    /// Puts the verified copy in its place: afterwards, and after a kill, the vault before or the
    /// restored one is there, whole. What was there is kept as `aside`. A vault that was made
    /// meanwhile where there was none stays: `.vaultExists`.
    public func finish(
        keeping aside: String, progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> OldRows {
        guard let copy else { preconditionFailure("vault core: a copy that was not verified") }
        switch place {
        case .free:
            try copy.publish()
            return .gone
        case .remains:
            try copy.publish(keepingRemains: aside)
            return .gone
        case .ruin:
            try copy.exchange(keeping: aside)
            return .gone
        case .vault:
            let new = try Store.open(at: copy.path, .readOnly)
            let old = try Store.openAsItIs(at: path, .readWrite)
            try new.overwrite(old) {
                progress(.placing, $0, $1)
            } keeping: {
                (held: Store) throws(VaultError) in
                let kept = try held.read { () throws(VaultError) -> VaultCopy in
                    try held.copy(for: aside)
                }
                try kept.publish()
            }
            return old.truncateLog()
        }
    }
}

// Deposits that came since the backup was made.
extension Restoration {
    /// Lays what lies in the inbox of the vault that was replaced, and is kept as `aside`, into the
    /// restored one. There it stays too; what is sealed to keys that the restored vault does not
    /// have stays there alone.
    public func carryDeposits(
        from aside: String, by caller: Caller, at time: Timestamp
    ) throws(VaultError) -> CarriedDeposits {
        var tally = CarriedDeposits()
        guard place == .vault, replaced == .sameVault else { return tally }
        let old = try Store.openAsItIs(at: aside, .readOnly)
        guard old.hasInbox else { return tally }
        let vault = try LockedVault(at: path, for: .changing, by: caller, memory: nil)
        for waiting in try old.deposits() {
            guard let bytes = try old.deposit(waiting.id),
                let sealed = SealedDeposit(parsing: bytes), sealed.id == waiting.id
            else {
                tally.left += 1
                continue
            }
            guard try vault.store.deposit(waiting.id) != bytes else { continue }
            do throws(VaultError) {
                _ = try vault.lay(sealed, at: time)
                tally.carried += 1
            } catch {
                switch error {
                case .tampered(.deposit), .depositDiffers: tally.left += 1
                default: throw error
                }
            }
        }
        return tally
    }
}

extension OpenVault {
    /// What may be had of it without a person at that time. Nothing is entered in the log.
    fileprivate func unattended(at time: Timestamp) throws(VaultError) -> Unattended {
        try looking { () throws(VaultError) -> Unattended in
            try policy.begin(after: tree.head)
            let grants = try policy.grants(after: tree.head).count { !$0.isOver(at: time) }
            var deliveries = 0
            for id in policy.ids(.job) {
                deliveries += try policy.job(id).job.deliveries.count { !$0.isOver(at: time) }
            }
            return Unattended(deliveries: deliveries, grants: grants)
        }
    }
}

extension LockedVault {
    /// The epoch that is remembered of this vault in the folder `memory`, or nil.
    fileprivate borrowing func seenEpoch(in memory: String?) throws(VaultError) -> Epoch? {
        let known = try AnchorWatch(of: slots.vault, in: memory).bytes()
        guard let seen = known.flatMap({ Anchor(parsing: $0) }), seen.vault == slots.vault else {
            return nil
        }
        return seen.epoch
    }

    /// How this vault is older than what is remembered in the folder `memory`, or nil.
    fileprivate borrowing func rollback(since memory: String?) throws(VaultError) -> Rollback? {
        let (store, vault) = (store, slots.vault)
        let watch = AnchorWatch(of: vault, in: memory)
        let known = try watch.bytes()
        do throws(VaultError) {
            try store.read { () throws(VaultError) in
                guard let sealed = try store.head(), let head = StateHead(parsing: sealed.bytes)
                else { throw .tampered(.head) }
                _ = try watch.look(
                    head, code: sealed.code, AuditPlace(store, vault), since: known, .refuse)
            }
        } catch {
            guard case .rolledBack(let rollback) = error else { throw error }
            return rollback
        }
        return nil
    }
}

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
    }

    private let source: Store
    private let path: String
    private let place: Place
    private var copy: VaultCopy?

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
            case .vaultMissing: return .free
            case .refusedFormat, .tampered: return .ruin
            default: throw error
            }
        }
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
        self.copy = copy
        return RestoreFinding(
            rows: VerifiedRows(secrets: rows.secrets, versions: rows.versions),
            rollback: try vault.rollback(since: memory),
            replaced: place == .free
                ? .nothing : try identity(at: path) == vault.slots.vault ? .sameVault : .other)
    }

    private func identity(at path: String) throws(VaultError) -> VaultID? {
        guard place == .vault else { return nil }
        return try SlotSet(of: Store.openAsItIs(at: path, .readOnly), at: path).vault
    }

    /// Puts the verified copy in its place: afterwards, and after a kill, the vault before or the
    /// restored one is there, whole. What was there is kept as `aside`.
    public func finish(
        keeping aside: String, progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> OldRows {
        guard let copy else { preconditionFailure("vault core: a copy that was not verified") }
        switch place {
        case .free, .ruin:
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

extension LockedVault {
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

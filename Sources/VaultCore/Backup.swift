// A complete copy of the vault in one file, sealed as it is: no key is needed to make it.

public import Sealing
internal import Storage
public import VaultModel

extension LockedVault {
    /// Writes a copy of one state of the vault to `path`, whoever changes the vault meanwhile.
    /// When this returns it is complete, verified and on disk; if it fails there is none.
    ///
    /// The copy is opened as a vault, looked through, its log walked, and held against the state
    /// that was copied. With `key` its rows are verified too. Without, versions that do not fit
    /// their digests keep it from nothing: it may be the last copy of the others.
    public borrowing func backUp(
        to path: String, verifying key: borrowing UnlockKey?, at time: Timestamp,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> CopiedRows {
        let store = store
        var state: CopiedState?
        let copy = try store.read { () throws(VaultError) -> VaultCopy in
            state = try CopiedState(store)
            return try store.copy(for: path) { progress(.copying, $0, $1) }
        }
        let rows: CopiedRows
        do {
            let vault = try LockedVault(at: copy.path, for: .reading, by: caller, memory: nil)
            guard
                try vault.store.read({ () throws(VaultError) in try CopiedState(vault.store) })
                    == state
            else { throw .readBackDiffers }
            rows = try vault.verifyCopy(with: key, at: time, progress: progress)
        }
        try copy.publish()
        return rows
    }

    /// Looks through a copy: its pages, its log, and its rows as far as `key` opens it.
    borrowing func verifyCopy(
        with key: borrowing UnlockKey?, at time: Timestamp,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> CopiedRows {
        try checkContainer()
        _ = try verifyLog(against: nil) { progress(.log, $0, $1) }
        switch key {
        case .some(let key):
            let open = try opened(with: key, at: time)
            let rows = try open.verifyRows { progress(.rows, $0, $1) }
            return .verified(rows)
        case .none: return .compared(misfits: try misfits())
        }
    }

    /// How many versions do not fit the digests beside them: what rots is seen without a key.
    private borrowing func misfits() throws(VaultError) -> UInt64 {
        let store = store
        var count: UInt64 = 0
        try inPortions(
            store.forEachBlob, size: { $0.blob.count }, with: Array(0..<Cores.count),
            work: { $1.fitsDigest },
            use: { _, fit in count += UInt64(fit.count { !$0 }) })
        for glance in try store.policy(blobsAtMost: .max) {
            guard let blob = glance.blob else { continue }
            if !SealedPolicy(glance.columns, blob: blob).fitsDigest { count += 1 }
        }
        return count
    }

    /// Where a backup of this time goes in a folder.
    public borrowing func backupPath(in folder: String, at time: Timestamp) -> String {
        BackupFolder(folder, of: slots.path).path(at: time)
    }

    /// Removes the oldest backups of this vault in a folder, and what kills left there, so that
    /// `count` are left: `new` and the newest others. What does not open as this vault is
    /// another's, and stays.
    public borrowing func rotate(
        _ folder: String, keeping count: Int, of new: String
    ) throws(VaultError) -> Rotation {
        let folder = BackupFolder(folder, of: slots.path)
        folder.clearAbandoned()
        var own: [String] = []
        for path in try folder.backups()
        where path != new && Self.identity(ofBackup: path) == slots.vault {
            own.append(path)
        }
        // A clock may have been wrong, then or now: the new one never goes by its name.
        let old = Array(own.dropLast(max(0, count - 1)))
        for path in old { try folder.remove(path) }
        return Rotation(removed: old, later: own.dropFirst(old.count).filter { $0 > new })
    }

    /// The vault that a file is a backup of, or nil if it cannot be opened as one.
    private static func identity(ofBackup path: String) -> VaultID? {
        guard let store = try? Store.openAsItIs(at: path, .readOnly) else { return nil }
        return try? SlotSet(of: store, at: path).vault
    }
}

/// What a copy must have in common with what was copied; the rows hang on it.
private struct CopiedState: Equatable {
    let head: SealedHead?
    let tip: AuditTip?
    let slots: [SlotPair]

    /// Asked within a transaction.
    init(_ store: Store) throws(VaultError) {
        head = try store.head()
        tip = try store.auditTip()
        slots = try store.slots()
    }
}

extension OpenVault {
    /// Enters that a copy of the vault is made.
    public func enterBackup(at time: Timestamp) throws(VaultError) {
        try reading(AuditNote(.backup), at: time) { (_: inout AuditNote) throws(VaultError) in }
    }

    /// Enters that the vault came from a backup, as a change of its own.
    public func enterRestore(at time: Timestamp) throws(VaultError) {
        try change(AuditNote(.restore), at: time) { (_: inout AuditNote) throws(VaultError) in }
    }
}

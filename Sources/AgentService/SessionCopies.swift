// Copies of the vault of a session: backups, and secrets handed out together.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    /// Enters that a copy of the vault is made. Needs no key.
    public func enterBackup(at time: Timestamp) throws(VaultError) {
        switch open {
        case .some(let vault): try vault.enterBackup(at: time)
        case .none: try locked.enterBackup(at: time)
        }
    }

    /// Writes a copy of the vault to `path`, sealed as it is: complete and verified, or none. Needs
    /// no key; the rows are verified too with one that opens the vault.
    public func backUp(
        to path: String, verifying key: borrowing KeyOffer?, at time: Timestamp,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> CopiedRows {
        switch key {
        case .some(let offer):
            let key: UnlockKey? = try UnlockKey(offer)
            return try locked.backUp(to: path, verifying: key, at: time, progress: progress)
        case .none:
            return try locked.backUp(to: path, verifying: nil, at: time, progress: progress)
        }
    }

    /// Where a backup of this time goes in a folder.
    public func backupPath(in folder: String, at time: Timestamp) -> String {
        locked.backupPath(in: folder, at: time)
    }

    /// Removes the oldest backups of this vault in a folder, so that `new` and the newest others
    /// are left, `count` in all.
    public func rotate(
        _ folder: String, keeping count: Int, of new: String
    ) throws(VaultError) -> Rotation {
        try locked.rotate(folder, keeping: count, of: new)
    }

    /// Enters that the vault came from a backup.
    public func enterRestore(at time: Timestamp) throws(VaultError) {
        switch open {
        case .some(let vault): try vault.enterRestore(at: time)
        case .none: throw .locked
        }
    }

    /// Lends every secret whose name begins with `prefix` to `body`, which is false to stop; what
    /// is damaged is in the tally.
    public func export(
        prefix: String, at time: Timestamp, _ body: (borrowing OpenedSecret) -> Bool
    ) throws(VaultError) -> ExportTally {
        try unlocked { vault throws(VaultError) in
            try vault.export(prefix: prefix, at: time, body)
        }
    }
}

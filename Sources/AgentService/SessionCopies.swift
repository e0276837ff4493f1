// Copies of the vault of a session: backups, and secrets handed out together.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    public func enterBackup(at time: Timestamp) throws(VaultError) {
        switch open {
        case .some(let vault): try vault.enterBackup(at: time)
        case .none: try locked.enterBackup(at: time)
        }
    }

    public func backUp(
        to path: String, verifying key: borrowing KeyOffer?, at time: Timestamp,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> VerifiedRows? {
        switch key {
        case .some(let offer):
            let key: UnlockKey? = try UnlockKey(offer)
            return try locked.backUp(to: path, verifying: key, at: time, progress: progress)
        case .none:
            return try locked.backUp(to: path, verifying: nil, at: time, progress: progress)
        }
    }

    public func backupPath(in folder: String, at time: Timestamp) -> String {
        locked.backupPath(in: folder, at: time)
    }

    public func rotate(_ folder: String, keeping count: Int) throws(VaultError) -> [String] {
        try locked.rotate(folder, keeping: count)
    }

    public func enterRestore(at time: Timestamp) throws(VaultError) {
        switch open {
        case .some(let vault): try vault.enterRestore(at: time)
        case .none: throw .locked
        }
    }

    public func export(
        prefix: String, at time: Timestamp, _ body: (borrowing OpenedSecret) -> Bool
    ) throws(VaultError) -> ExportTally {
        try unlocked { vault throws(VaultError) in
            try vault.export(prefix: prefix, at: time, body)
        }
    }
}

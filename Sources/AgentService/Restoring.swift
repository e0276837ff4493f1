// Putting a backup in the place of a vault: there is no session while there is no vault.

public import AgentProtocol
internal import Sealing
internal import SecretMemory
internal import VaultCore
public import VaultModel

/// A backup that was opened, until it is in its place; then a session opens it like any vault.
public final class Restoring {
    private let restoration: Restoration

    /// Looks at the backup and at the place; nothing is changed. `.vaultExists` if something lies
    /// there, unless it may be replaced.
    public init(of backup: String, to path: String, replacing: Bool) throws(VaultError) {
        restoration = try Restoration(of: backup, to: path, replacing: replacing)
    }

    /// Copies the backup beside the place and verifies the copy with a key that opens it.
    public func verify(
        with offer: borrowing KeyOffer, at time: Timestamp, by caller: Caller, memory: String?,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> RestoreFinding {
        let key = try UnlockKey(offer)
        return try restoration.verify(
            with: key, at: time, by: caller, memory: memory, progress: progress)
    }

    /// The name that what lies at the place gets.
    public func aside(at time: Timestamp) -> String { restoration.aside(at: time) }

    /// Puts the verified copy in its place.
    public func finish(
        keeping aside: String, progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> OldRows {
        try restoration.finish(keeping: aside, progress: progress)
    }

    /// Lays deposits that lie in the vault that was replaced into the restored one.
    public func carryDeposits(
        from aside: String, by caller: Caller, at time: Timestamp
    ) throws(VaultError) -> CarriedDeposits {
        try restoration.carryDeposits(from: aside, by: caller, at: time)
    }
}

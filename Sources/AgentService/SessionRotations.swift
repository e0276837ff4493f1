// Rotations at the door in process, and what became of versions.

public import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    /// Begins a rotation of the current version: nothing was done at the issuer yet.
    public func beginRotation(
        _ name: SecretName, _ mode: RotationMode, grace: UInt64, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in
            try vault.beginRotation(name, mode, grace: grace, at: time)
        }
    }

    /// Puts `next` in the place of the journal `seen`, with what it does to the versions.
    public func advanceRotation(
        _ name: SecretName, from seen: RotationJournal, to next: RotationJournal,
        at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in
            try vault.advanceRotation(name, from: seen, to: next, at: time)
        }
    }

    /// Stores the value that the issuer gave as a pending version, and reads it back.
    public func storeRotated(
        _ value: RotatedValue, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> RotatedReceipt {
        switch open {
        case .some(let vault): return try vault.storeRotated(value, secrets, at: time)
        case .none: throw .locked
        }
    }

    /// The versions of a secret and what was done to them.
    public func history(
        of name: SecretName, at time: Timestamp
    ) throws(VaultError) -> VersionHistory {
        try unlocked { vault throws(VaultError) in try vault.history(of: name, at: time) }
    }

    /// The previous version becomes the current one again.
    public func rollBack(
        _ name: SecretName, _ swap: VersionSwap, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in try vault.rollBack(name, swap, at: time) }
    }
}

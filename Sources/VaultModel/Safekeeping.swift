// What is said of copies of a vault: backups, restored ones, exports, and what a rekey makes.

/// What a copy goes through.
public enum CopyStage: Hashable, Sendable {
    case copying, log, rows, placing
}

/// How many rows of a vault were found as they were left.
public struct VerifiedRows: Hashable, Sendable {
    public let secrets: UInt64
    public let versions: UInt64

    public init(secrets: UInt64, versions: UInt64) {
        self.secrets = secrets
        self.versions = versions
    }
}

/// What is known of the rows of a copy.
public enum CopiedRows: Hashable, Sendable {
    /// Opened with a key and found as they were left.
    case verified(VerifiedRows)
    /// Looked at without a key: each version beside the digest that lies with it. `misfits` are
    /// those that are damaged; of descriptions nothing can be told so.
    case compared(misfits: UInt64)
}

/// What became of the older backups in a folder.
public struct Rotation: Hashable, Sendable {
    public var removed: [String] = []
    /// Backups whose names say that they were made after the newest.
    public var later: [String] = []

    public init(removed: [String] = [], later: [String] = []) {
        self.removed = removed
        self.later = later
    }
}

/// What lies where a backup is to go.
public enum ReplacedVault: Hashable, Sendable {
    case nothing
    /// The vault that it is a backup of, in another state.
    case sameVault
    /// Another vault, or a file that is none any more.
    case other
    /// A vault of which no key slot can be read: nothing says which one it is.
    case nameless
}

/// The keys of a backup beside those of now.
public enum RestoredKeys: Hashable, Sendable {
    case same
    /// Key slots were added, replaced or removed since.
    case otherSlots
    /// The vault was given new keys since: those that were given up open it again.
    case before(rekey: Epoch)
}

/// What may be had of a vault without a person.
public struct Unattended: Hashable, Sendable {
    public let deliveries: Int
    public let grants: Int

    public init(deliveries: Int, grants: Int) {
        self.deliveries = deliveries
        self.grants = grants
    }
}

/// A backup that was verified, before it is put in its place.
public struct RestoreFinding: Hashable, Sendable {
    public let rows: VerifiedRows
    /// How it is older than what this machine remembers of the vault, or nil.
    public let rollback: Rollback?
    public let replaced: ReplacedVault
    /// How many deposits lie in the vault that is replaced.
    public let waiting: Int
    /// How the keys that open it stand to those of the vault that is replaced.
    public let keys: RestoredKeys
    /// What it delivers and grants: what was revoked since is among that.
    public let unattended: Unattended

    public init(
        rows: VerifiedRows, rollback: Rollback?, replaced: ReplacedVault, waiting: Int,
        keys: RestoredKeys, unattended: Unattended
    ) {
        self.rows = rows
        self.rollback = rollback
        self.replaced = replaced
        self.waiting = waiting
        self.keys = keys
        self.unattended = unattended
    }
}

/// What became of an export.
public struct ExportTally: Hashable, Sendable {
    /// Secrets that were handed out.
    public var count = 0
    public var damaged: [DamagedObject]
    /// Secrets without a current version.
    public var valueless: [SecretName] = []

    public init(damaged: [DamagedObject] = []) { self.damaged = damaged }
}

/// What a person agreed to before a rekey.
public struct RekeyConsent: Hashable, Sendable {
    /// How many key slots there were: all but one go.
    public let slots: Int
    /// What is damaged, and is left out; nothing else may be.
    public let damaged: [DamagedObject]
    /// Where the vault is kept as it was if something is left out.
    public let aside: String

    public init(slots: Int, damaged: [DamagedObject] = [], aside: String = "") {
        self.slots = slots
        self.damaged = damaged
        self.aside = aside
    }
}

/// What became of a rekey.
public struct RekeyReport: Hashable, Sendable {
    public let epoch: Epoch
    public let rows: OldRows
    /// Epochs that are over, whose keys do not open: they are as they were.
    public let damagedKeys: [Epoch]

    public init(epoch: Epoch, rows: OldRows, damagedKeys: [Epoch]) {
        self.epoch = epoch
        self.rows = rows
        self.damagedKeys = damagedKeys
    }
}

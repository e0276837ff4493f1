// What anyone may know of a vault without a key.

/// The locked vault's own words about itself.
public struct VaultFacts: Hashable, Sendable {
    public let vault: VaultID
    public let epoch: Epoch
    public let suite: Suite
    public let slots: [KeySlotSummary]

    public init(vault: VaultID, epoch: Epoch, suite: Suite, slots: [KeySlotSummary]) {
        self.vault = vault
        self.epoch = epoch
        self.suite = suite
        self.slots = slots
    }
}

/// What a vault lists.
public struct Inventory: Hashable, Sendable {
    /// In the order of their names.
    public var secrets: [Metadata]
    /// Descriptions that do not open: damaged, or tampered with. One must not hide the others.
    public var damaged: Int

    public init(secrets: [Metadata], damaged: Int) {
        self.secrets = secrets
        self.damaged = damaged
    }
}

/// Where rows are that a change removed.
public enum OldRows: Hashable, Sendable {
    /// No longer in the file or its log.
    case gone
    /// Another process has the vault open: they are in the log until it closes.
    case inTheLog
}

/// What is done if the vault is older than it was.
public enum RollbackChoice: Hashable, Sendable {
    case refuse
    /// It is taken as it is, once, and the log says so.
    case accept
}

/// How the anchor stood when the vault was opened.
public enum AnchorState: Hashable, Sendable {
    case fits
    /// The vault was not seen here before.
    case absent(generation: UInt64)
    /// The anchor is damaged: it says nothing.
    case damaged(generation: UInt64)
    /// The vault was rolled back, and that was accepted.
    case accepted(Rollback)
}

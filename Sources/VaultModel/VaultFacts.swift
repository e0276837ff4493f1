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

// What anyone may know of a vault without a key.

/// The locked vault's own words about itself.
public struct VaultFacts: Hashable, Sendable {
    public let vault: VaultID
    public let epoch: Epoch
    public let suite: Suite
    public let slots: [KeySlotSummary]
    public let secretCount: UInt64

    public init(
        vault: VaultID, epoch: Epoch, suite: Suite, slots: [KeySlotSummary], secretCount: UInt64
    ) {
        self.vault = vault
        self.epoch = epoch
        self.suite = suite
        self.slots = slots
        self.secretCount = secretCount
    }
}

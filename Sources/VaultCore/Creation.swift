// A new vault: its keys are made and its slots sealed before there is a file.

public import Sealing
internal import Storage
public import VaultModel

/// The slots of a vault that is about to be made.
public struct NewVault: ~Copyable {
    private let root: RootKey
    private let vault: VaultID
    private let created: Timestamp
    private var slots: [KeySlot] = []

    /// Draws the vault id and the root key.
    public init(at time: Timestamp) throws(VaultError) {
        let identifier = try Randomness.identifier()
        let drawn = try RootKey()
        vault = VaultID(identifier)
        created = time
        root = drawn
    }

    /// Seals the root key under one more key, and opens it again to see that it can be.
    public mutating func add(
        _ key: borrowing UnlockKey, parameters: KDFParameters
    ) throws(VaultError) {
        guard slots.count < KeySlotSummary.most else { throw .noFreeSlot }
        let slot = try KeySlot.seal(
            root, with: key, number: UInt8(slots.count), vault: vault, epoch: .first,
            parameters: parameters, created: created)
        _ = try slot.open(with: key)
        slots.append(slot)
    }

    /// Writes the vault: afterwards there is a complete one at `path`, or none.
    public consuming func write(to path: String) throws(VaultError) {
        precondition(!slots.isEmpty, "vault core: a vault needs a slot")
        let slots = slots
        let key = StateKey(root: root, vault: vault, epoch: .first)
        let head = key.seal(StateHead(newVault: vault, root: root, slots: slots, at: created))
        try Store.create(at: path) { store throws(VaultError) in
            try store.setHead(head)
            for slot in slots { try store.setSlot(slot.number, slot.bytes) }
        }
    }
}

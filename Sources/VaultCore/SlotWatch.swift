// Whether the key slots are those that a coffer left, and who was told that they are not.

internal import Sealing
internal import Storage
internal import VaultModel

/// Shared by a locked vault and what it opens to.
final class SlotWatch {
    /// The digest of slots that are not those of the head, once this was found on opening: whoever
    /// opened the vault is told, and the next change takes just these over.
    private(set) var told: [UInt8]?

    /// Compares the slots with the head of this transaction.
    func look(_ store: Store, at path: String, _ head: StateHead) throws(VaultError) {
        let now = try SlotSet(of: store, at: path).digest
        told = Self.areEqual(now, head.slots) ? nil : now
    }

    /// Whether `slots` are the head's, or those of which someone was told.
    private func isKnown(_ slots: SlotSet, to head: StateHead) -> Bool {
        let now = slots.digest
        return Self.areEqual(now, head.slots) || told.map { Self.areEqual(now, $0) } == true
    }

    /// What the next head says of the slots. `changed` is what they were before this transaction
    /// changed them, or nil if it did not: slots that were changed outside, and of which nobody was
    /// told yet, stay a surprise.
    func digest(
        _ store: Store, at path: String, after head: StateHead, changing changed: SlotSet?
    ) throws(VaultError) -> [UInt8] {
        guard told != nil || changed != nil else { return head.slots }
        let now = try SlotSet(of: store, at: path)
        return isKnown(changed ?? now, to: head) ? now.digest : head.slots
    }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        ConstantTime.areEqual(left.span, right.span)
    }
}

extension SlotSet {
    /// What the head says of the slots.
    var digest: [UInt8] { StateHead.digest(of: slots) }
}

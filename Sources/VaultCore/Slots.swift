// Adding and removing keys. The root key is in hand only here, and only after a key opened it.

public import Sealing
internal import Storage
public import VaultModel

extension LockedVault {
    /// Adds a key: the vault opens with it from now on. `key` is one that opens it already.
    /// Returns the number of the new slot.
    public borrowing func addSlot(
        for newKey: borrowing UnlockKey, openedBy key: borrowing UnlockKey,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> UInt8 {
        let opened = try slots.open(with: key)
        guard let number = try slots.freeNumber(in: store) else { throw .noFreeSlot }
        let slot = try seal(opened.root, newKey, number, parameters, time)
        try store.write { () throws(VaultError) in try put(slot) }
        store.truncateLog()
        return number
    }

    /// Puts `newKey` in the place of the slot `number`, or of the one that `key` opens if nil, in
    /// one transaction: new slot written and read back, old one deleted. Whoever has a copy of the
    /// old file still opens that copy with the old key.
    public borrowing func replaceSlot(
        _ number: UInt8?, by newKey: borrowing UnlockKey, openedBy key: borrowing UnlockKey,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) {
        let opened = try slots.open(with: key)
        let old = number ?? opened.number
        guard try store.slots().contains(where: { $0.number == old }) else {
            throw .slotMissing(old)
        }
        let new = try slots.freeNumber(in: store) ?? old
        let slot = try seal(opened.root, newKey, new, parameters, time)
        try store.write { () throws(VaultError) in
            try put(slot)
            if new != old { try store.removeSlot(old) }
        }
        store.truncateLog()
    }

    /// Removes a slot, never the last one that can be read.
    public borrowing func removeSlot(
        _ number: UInt8, openedBy key: borrowing UnlockKey
    ) throws(VaultError) {
        _ = try slots.open(with: key)
        guard try store.slots().contains(where: { $0.number == number }) else {
            throw .slotMissing(number)
        }
        guard slots.slots.contains(where: { $0.number != number }) else { throw .lastSlot }
        try store.write { () throws(VaultError) in try store.removeSlot(number) }
        store.truncateLog()
    }

    /// Seals a slot and opens it again before anything is written.
    private borrowing func seal(
        _ root: borrowing RootKey, _ key: borrowing UnlockKey, _ number: UInt8,
        _ parameters: KDFParameters, _ time: Timestamp
    ) throws(VaultError) -> KeySlot {
        let slot = try KeySlot.seal(
            root, with: key, number: number, vault: slots.vault, epoch: slots.epoch,
            parameters: parameters, created: time)
        _ = try slot.open(with: key)
        return slot
    }

    /// Writes both copies of a slot and reads them back.
    private borrowing func put(_ slot: KeySlot) throws(VaultError) {
        try store.setSlot(slot.number, slot.bytes)
        let written = try store.slots().first { $0.number == slot.number }
        guard written?.first == slot.bytes, written?.copy == slot.bytes else {
            throw .readBackDiffers
        }
    }
}

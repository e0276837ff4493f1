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
        let now = try currentSlots()
        let opened = try open(now, with: key, at: time)
        guard let number = now.freeNumber else { throw .noFreeSlot }
        let slot = try seal(opened.root, newKey, number, in: now, parameters, time)
        _ = try change(now, opened, .slotAdd(number), at: time) { () throws(VaultError) in
            try put(slot)
        }
        return number
    }

    /// Puts `newKey` in the place of the slot `number`, or of the one that `key` opens if nil, in
    /// one transaction: new slot written and read back, old one deleted. Whoever has a copy of the
    /// old file still opens that copy with the old key.
    public borrowing func replaceSlot(
        _ number: UInt8?, by newKey: borrowing UnlockKey, openedBy key: borrowing UnlockKey,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        let now = try currentSlots()
        let opened = try open(now, with: key, at: time)
        let old = number ?? opened.number
        guard now.rows.contains(where: { $0.number == old }) else { throw .slotMissing(old) }
        let new = now.freeNumber ?? old
        let slot = try seal(opened.root, newKey, new, in: now, parameters, time)
        return try change(now, opened, .slotReplace(old), at: time) { () throws(VaultError) in
            try put(slot)
            if new != old { try store.removeSlot(old) }
        }
    }

    /// Removes a slot, never the last one that can be read.
    public borrowing func removeSlot(
        _ number: UInt8, openedBy key: borrowing UnlockKey, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        let now = try currentSlots()
        let opened = try open(now, with: key, at: time)
        guard now.rows.contains(where: { $0.number == number }) else { throw .slotMissing(number) }
        guard now.slots.contains(where: { $0.number != number }) else { throw .lastSlot }
        return try change(now, opened, .slotRemove(number), at: time) { () throws(VaultError) in
            try store.removeSlot(number)
        }
    }

    /// The slots as they stand now: this vault may have been open for long.
    private borrowing func currentSlots() throws(VaultError) -> SlotSet {
        try SlotSet(of: store, at: slots.path)
    }

    /// Changes slots and the head in one transaction, and removes old ones from the log. `seen` is
    /// what the change was decided on; `.busy` if someone changed the slots while a key was
    /// derived. Slots that were changed outside before, and of which nobody was told yet, stay a
    /// surprise.
    private borrowing func change(
        _ seen: SlotSet, _ opened: borrowing OpenedSlot, _ note: AuditNote, at time: Timestamp,
        _ body: () throws(VaultError) -> Void
    ) throws(VaultError) -> OldRows {
        let (tree, log) = keepers(opened.root, seen)
        try store.write { () throws(VaultError) in
            guard try seen.isCurrent(in: store) else { throw .busy(path: seen.path) }
            try tree.begin()
            try log.begin(after: tree.head, for: .changing)
            let isKnown = watch.isKnown(seen, to: tree.head)
            try body()
            let digest = isKnown ? try currentSlots().digest : tree.head.slots
            try log.append(note, .done, at: time)
            try log.seal(at: time)
            try tree.commit(slots: digest, audit: log.tip, at: time)
        }
        let old = store.truncateLog()
        _ = anchor.remember(SeenState(head: tree.head, code: tree.headCode, tip: log.tip))
        return old
    }

    /// Seals a slot and opens it again before anything is written.
    private borrowing func seal(
        _ root: borrowing RootKey, _ key: borrowing UnlockKey, _ number: UInt8,
        in slots: SlotSet, _ parameters: KDFParameters, _ time: Timestamp
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

extension AuditNote {
    fileprivate static func slotAdd(_ number: UInt8) -> AuditNote { slot(.slotAdd, number) }
    fileprivate static func slotReplace(_ number: UInt8) -> AuditNote { slot(.slotReplace, number) }
    fileprivate static func slotRemove(_ number: UInt8) -> AuditNote { slot(.slotRemove, number) }

    private static func slot(_ operation: AuditOperation, _ number: UInt8) -> AuditNote {
        var note = AuditNote(operation)
        note.slot = number
        return note
    }
}

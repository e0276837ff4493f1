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
        let vault = try vault(of: opened.root, now, .refuse)
        var note = AuditNote(.slotAdd)
        note.slot = now.freeNumber
        let slot = try vault.entering(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            guard let number = now.freeNumber else { throw .noFreeSlot }
            return try seal(opened.root, newKey, number, in: now, parameters, time)
        }
        _ = try vault.changeSlots(note, now, at: time) { store throws(VaultError) in
            try slot.put(in: store)
        }
        return slot.number
    }

    /// The slots that can be read, as they stand now.
    public borrowing func seenSlots() throws(VaultError) -> [SeenSlot] {
        try currentSlots().slots.map {
            SeenSlot(number: $0.number, kind: $0.kind, bytes: $0.bytes)
        }
    }

    /// Puts `newKey` in the place of the slot that was `seen`, or of the one that `key` opens if
    /// nil, in one transaction: new slot written and read back, old one deleted. Whoever has a copy
    /// of the old file still opens that copy with the old key. `.slotsChanged` if the slot is
    /// another by now.
    public borrowing func replaceSlot(
        _ seen: SeenSlot?, by newKey: borrowing UnlockKey, openedBy key: borrowing UnlockKey,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        let now = try currentSlots()
        let opened = try open(now, with: key, at: time)
        let vault = try vault(of: opened.root, now, .refuse)
        let old = seen?.number ?? opened.number
        var note = AuditNote(.slotReplace)
        note.slot = old
        let slot = try vault.entering(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            try now.require(seen)
            return try seal(opened.root, newKey, now.freeNumber ?? old, in: now, parameters, time)
        }
        return try vault.changeSlots(note, now, at: time) { store throws(VaultError) in
            try slot.put(in: store)
            if slot.number != old { try store.removeSlot(old) }
        }
    }

    /// Removes a slot, never the last one that can be read.
    public borrowing func removeSlot(
        _ number: UInt8, openedBy key: borrowing UnlockKey, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        let now = try currentSlots()
        let opened = try open(now, with: key, at: time)
        let vault = try vault(of: opened.root, now, .refuse)
        var note = AuditNote(.slotRemove)
        note.slot = number
        return try vault.changeSlots(note, now, at: time) { store throws(VaultError) in
            try now.require(number)
            guard now.slots.contains(where: { $0.number != number }) else { throw .lastSlot }
            try store.removeSlot(number)
        }
    }

    /// The slots as they stand now: this vault may have been open for long.
    private borrowing func currentSlots() throws(VaultError) -> SlotSet {
        try SlotSet(of: store, at: slots.path)
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
}

extension OpenVault {
    /// Changes the slots that were `seen`, and removes old ones from the file's log.
    fileprivate func changeSlots(
        _ note: AuditNote, _ seen: SlotSet, at time: Timestamp,
        _ body: (Store) throws(VaultError) -> Void
    ) throws(VaultError) -> OldRows {
        try change(note, changing: seen, at: time) { (_: inout AuditNote) throws(VaultError) in
            try seen.mend(in: store)
            try body(store)
        }
        return store.truncateLog()
    }
}

extension SlotSet {
    fileprivate func require(_ number: UInt8) throws(VaultError) {
        guard rows.contains(where: { $0.number == number }) else { throw .slotMissing(number) }
    }

    /// What was seen must still be there, to the byte.
    fileprivate func require(_ seen: SeenSlot?) throws(VaultError) {
        guard let seen else { return }
        guard slots.contains(where: { $0.number == seen.number && $0.bytes == seen.bytes }) else {
            throw .slotsChanged(path: path)
        }
    }
}

extension KeySlot {
    /// Writes both copies and reads them back.
    func put(in store: Store) throws(VaultError) {
        try store.setSlot(number, bytes)
        let written = try store.slots().first { $0.number == number }
        guard written?.first == bytes, written?.copy == bytes else { throw .readBackDiffers }
    }
}

// Key slots that go to paper and come back.

internal import Sealing
internal import Storage
public import VaultModel

extension LockedVault {
    /// The numbered lines of a slot's sheet. They need no key and hold none.
    public borrowing func sheet(ofSlot number: UInt8) throws(VaultError) -> [String] {
        guard let slot = slots.slots.first(where: { $0.number == number }) else {
            guard slots.rows.contains(where: { $0.number == number }) else {
                throw .slotMissing(number)
            }
            throw .tampered(.slots)
        }
        return SlotSheet.lines(of: slot)
    }

    /// Puts a slot back into the vault at `path`, both of whose copies are damaged: a vault of
    /// which no slot can be read does not open otherwise. Returns its number.
    ///
    /// What is put back must belong there: the slots are then what the head says of them. While
    /// another one is damaged too that cannot be seen, and a damaged row of the slot is enough.
    public static func mendSlot(
        from sheet: String, at path: String, by caller: Caller, memory: String?, time: Timestamp
    ) throws(VaultError) -> UInt8 {
        let slot = try SlotSheet.slot(in: sheet)
        let store = try Store.open(at: path, .readWrite)
        try store.write { () throws(VaultError) in
            guard let head = try store.head().flatMap({ StateHead(parsing: $0.bytes) }) else {
                throw .tampered(.head)
            }
            guard head.vault == slot.vault, head.epoch == slot.epoch else {
                throw .unusableSheet(.otherVault)
            }
            let rows = try store.slots()
            let row = rows.first { $0.number == slot.number }
            guard ![row?.first, row?.copy].contains(where: Self.isReadable) else {
                throw .unusableSheet(.slotIntact(slot.number))
            }
            try store.setSlot(slot.number, slot.bytes)
            let digest = try SlotSet(of: store, at: path).digest
            if ConstantTime.areEqual(digest.span, head.slots.span) { return }
            guard row != nil else { throw .unusableSheet(.slotRemoved(slot.number)) }
            let isOtherDamaged = rows.contains {
                $0.number != slot.number && ![$0.first, $0.copy].contains(where: Self.isReadable)
            }
            guard isOtherDamaged else { throw .unusableSheet(.slotReplaced(slot.number)) }
        }
        let vault = try LockedVault(at: path, for: .changing, by: caller, memory: memory)
        try vault.enterMending(of: slot.number, at: time)
        return slot.number
    }

    private static func isReadable(_ bytes: [UInt8]??) -> Bool {
        guard let bytes = bytes ?? nil else { return false }
        return (try? KeySlot(parsing: bytes)) != nil
    }
}

// The key slots as they stand in the file: each read from its first copy, or from the second.

internal import Sealing
internal import Storage
internal import VaultModel

/// The readable slots of one vault, all of one vault id and epoch.
struct SlotSet: Sendable {
    /// As they were read, so that it can be seen whether someone changed them since.
    let rows: [SlotPair]
    let path: String
    let slots: [KeySlot]
    let summaries: [KeySlotSummary]
    let vault: VaultID
    let epoch: Epoch

    /// Reads every slot. Fails only if none is readable: bit rot in one must not cost the vault.
    init(of store: Store, at path: String) throws(VaultError) {
        var slots: [KeySlot] = []
        var summaries: [KeySlotSummary] = []
        var refused: FormatDefect?
        let rows = try store.slots()
        for pair in rows {
            let first = Self.parse(pair.first, number: pair.number)
            let copy = Self.parse(pair.copy, number: pair.number)
            guard let slot = first.slot ?? copy.slot else {
                refused = refused ?? first.refused ?? copy.refused
                continue
            }
            slots.append(slot)
            summaries.append(
                KeySlotSummary(
                    number: slot.number, kind: slot.kind, parameters: slot.parameters,
                    created: slot.created, hasDamagedCopy: pair.first != pair.copy))
        }
        guard let first = slots.first else {
            if let refused { throw .refusedFormat(path: path, refused) }
            throw .tampered(.slots)
        }
        guard slots.allSatisfy({ $0.vault == first.vault && $0.epoch == first.epoch }) else {
            throw .tampered(.slots)
        }
        self.rows = rows
        self.path = path
        self.slots = slots
        self.summaries = summaries
        vault = first.vault
        epoch = first.epoch
    }

    private static func parse(_ bytes: [UInt8]?, number: UInt8)
        -> (slot: KeySlot?, refused: FormatDefect?)
    {
        guard let bytes else { return (nil, nil) }
        do throws(KeySlotDefect) {
            let slot = try KeySlot(parsing: bytes)
            return slot.number == number ? (slot, nil) : (nil, nil)
        } catch {
            switch error {
            case .damaged: return (nil, nil)
            case .refused(let defect): return (nil, defect)
            }
        }
    }

    /// The root key and the number of the slot that `key` opened.
    func open(with key: borrowing UnlockKey) throws(VaultError) -> OpenedSlot {
        let kind = key.kind
        for slot in slots where slot.kind == kind {
            do throws(VaultError) {
                let root = try slot.open(with: key)
                return OpenedSlot(root: root, number: slot.number)
            } catch {
                guard error == .wrongKey else { throw error }
            }
        }
        throw .wrongKey
    }

    /// Writes each slot again of which one copy is damaged.
    func mend(in store: Store) throws(VaultError) {
        for (slot, summary) in zip(slots, summaries) where summary.hasDamagedCopy {
            try store.setSlot(slot.number, slot.bytes)
        }
    }

    /// Whether the file still holds what was read.
    func isCurrent(in store: Store) throws(VaultError) -> Bool { try store.slots() == rows }

    /// The lowest number that no readable or damaged row holds, or nil.
    var freeNumber: UInt8? {
        (0..<UInt8(KeySlotSummary.most)).first { number in
            !rows.contains { $0.number == number }
        }
    }
}

/// A root key in hand.
struct OpenedSlot: ~Copyable {
    let root: RootKey
    let number: UInt8

    consuming func takeRoot() -> RootKey { root }
}

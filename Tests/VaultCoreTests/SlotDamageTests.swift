// Slots that rotted or were edited in the file.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("damaged and edited slots")
struct SlotDamageTests {
    private func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    @Test(
        "a slot of which one copy is damaged opens, and the next change mends it (B32)",
        arguments: [
            "slot", "slot_copy",
        ])
    func oneCopy(_ table: String) throws {
        let vault = try TestVault()
        let intact = try vault.slot(0)
        try vault.damage(slot: 0, in: table)
        #expect(try vault.locked(.reading).facts().slots.map(\.hasDamagedCopy) == [true])
        #expect(try vault.opened(.reading).names() == [])
        #expect(try vault.slot(0) != intact)
        try vault.opened().capture("a", [1])
        #expect(try vault.slot(0) == intact)
        #expect(try vault.locked(.reading).facts().slots.map(\.hasDamagedCopy) == [false])
    }

    @Test("a change of the slots mends a damaged one too")
    func mendedBySlots() throws {
        let vault = try TestVault(keys: [try TestKey(), try TestKey()])
        let intact = try vault.slot(0)
        try vault.damage(slot: 0, in: "slot")
        _ = try vault.locked().removeSlot(
            1, openedBy: try vault.keys[0].unlockKey(), at: .later(1))
        #expect(try vault.slot(0) == intact)
        #expect(try vault.locked().facts().slots.map(\.hasDamagedCopy) == [false])
    }

    @Test(
        "a slot that one table lost opens, and the next change mends it (B32)",
        arguments: [
            "slot", "slot_copy",
        ])
    func lostCopy(_ table: String) throws {
        let vault = try TestVault()
        let intact = try vault.slot(0)
        try vault.tamper("DELETE FROM \(table)")
        try vault.opened().capture("a", [1])
        #expect(try vault.slot(0) == intact)
    }

    @Test("mending never brings back a slot that was replaced meanwhile")
    func mendingAfterReplacing() throws {
        let old = try TestKey()
        let vault = try TestVault(keys: [try TestKey(), old])
        try vault.damage(slot: 1, in: "slot_copy")
        let open = try vault.opened()
        do {
            let locked = try vault.locked()
            _ = try locked.removeSlot(
                1, openedBy: try vault.keys[0].unlockKey(), at: .later(1))
        }
        try open.capture("a", [1])
        #expect(try !vault.opens(with: old))
        #expect(try vault.locked().facts().slots.map(\.number) == [0])
    }

    @Test("a slot of which both copies are damaged costs that key, not the vault (B33)")
    func bothCopies() throws {
        let vault = try TestVault(keys: [try TestKey(), try TestKey()])
        for table in ["slot", "slot_copy"] { try vault.damage(slot: 0, in: table) }
        #expect(try !vault.opens(with: vault.keys[0]))
        #expect(try vault.opened(with: vault.keys[1]).names() == [])
        for table in ["slot", "slot_copy"] { try vault.damage(slot: 1, in: table) }
        #expect(throws: VaultError.tampered(.slots)) { try vault.opened(with: vault.keys[1]) }
    }

    @Test("without any slot the slots are damaged (B33)")
    func none() throws {
        let vault = try TestVault()
        try vault.tamper("DELETE FROM slot; DELETE FROM slot_copy")
        #expect(throws: VaultError.tampered(.slots)) { try vault.opened() }
    }

    @Test("a slot under another number is damaged")
    func otherNumber() throws {
        let vault = try TestVault()
        try vault.tamper("UPDATE slot SET number = 3; UPDATE slot_copy SET number = 3")
        #expect(throws: VaultError.tampered(.slots)) { try vault.opened() }
    }

    @Test("slots of two vaults, or of two epochs, do not go together")
    func mixed() throws {
        for (offset, bytes) in [(8, [UInt8](repeating: 9, count: 16)), (24, number(2))] {
            let vault = try TestVault(keys: [try TestKey(), try TestKey()])
            try vault.edit(slot: 1, at: offset, bytes)
            #expect(throws: VaultError.tampered(.slots)) { try vault.opened() }
        }
    }

    static let costs: [(Int, UInt32)] = [
        (28, 19 * 1_024 - 1), (28, 0), (28, 8), (28, 64 * 1_024 * 1_024), (28, .max), (32, 0),
        (32, 65), (32, .max), (36, 0), (36, 65), (36, 1 << 24), (36, .max), (40, 0x10), (40, 0),
    ]

    @Test(
        "cost parameters out of bounds are refused at once, without the memory (B28, B29)",
        arguments: costs)
    func costOutOfBounds(offset: Int, value: UInt32) throws {
        let vault = try TestVault(keys: [TestKey(passphrase: "p")])
        try vault.edit(slot: 0, at: offset, number(value))
        let error = VaultError.refusedFormat(path: vault.path, .kdfOutOfBounds)
        #expect(throws: error) { try vault.opened() }
        #expect(throws: error) { _ = try vault.locked() }
    }

    @Test(
        "other cost parameters within the bounds open nothing (B28)",
        arguments: [(28, UInt32(20 * 1_024)), (32, 2), (36, 2)])
    func otherCost(offset: Int, value: UInt32) throws {
        let vault = try TestVault(keys: [TestKey(passphrase: "p")])
        try vault.edit(slot: 0, at: offset, number(value))
        #expect(throws: VaultError.wrongKey) { try vault.opened() }
    }

    static let headers: [(Int, [UInt8], FormatDefect?)] = [
        (44, [0], nil), (75, [0], nil), (76, [0, 0, 0, 0, 0, 0, 0, 1], nil),
        (8, [1, 2, 3, 4], nil), (24, [0, 0, 0, 2], nil), (88, [1, 2], nil), (112, [1, 2], nil),
        (144, [1, 2], nil), (190, [1, 2], nil), (5, [1], .kdfOutOfBounds),
        (5, [2], .unknownSlotKind), (5, [0], .unknownSlotKind), (84, [0, 0, 0, 1], .unknownFlags),
        (84, [0x80, 0, 0, 0], .unknownFlags), (28, [0, 1, 0, 0], .kdfOutOfBounds),
        (6, [0, 0], .unknownSuite), (6, [0, 2], .unknownSuite), (6, [255, 255], .unknownSuite),
    ]

    @Test("a header that says something else opens nothing (A16, A17, B30)", arguments: headers)
    func header(offset: Int, bytes: [UInt8], defect: FormatDefect?) throws {
        let vault = try TestVault()
        try vault.edit(slot: 0, at: offset, bytes)
        let error = defect.map { VaultError.refusedFormat(path: vault.path, $0) } ?? .wrongKey
        #expect(throws: error) { try vault.opened() }
    }

    @Test("a passphrase slot that calls itself a raw one is refused (B30)")
    func passphraseAsRaw() throws {
        let vault = try TestVault(keys: [TestKey(passphrase: "p")])
        try vault.edit(slot: 0, at: 5, [3])
        #expect(throws: VaultError.refusedFormat(path: vault.path, .kdfOutOfBounds)) {
            try vault.opened()
        }
    }

    @Test("numbers of slots that there cannot be, and epoch 0, are damage (B30)")
    func impossible() throws {
        for (offset, bytes) in [(4, [8]), (4, [255]), (24, [0, 0, 0, 0])] as [(Int, [UInt8])] {
            let vault = try TestVault()
            try vault.edit(slot: 0, at: offset, bytes)
            #expect(throws: VaultError.tampered(.slots)) { try vault.opened() }
        }
    }

    @Test("a slot for another root key does not fit the head, and changes nothing (A34)")
    func foreignRoot() throws {
        let vault = try TestVault()
        try vault.opened().capture("a", [7])
        let attacker = try TestKey()
        let slot = try vault.slotOfAnother(number: 0, key: attacker)
        try vault.write(slot, toSlot: 0, in: ["slot", "slot_copy"])
        #expect(try !vault.opens(with: vault.keys[0]))
        let before = try vault.file.bytes()
        let error = VaultError.tampered(.head)
        #expect(throws: error) { try vault.opened(with: attacker, .reading) }
        do {
            let locked = try vault.locked()
            #expect(throws: error) {
                try locked.addSlot(
                    for: try TestKey().unlockKey(), openedBy: try attacker.unlockKey(),
                    parameters: TestKey.cheap, at: .later(1))
            }
        }
        #expect(try vault.file.bytes() == before)
    }

}

// A slot whose two copies are damaged comes back from its sheet (attack case B33).

import TestSupport
import Testing
import VaultModel

@testable import Sealing
@testable import Storage
@testable import VaultCore

@Suite("slots that come back from paper")
struct SlotMendingTests {
    private let vault: TestVault
    private let sheets: [String]

    init() throws {
        vault = try TestVault(keys: [TestKey(), TestKey()])
        try vault.opened().capture("a", [1])
        let locked = try vault.locked(.reading)
        sheets = [try Self.sheet(0, locked), try Self.sheet(1, locked)]
    }

    private static func sheet(
        _ number: UInt8, _ vault: borrowing LockedVault
    ) throws(VaultError) -> String {
        try vault.sheet(ofSlot: number).joined(separator: "\n")
    }

    private func mend(_ sheet: String) throws(VaultError) -> UInt8 {
        try LockedVault.mendSlot(
            from: sheet, at: vault.path, by: .test, memory: vault.memory, time: .later(5))
    }

    private func damage(_ slots: String) throws {
        for table in ["slot", "slot_copy"] {
            try vault.tamper("UPDATE \(table) SET bytes = randomblob(224) WHERE number IN \(slots)")
        }
    }

    @Test("a vault of which no slot can be read opens again with its keys", arguments: [0, 1])
    func allDamaged(_ first: Int) throws {
        try damage("(0, 1)")
        #expect(throws: VaultError.tampered(.slots)) { _ = try vault.locked() }
        #expect(try mend(sheets[first]) == first)
        #expect(try vault.opened(with: vault.keys[first]).value("a") == [1])
        #expect(try mend(sheets[1 - first]) == 1 - first)
        let open = try vault.opened(with: vault.keys[1 - first])
        #expect(try open.value("a") == [1])
        #expect(!open.slotsWereChanged)
        let events = try open.vault.events(.newest, of: nil, atMost: 9)
        let mended = events.filter { $0.operation == .slotMend }
        #expect(mended.map(\.detail?.slot) == [UInt8(1 - first), UInt8(first)])
        try open.capture("b", [2], at: .later(9))
    }

    @Test("one of two, while the other still opens")
    func oneDamaged() throws {
        try damage("(1)")
        #expect(try mend(sheets[1]) == 1)
        let open = try vault.opened(with: vault.keys[1])
        #expect(try open.value("a") == [1])
        #expect(!open.slotsWereChanged)
    }

    @Test("rows that are gone come back only if the head knows the slot")
    func gone() throws {
        for table in ["slot", "slot_copy"] {
            try vault.tamper("DELETE FROM \(table) WHERE number = 1")
        }
        #expect(try mend(sheets[1]) == 1)
        #expect(try vault.opened(with: vault.keys[1]).value("a") == [1])
    }

    @Test("a key that was removed does not come back")
    func removed() throws {
        _ = try vault.locked().removeSlot(
            1, openedBy: try vault.keys[0].unlockKey(), at: .later(3))
        let before = try vault.rows()
        #expect(throws: VaultError.unusableSheet(.slotRemoved(1))) { _ = try mend(sheets[1]) }
        #expect(try vault.rows() == before)
        #expect(try !vault.opens(with: vault.keys[1]))
    }

    @Test("nor does a key that was replaced, though its number is used again and damaged")
    func replaced() throws {
        var key = vault.keys[1]
        for number: UInt8 in [2, 1] {
            let next = try TestKey()
            _ = try vault.locked().replaceSlot(
                nil, by: next.unlockKey(), openedBy: key.unlockKey(), parameters: TestKey.cheap,
                at: .later(3))
            #expect(try vault.locked().facts().slots.map(\.number) == [0, number])
            key = next
        }
        let newest = try Self.sheet(1, vault.locked(.reading))
        try damage("(1)")
        let before = try vault.rows()
        #expect(throws: VaultError.unusableSheet(.slotReplaced(1))) { _ = try mend(sheets[1]) }
        #expect(try vault.rows() == before)
        #expect(try mend(newest) == 1)
        #expect(try vault.opened(with: key).value("a") == [1])
        #expect(try !vault.opens(with: vault.keys[1]))
    }

    @Test("a slot that can be read from one copy stays as it is", arguments: ["slot", "slot_copy"])
    func intact(_ table: String) throws {
        try vault.tamper("UPDATE \(table) SET bytes = randomblob(224) WHERE number = 0")
        let before = try vault.rows()
        #expect(throws: VaultError.unusableSheet(.slotIntact(0))) { _ = try mend(sheets[0]) }
        #expect(try vault.rows() == before)
    }

    @Test("another vault's sheet is refused")
    func stranger() throws {
        let other = try TestVault()
        let sheet = try Self.sheet(0, other.locked(.reading))
        try damage("(0, 1)")
        #expect(throws: VaultError.unusableSheet(.otherVault)) { _ = try mend(sheet) }
        #expect(throws: VaultError.tampered(.slots)) { _ = try vault.locked() }
    }

    @Test("there is no sheet of a slot that is not there, or is damaged")
    func none() throws {
        try damage("(1)")
        let locked = try vault.locked(.reading)
        #expect(throws: VaultError.slotMissing(5)) { _ = try Self.sheet(5, locked) }
        #expect(throws: VaultError.tampered(.slots)) { _ = try Self.sheet(1, locked) }
    }
}

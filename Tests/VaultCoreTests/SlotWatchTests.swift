// Slots that someone changed in the file: told to whoever opens the vault, then taken over.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("slots changed outside")
struct SlotWatchTests {
    /// A vault of two keys from which the first was removed in the file.
    private func vault() throws -> TestVault {
        let vault = try TestVault(keys: [try TestKey(), try TestKey()])
        try vault.opened().capture("a", [7])
        try vault.tamper("DELETE FROM slot WHERE number = 0")
        try vault.tamper("DELETE FROM slot_copy WHERE number = 0")
        return vault
    }

    private func add(_ key: TestKey, to vault: TestVault, told: Bool) throws {
        let locked = try vault.locked()
        if told {
            _ = try locked.opened(
                with: try vault.keys[1].unlockKey(), at: TestVault.created)
        }
        _ = try locked.addSlot(
            for: try key.unlockKey(), openedBy: try vault.keys[1].unlockKey(),
            parameters: TestKey.cheap, at: .later(1))
    }

    @Test("without its slot a key opens nothing; the others do, and it is said (A35)")
    func removed() throws {
        let vault = try vault()
        #expect(try !vault.opens(with: vault.keys[0]))
        for _ in 0..<2 {
            let open = try vault.opened(with: vault.keys[1], .reading)
            #expect(open.slotsWereChanged)
            #expect(try open.value("a") == [7])
        }
    }

    @Test("slots that coffer changed are no surprise, nor is a damaged copy")
    func expected() throws {
        let vault = try TestVault(keys: [try TestKey(), try TestKey()])
        #expect(try !vault.opened().slotsWereChanged)
        try add(try TestKey(), to: vault, told: false)
        #expect(try !vault.opened().slotsWereChanged)
        _ = try vault.locked().removeSlot(
            0, openedBy: try vault.keys[1].unlockKey(), at: .later(2))
        try vault.damage(slot: 1, in: "slot")
        #expect(try !vault.opened(with: vault.keys[1]).slotsWereChanged)
    }

    @Test("a slot whose two copies rotted is a slot that is gone")
    func rotten() throws {
        let vault = try TestVault(keys: [try TestKey(), try TestKey()])
        for table in ["slot", "slot_copy"] { try vault.damage(slot: 0, in: table) }
        #expect(try vault.opened(with: vault.keys[1]).slotsWereChanged)
    }

    @Test("the next change of a vault that was opened so takes them over")
    func takenOver() throws {
        let vault = try vault()
        try vault.opened(with: vault.keys[1]).capture("b", [8])
        #expect(try !vault.opened(with: vault.keys[1]).slotsWereChanged)
    }

    @Test("slots that were changed while it was open are not taken over before it is told")
    func changedWhileOpen() throws {
        let vault = try TestVault(keys: [try TestKey(), try TestKey()])
        let open = try vault.opened(with: vault.keys[1])
        try vault.tamper("DELETE FROM slot WHERE number = 0")
        try vault.tamper("DELETE FROM slot_copy WHERE number = 0")
        try open.capture("a", [7])
        #expect(try vault.opened(with: vault.keys[1]).slotsWereChanged)
    }

    @Test("others than those that it was told of are not taken over")
    func changedTwice() throws {
        let vault = try TestVault(keys: (0..<3).map { _ in try TestKey() })
        try vault.tamper("DELETE FROM slot WHERE number = 0")
        try vault.tamper("DELETE FROM slot_copy WHERE number = 0")
        let open = try vault.opened(with: vault.keys[2])
        #expect(open.slotsWereChanged)
        try vault.tamper("DELETE FROM slot WHERE number = 1")
        try vault.tamper("DELETE FROM slot_copy WHERE number = 1")
        try open.capture("a", [7])
        #expect(try vault.opened(with: vault.keys[2]).slotsWereChanged)
    }

    @Test("a change of slots takes them over only if it was told", arguments: [true, false])
    func slotChange(told: Bool) throws {
        let vault = try vault()
        let new = try TestKey()
        try add(new, to: vault, told: told)
        #expect(try vault.opened(with: new).slotsWereChanged == !told)
    }

    @Test("what another session did to the slots is no surprise to one that is open")
    func otherSession() throws {
        let vault = try vault()
        let open = try vault.opened(with: vault.keys[1])
        #expect(open.slotsWereChanged)
        try add(try TestKey(), to: vault, told: true)
        try open.capture("b", [8])
        #expect(try !vault.opened(with: vault.keys[1]).slotsWereChanged)
    }
}

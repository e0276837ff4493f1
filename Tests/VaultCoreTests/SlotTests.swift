// Keys added, replaced, removed; and never a vault that nobody can open.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("key slots")
struct SlotTests {
    private let first: TestKey
    private let vault: TestVault

    init() throws {
        first = try TestKey()
        vault = try TestVault(keys: [first])
        try vault.opened().capture("a", [7])
    }

    private func add(_ key: TestKey, in locked: borrowing LockedVault) throws(VaultError) -> UInt8 {
        try locked.addSlot(
            for: try key.unlockKey(), openedBy: try first.unlockKey(), parameters: TestKey.cheap,
            at: .later(1))
    }

    private func replace(
        _ old: TestKey, _ seen: SeenSlot? = nil, by new: TestKey, in locked: borrowing LockedVault
    ) throws(VaultError) {
        _ = try locked.replaceSlot(
            seen, by: try new.unlockKey(), openedBy: try old.unlockKey(),
            parameters: TestKey.cheap, at: .later(2))
    }

    private func remove(_ number: UInt8, in locked: borrowing LockedVault) throws(VaultError) {
        _ = try locked.removeSlot(number, openedBy: try first.unlockKey(), at: .later(3))
    }

    private func numbers() throws -> [UInt8] { try vault.locked().facts().slots.map(\.number) }

    @Test("a key that opens nothing is told so in one way; only the log counts it (B27)")
    func wrongKey() throws {
        let passphrase = TestKey(passphrase: "right")
        #expect(try add(passphrase, in: vault.locked()) == 1)
        let before = try vault.rows()
        for key in [try TestKey(), TestKey(passphrase: "wrong"), TestKey(passphrase: "right ")] {
            #expect(throws: VaultError.wrongKey) { try vault.opened(with: key) }
        }
        #expect(try vault.rows() == before)
        #expect(vault.folder.names == ["vault.db"])
        let editor = try Tamperer(vault.path)
        #expect(
            try editor.integer("SELECT count(*) FROM audit_entry WHERE operation = 18") == 1)
        #expect(try editor.integer("SELECT failures FROM audit_tip") == 2)
        editor.close()
        #expect(try vault.opened(with: passphrase).value("a") == [7])
    }

    @Test("an added key opens the vault beside the others")
    func added() throws {
        let passphrase = TestKey(passphrase: "correct horse")
        let code = try TestKey()
        #expect(try add(passphrase, in: vault.locked()) == 1)
        #expect(try add(code, in: vault.locked()) == 2)
        for key in [first, passphrase, code] {
            #expect(try vault.opened(with: key).value("a") == [7])
        }
        let summaries = try vault.locked().facts().slots
        #expect(summaries.map(\.kind) == [.rawKey, .passphrase, .rawKey])
        #expect(summaries[1].created == .later(1))
    }

    @Test("whoever has no key adds, replaces and removes none, and only the log says so")
    func strangers() throws {
        let stranger = try TestKey()
        let before = try vault.rows()
        do {
            let locked = try vault.locked()
            #expect(throws: VaultError.wrongKey) {
                try locked.addSlot(
                    for: try stranger.unlockKey(), openedBy: try stranger.unlockKey(),
                    parameters: TestKey.cheap, at: .later(1))
            }
            #expect(throws: VaultError.wrongKey) { try replace(stranger, by: first, in: locked) }
            #expect(throws: VaultError.wrongKey) {
                _ = try locked.removeSlot(0, openedBy: try stranger.unlockKey(), at: .later(3))
            }
        }
        #expect(try vault.rows() == before)
    }

    @Test("there are at most eight, and with eight one can still be replaced")
    func most() throws {
        for number in UInt8(1)...7 { #expect(try add(TestKey(), in: vault.locked()) == number) }
        #expect(throws: VaultError.noFreeSlot) { try add(TestKey(), in: vault.locked()) }
        let new = try TestKey()
        try replace(first, by: new, in: vault.locked())
        #expect(try numbers() == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(try !vault.opens(with: first))
        #expect(try vault.opened(with: new).value("a") == [7])
        #expect(throws: VaultError.noFreeSlot) {
            var vault = try NewVault(at: TestVault.created)
            for _ in 0..<9 { try vault.add(try first.unlockKey(), parameters: .none) }
        }
    }

    @Test(
        "after a change of passphrase the new one opens, the old one does not, in the file or out")
    func replaced() throws {
        let old = TestKey(passphrase: "old")
        let new = TestKey(passphrase: "new")
        let number = try add(old, in: vault.locked())
        let slot = try #require(try vault.slot(number).first)
        try replace(old, by: new, in: vault.locked())
        #expect(try !vault.opens(with: old))
        #expect(try vault.opened(with: new).value("a") == [7])
        #expect(try vault.opened(with: first).value("a") == [7])
        #expect(try numbers() == [0, 2])
        #expect(!vault.file.holds(Array(slot[88..<112]), Array(slot.suffix(24))))
    }

    @Test("a removed key opens nothing, and its slot is not in the file")
    func removed() throws {
        let other = try TestKey()
        let number = try add(other, in: vault.locked())
        let slot = try #require(try vault.slot(number).first)
        try remove(number, in: vault.locked())
        #expect(try !vault.opens(with: other))
        #expect(try numbers() == [0])
        #expect(!vault.file.holds(Array(slot[88..<112]), Array(slot.suffix(24))))
    }

    @Test("a slot that is not there is not removed")
    func missing() throws {
        #expect(throws: VaultError.slotMissing(5)) { try remove(5, in: vault.locked()) }
        #expect(try numbers() == [0])
    }

    @Test("the slot that was seen is replaced, and none that has its number by then")
    func seen() throws {
        _ = try add(TestKey(passphrase: "old"), in: vault.locked())
        let seen = try #require(try vault.locked().seenSlots().last)
        #expect(seen.number == 1 && seen.kind == .passphrase)
        try remove(1, in: vault.locked())
        #expect(throws: VaultError.slotsChanged(path: vault.path)) {
            try replace(first, seen, by: try TestKey(), in: vault.locked())
        }
        let somebodys = try TestKey()
        #expect(try add(somebodys, in: vault.locked()) == 1)
        #expect(throws: VaultError.slotsChanged(path: vault.path)) {
            try replace(first, seen, by: try TestKey(), in: vault.locked())
        }
        #expect(try vault.opens(with: somebodys))
        let now = try #require(try vault.locked().seenSlots().last)
        let new = try TestKey()
        try replace(first, now, by: new, in: vault.locked())
        #expect(try vault.opens(with: new))
        #expect(try !vault.opens(with: somebodys))
        #expect(try numbers() == [0, 2])
    }

    @Test("the last slot stays")
    func last() throws {
        #expect(throws: VaultError.lastSlot) { try remove(0, in: vault.locked()) }
        #expect(try vault.opened().value("a") == [7])
    }

    @Test("the last slot stays, also for a session that began when there were two")
    func lastOfSession() throws {
        _ = try add(try TestKey(), in: vault.locked())
        do {
            let locked = try vault.locked()
            try remove(1, in: locked)
            #expect(throws: VaultError.lastSlot) { try remove(0, in: locked) }
        }
        #expect(try vault.opened().value("a") == [7])
    }

    @Test("the last slot stays, also if another session removed the other one")
    func lastOfTwoSessions() throws {
        let other = try TestKey()
        _ = try add(other, in: vault.locked())
        let one = try vault.locked()
        let two = try vault.locked()
        try remove(1, in: one)
        #expect(throws: VaultError.lastSlot) { try remove(0, in: two) }
        #expect(try vault.opened().value("a") == [7])
    }

    @Test("a key added in one session is not replaced by one that is added in another")
    func addedTwice() throws {
        let keys = [try TestKey(), try TestKey()]
        do {
            let one = try vault.locked()
            let two = try vault.locked()
            #expect(try add(keys[0], in: one) == 1)
            #expect(try add(keys[1], in: two) == 2)
        }
        for key in keys { #expect(try vault.opened(with: key).value("a") == [7]) }
    }

    @Test("slots that change while a key is derived are not written over: try again")
    func changedMeanwhile() throws {
        let keys = [try TestKey(), try TestKey()]
        let one = try vault.locked()
        let two = try vault.locked()
        let writer = try Tamperer(vault.path)
        try writer.run("BEGIN IMMEDIATE")
        let row = Tamperer.literal(try vault.slotOfAnother(number: 1, key: keys[0]))
        let waiting = WhileWaiting(two.store.connection) {
            try? writer.run("INSERT INTO slot VALUES (1, \(row)); COMMIT")
        }
        #expect(throws: VaultError.slotsChanged(path: vault.path)) { try add(keys[1], in: two) }
        #expect(waiting.count == 1)
        #expect(try add(keys[1], in: one) == 2)
        #expect(try vault.opened(with: keys[1]).value("a") == [7])
    }

    @Test("a key that was replaced by another session changes no slots any more")
    func staleKey() throws {
        let old = TestKey(passphrase: "old")
        _ = try add(old, in: vault.locked())
        let one = try vault.locked()
        let two = try vault.locked()
        try replace(old, by: TestKey(passphrase: "new"), in: one)
        #expect(throws: VaultError.wrongKey) {
            try two.addSlot(
                for: try TestKey().unlockKey(), openedBy: try old.unlockKey(),
                parameters: TestKey.cheap, at: .later(3))
        }
    }
}

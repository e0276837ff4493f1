// What was not done is in the log too, with the secret or the slot that was meant.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("what is refused")
struct RefusalTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault(memory: true)
        try vault.opened().capture("a", [1], at: .later(1))
    }

    private func events() throws(VaultError) -> [AuditEvent] {
        try vault.opened(.reading, at: .later(500)).vault.events(.newest, of: nil, atMost: 200)
            .reversed()
    }

    private func add(_ locked: borrowing LockedVault) throws {
        _ = try locked.addSlot(
            for: try TestKey().unlockKey(), openedBy: try vault.keys[0].unlockKey(),
            parameters: TestKey.cheap, at: .later(2))
    }

    private func remove(_ number: UInt8, _ locked: borrowing LockedVault) throws(VaultError) {
        _ = try locked.removeSlot(
            number, openedBy: try vault.keys[0].unlockKey(), at: .later(3))
    }

    @Test("is entered where a change of slots is, with the slot")
    func slots() throws {
        #expect(throws: VaultError.slotMissing(5)) { try remove(5, vault.locked()) }
        #expect(throws: VaultError.lastSlot) { try remove(0, vault.locked()) }
        let gone = SeenSlot(number: 6, kind: .passphrase, bytes: [])
        #expect(throws: VaultError.slotsChanged(path: vault.path)) {
            _ = try vault.locked().replaceSlot(
                gone, by: try TestKey().unlockKey(), openedBy: try vault.keys[0].unlockKey(),
                parameters: TestKey.cheap, at: .later(2))
        }
        for _ in 1...7 { try add(vault.locked()) }
        #expect(throws: VaultError.noFreeSlot) { try add(vault.locked()) }
        let found = try events().dropFirst(2)
        #expect(
            found.map(\.operation) == [.slotRemove, .slotRemove, .slotReplace]
                + Array(repeating: .slotAdd, count: 8))
        #expect(
            found.map(\.outcome) == [.missing, .refused, .refused]
                + Array(repeating: .done, count: 7) + [.refused])
        #expect(found.map { $0.detail?.slot } == [5, 0, 6, 1, 2, 3, 4, 5, 6, 7, nil])
        let verified = try vault.locked(.reading).verifyLog(against: nil) { _, _ in }
        #expect(verified.unsealed == 0)
    }

    @Test("is entered if the slots were changed while a key was derived")
    func slotsChanged() throws {
        let locked = try vault.locked()
        let writer = try Tamperer(vault.path)
        try writer.run("BEGIN IMMEDIATE")
        let row = Tamperer.literal(try vault.slotOfAnother(number: 1, key: TestKey()))
        let waiting = WhileWaiting(locked.store.connection) {
            try? writer.run("INSERT INTO slot VALUES (1, \(row)); COMMIT")
        }
        #expect(throws: VaultError.slotsChanged(path: vault.path)) { try add(locked) }
        #expect(waiting.count == 1)
        let last = try #require(try events().last)
        #expect(last.operation == .slotAdd && last.outcome == .refused && last.detail?.slot == 1)
    }

    @Test("is a change of slots in a vault that is older than what is remembered")
    func slotsRolledBack() throws {
        let old = try vault.file.bytes()
        try vault.opened().capture("b", [2], at: .later(2))
        try vault.restore(old)
        let error = VaultError.rolledBack(.generation(found: 2, seen: 3))
        #expect(throws: error) { try add(vault.locked()) }
        #expect(throws: error) { try remove(0, vault.locked()) }
    }

    @Test("is entered for a capture, whether it is before the value is there or after")
    func captures() throws {
        let open = try vault.opened()
        let rid = try open.rid(of: "a")
        #expect(throws: VaultError.nameTaken("a")) {
            try open.vault.preflight("a", .refuse, at: .later(2))
        }
        try open.vault.preflight("a", .addVersion, at: .later(2))
        var draft = SecretDraft(name: "b")
        draft.label = String(repeating: "x", count: 1_025)
        #expect(throws: VaultError.metadataTooLong) {
            try open.capture(draft, [(.secret, [1])], at: .later(3))
        }
        let found = try events().dropFirst(2)
        #expect(found.map(\.operation) == [.capture, .capture])
        #expect(found.map(\.outcome) == [.refused, .refused])
        #expect(found.map(\.object) == [rid, nil])
        #expect(found.map { $0.detail?.name } == ["a", "b"])
    }

    @Test(
        "or damaged is entered with the secret that was meant",
        arguments: [
            "UPDATE metadata SET blob = zeroblob(length(blob))",
            "UPDATE metadata SET revision = revision + 1",
            "INSERT INTO tombstone (rid, version, epoch) SELECT rid, 1, 1 FROM metadata",
            "DELETE FROM record",
        ])
    func damaged(edit: String) throws {
        let rid = try vault.opened(.reading).rid(of: "a")
        try vault.tamper(edit)
        let open = try vault.opened()
        #expect(throws: VaultError.self) { try open.value("a", at: .later(2)) }
        #expect(throws: VaultError.self) {
            _ = try open.vault.describe("a", at: .later(2))
        }
        #expect(throws: VaultError.self) { try open.vault.remove("a", at: .later(3)) }
        let found = try events().dropFirst(2)
        #expect(found.map(\.operation) == [.read, .show, .remove])
        #expect(found.allSatisfy { $0.outcome == .damaged && $0.object == rid })
    }
}

// What else a change of slots does, as every change.
extension RefusalTests {
    @Test("a change of slots reports the glass that was broken")
    func brokenGlass() throws {
        do {
            let opened = try vault.opened(.reading).vault.fetchUnlogged(
                "a", .current, disabled: .refuse, at: .later(2))
            let isOpen = opened.secrets.contains(.secret)
            #expect(isOpen)
        }
        #expect(throws: VaultError.lastSlot) { try remove(0, vault.locked()) }
        try add(vault.locked())
        #expect(
            try events().dropFirst(2).map(\.operation) == [.breakGlass, .slotRemove, .slotAdd])
    }

    @Test("a change of slots says what kept it from being remembered, and is made")
    func obstacle() throws {
        let locked = try LockedVault(
            at: vault.path, for: .changing, by: .test, memory: "/proc/coffer")
        #expect(locked.anchorObstacle == nil)
        try add(locked)
        #expect(locked.anchorObstacle != nil)
        #expect(try vault.locked(.reading).facts().slots.count == 2)
    }
}

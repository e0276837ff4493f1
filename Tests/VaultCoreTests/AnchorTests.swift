// What a machine remembers of a vault: an older one is refused, and accepted once.

import TestSupport
import Testing
import VaultModel

@testable import Sealing
@testable import Storage
@testable import VaultCore

@Suite("the anchor")
struct AnchorTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault(memory: true)
        try vault.opened().capture("a", [1], at: .later(1))
    }

    private var memory: FileOnDisk {
        get throws {
            let id = try vault.locked(.reading).facts().vault.identifier.hexadecimal
            return FileOnDisk("\(vault.memory!)/\(id)")
        }
    }

    private func state(_ choice: RollbackChoice = .refuse) throws(VaultError) -> AnchorState {
        try vault.opened(.reading, at: .later(100), rollback: choice).vault.anchorState
    }

    @Test("fits after every kind of use, and is small")
    func fits() throws {
        #expect(try state() == .fits)
        let open = try vault.opened()
        _ = try open.value("a", at: .later(2))
        _ = try open.vault.edit("a", [.label("x")], at: .later(3))
        _ = try open.vault.purge("a", at: .later(4))
        #expect(try state() == .fits)
        _ = try vault.locked().addSlot(
            for: try TestKey().unlockKey(), openedBy: try vault.keys[0].unlockKey(),
            parameters: TestKey.cheap, at: .later(5))
        #expect(try state() == .fits)
        #expect(try memory.bytes().count == 219)
    }

    @Test("refuses the whole file as it was, takes it once if told so, and logs that (A14)")
    func rolledBack() throws {
        let old = try vault.file.bytes()
        for number: UInt8 in 2...3 { try vault.opened().capture("a", [number], .addVersion) }
        try vault.restore(old)
        let error = VaultError.rolledBack(.generation(found: 2, seen: 4))
        #expect(throws: error) { try state() }
        #expect(throws: error) { try vault.locked(.reading).verifyLog(against: nil) { _, _ in } }
        #expect(
            try state(.accept) == .accepted(.generation(found: 2, seen: 4)))
        #expect(try state() == .fits)
        let open = try vault.opened(.reading)
        #expect(try open.value("a") == [1])
        let events = try open.vault.events(.newest, of: nil, atMost: 8)
        let accepted = try #require(events.first { $0.operation == .acceptRollback })
        #expect(accepted.detail?.count == 2)
    }

    @Test("refuses a vault whose log lost reads that were sealed")
    func lostReads() throws {
        let old = try vault.file.bytes()
        _ = try vault.opened(.reading, at: .later(60)).value("a", at: .later(60))
        try vault.restore(old)
        #expect(throws: VaultError.rolledBack(.entries(found: 2, seen: 3))) { try state() }
    }

    @Test("never goes back: a session that ends late leaves what others saw since")
    func monotonic() throws {
        do {
            let late = try vault.opened(.reading, at: .later(60))
            _ = try late.value("a", at: .later(60))
            for number: UInt8 in 2...4 { try vault.opened().capture("a", [number], .addVersion) }
        }
        let anchor = try #require(Anchor(parsing: try memory.bytes()))
        #expect(anchor.generation == 5)
        #expect(try state() == .fits)
    }

    @Test("refuses a vault that went on from an older copy")
    func forked() throws {
        let old = try vault.file.bytes()
        try vault.opened().capture("a", [2], .addVersion)
        let seen = try memory.bytes()
        try vault.restore(old)
        try memory.remove()
        for number: UInt8 in 5...7 { try vault.opened().capture("a", [number], .addVersion) }
        try memory.write(seen)
        #expect(throws: VaultError.rolledBack(.forked)) { try state() }
    }

    @Test("that is gone or damaged says so, and comes back (A15)", arguments: [true, false])
    func absent(gone: Bool) throws {
        if gone { try memory.remove() } else { try memory.write([7], at: 30) }
        #expect(try state() == (gone ? .absent(generation: 2) : .damaged(generation: 2)))
        try vault.opened().capture("b", [1])
        #expect(try state() == .fits)
    }

    @Test("moves on under a session that is open, which then releases nothing, and loses no value")
    func meanwhile() throws {
        let old = (file: try vault.file.bytes(), memory: try memory.bytes())
        try vault.opened().capture("b", [2], at: .later(2))
        let newer = try memory.bytes()
        try vault.restore(old.file)
        try memory.write(old.memory)
        let open = try vault.opened(at: .later(3))
        try memory.write(newer)
        let error = VaultError.rolledBack(.generation(found: 2, seen: 3))
        #expect(throws: error) { try open.value("a", at: .later(4)) }
        try open.capture("c", [3], at: .later(4))
        #expect(open.vault.anchor.obstacle == error)
        #expect(try memory.bytes() == newer)
        #expect(throws: VaultError.rolledBack(.forked)) { try open.value("c", at: .later(5)) }
    }

    @Test("moves on under a rotation, whose value is stored all the same")
    func meanwhileRotated() throws {
        let begun = try vault.opened().vault.beginRotation("a", .dual, grace: 1, at: .later(2))
        let intended = try #require(begun.rotation)
        var next = intended
        (next.state, next.attempts) = (.creating, 1)
        let creating = try #require(
            try vault.opened().vault.advanceRotation(
                "a", from: intended, to: next, at: .later(3)
            ).rotation)
        let old = (file: try vault.file.bytes(), memory: try memory.bytes())
        try vault.opened().capture("b", [2], at: .later(4))
        let newer = try memory.bytes()
        try vault.restore(old.file)
        try memory.write(old.memory)
        let open = try vault.opened(at: .later(5))
        try memory.write(newer)
        #expect(throws: VaultError.rolledBack(.generation(found: 4, seen: 5))) {
            try open.vault.advanceRotation("a", from: creating, to: creating, at: .later(6))
        }
        let value = RotatedValue(name: "a", seen: creating)
        let receipt = try open.vault.storeRotated(
            value, secretFields([(.secret, [9])]), at: .later(7))
        #expect(receipt.isAwaited)
        let again = try vault.opened(at: .later(8), rollback: .accept)
        #expect(try again.value("a", .pending) == [9])
        #expect(try again.vault.describe("a", at: .later(9)).rotation?.state == .pending)
    }

    @Test("stays when an older state is accepted and that cannot be entered")
    func acceptanceThatFails() throws {
        let old = try vault.file.bytes()
        for number: UInt8 in 2...3 { try vault.opened().capture("a", [number], .addVersion) }
        let seen = try memory.bytes()
        try vault.restore(old)
        let other = try Tamperer(vault.path)
        try other.run("BEGIN IMMEDIATE")
        #expect(throws: VaultError.busy(path: vault.path)) {
            try vault.opened(rollback: .accept)
        }
        #expect(try memory.bytes() == seen)
        try other.run("ROLLBACK")
        #expect(throws: VaultError.self) { try state() }
        _ = try vault.opened(rollback: .accept)
        #expect(try state() == .fits)
    }

    @Test("remembers no first key of the log that was planted where there was none to hold it to")
    func plantedFirstKey() throws {
        for number: UInt64 in 1...3 {
            _ = try vault.opened(.reading, at: .later(number * 10)).value(
                "a", at: .later(number * 10))
        }
        let key = Tamperer.literal(
            try Tamperer(vault.path).blob("SELECT first_key FROM audit_tip"))
        try vault.tamper("UPDATE audit_tip SET first_key = zeroblob(32)")
        try memory.remove()
        let locked = try vault.locked()
        do {
            let open = OpenedVault(
                try locked.opened(with: try vault.keys[0].unlockKey(), at: .later(100)))
            #expect(open.vault.anchorState == .absent(generation: 2))
            #expect(try open.value("a", at: .later(100)) == [1])
            try open.capture("b", [2], at: .later(101))
        }
        #expect(locked.anchorObstacle == .logBroken(at: 0, .link))
        #expect(try !memory.exists)
        try vault.tamper("UPDATE audit_tip SET first_key = \(key)")
        try vault.opened().capture("c", [3], at: .later(102))
        #expect(try state() == .fits)
    }

    @Test("of a log that is too long to walk has no first key, and still knows what is older")
    func longLog() throws {
        do {
            let open = try vault.opened()
            for number: UInt64 in 1...1_100 { _ = try open.value("a", at: .later(number)) }
            try open.capture("b", [2], at: .later(1_101))
        }
        try memory.remove()
        let old = try vault.file.bytes()
        try vault.opened().capture("c", [3], at: .later(1_102))
        let anchor = try #require(Anchor(parsing: try memory.bytes()))
        #expect(anchor.firstKey == [UInt8](repeating: 0, count: 32))
        #expect(try state() == .fits)
        try vault.opened().capture("d", [4], at: .later(1_103))
        #expect(try #require(Anchor(parsing: try memory.bytes())).generation == 5)
        try vault.restore(old)
        #expect(throws: VaultError.rolledBack(.generation(found: 3, seen: 5))) { try state() }
    }

    @Test("that others could have written is refused, and its link is not followed")
    func foreign() throws {
        try memory.setMode(0o644)
        #expect(throws: VaultError.self) { try state() }
        let target = vault.folder.file("target")
        try FileOnDisk(target).write([1, 2, 3])
        try memory.remove()
        try memory.makeLink(to: target)
        #expect(throws: VaultError.self) { try state() }
        #expect(try FileOnDisk(target).bytes() == [1, 2, 3])
    }

    @Test("reads back exactly what it writes, and nothing of which a byte is another")
    func coding() throws {
        let bytes = try memory.bytes()
        let anchor = try #require(Anchor(parsing: bytes))
        #expect(anchor.bytes == bytes)
        for place in bytes.indices {
            var edited = bytes
            edited[place] ^= 1
            #expect(Anchor(parsing: edited) == nil)
        }
        #expect(Anchor(parsing: Array(bytes.dropLast())) == nil)
        #expect(Anchor(parsing: bytes + [0]) == nil)
    }
}

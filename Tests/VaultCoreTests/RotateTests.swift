// A rotation in the vault: what each step does to the versions, what is refused meanwhile, and what
// is on disk when the process ends between two steps.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("a rotation in the vault")
struct RotateTests {
    @Test("moves versions, their public fields and expiry, each step with an entry in the log")
    func whole() throws {
        let rotated = try Rotated()
        try rotated.go(to: .creating)
        #expect(try rotated.states() == [.current])
        let receipt = try rotated.store()
        #expect(receipt.isAwaited && receipt.receipt.version.number == 2)
        #expect(receipt.receipt.version.ownFields == ["key_id": .text("B")])
        try rotated.reopen()
        #expect(try rotated.journal.state == .pending && rotated.journal.new == 2)
        #expect(try rotated.states() == [.current, .pending])
        #expect(try rotated.value(.current) == [1] && rotated.value(.pending) == [2])
        #expect(try rotated.metadata.fields["key_id"] == "A")
        #expect(try rotated.metadata.expires == .later(5_000))
        try rotated.advance(to: .verified)
        try rotated.advance(to: .promoted) { $0.waiting = Rotated.clock }
        try rotated.reopen()
        #expect(try rotated.states() == [.previous, .current])
        #expect(try rotated.value(.current) == [2] && rotated.value(.previous) == [1])
        let metadata = try rotated.metadata
        #expect(metadata.fields == ["key_id": "B", "account": "7"])
        #expect(metadata.fields(of: metadata.versions[0]) == ["key_id": "A", "account": "7"])
        #expect(metadata.expires == .later(9_000))
        #expect(metadata.rotation?.expires == .later(5_000))
        try rotated.advance(to: .deactivated)
        try rotated.advance(to: .revoked)
        try rotated.advance(to: .retired)
        #expect(try rotated.states() == [.retired, .current])
        #expect(
            try rotated.operations()
                == [
                    .capture, .rotate, .rotateStep, .rotateStore, .rotateStep, .promote,
                    .rotateStep, .rotateStep, .retire,
                ])
        #expect(
            try rotated.vault.locked().verifyLog(against: nil, progress: { _, _ in }).entries > 9)
        _ = try rotated.open.vault.verifyRows { _, _ in }
        // The next one knows what the last one left.
        #expect(try rotated.begin().rotation?.old == 2)
    }

    @Test("goes back: the old version is current again, with its fields and expiry")
    func back() throws {
        let rotated = try Rotated()
        try rotated.go(to: .promoted)
        try rotated.advance(to: .restoring) { $0.end = .asked }
        #expect(try rotated.value(.current) == [2])
        try rotated.advance(to: .abandoning)
        #expect(try rotated.states() == [.current, .previous])
        #expect(try rotated.value(.current) == [1])
        #expect(try rotated.metadata.fields["key_id"] == "A")
        #expect(try rotated.metadata.expires == .later(5_000))
        try rotated.advance(to: .abandoned)
        #expect(try rotated.states() == [.current, .retired])
        let metadata = try rotated.metadata
        #expect(metadata.fields(of: metadata.versions[1])["key_id"] == "B")
        #expect(try rotated.operations().suffix(3) == [.rotateStep, .rollBack, .rotateAbandon])
    }

    @Test("that is abandoned retires what was never used, but not what was exchanged in place")
    func abandoned() throws {
        let dual = try Rotated()
        try dual.go(to: .pending)
        try dual.advance(to: .abandoning) { $0.end = .asked }
        #expect(try dual.states() == [.current, .pending])
        try dual.advance(to: .abandoned)
        #expect(try dual.states() == [.current, .retired])
        let exchanged = try Rotated()
        try exchanged.go(to: .pending, .inPlace)
        try exchanged.advance(to: .abandoned) { $0.end = .asked }
        #expect(try exchanged.states() == [.current, .pending])
        _ = try exchanged.open.vault.accept(exchanged.name, nil, at: exchanged.time)
        #expect(try exchanged.value(.current) == [2])
    }

    @Test("is refused a second time, but when the first is over")
    func second() throws {
        let rotated = try Rotated()
        try rotated.begin()
        #expect(throws: VaultError.rotationRunning(rotated.name)) { try rotated.begin() }
        try rotated.reopen()
        #expect(throws: VaultError.rotationRunning(rotated.name)) { try rotated.begin() }
        try rotated.advance(to: .abandoned) {
            $0.end = .full
            $0.strays = [KeyID("x")!]
        }
        let begun = try rotated.begin(.guided)
        #expect(begun.rotation?.state == .intended && begun.rotation?.mode == .guided)
        #expect(begun.rotation?.strays == [KeyID("x")!])
        #expect(
            try rotated.open.vault.describe(rotated.name, at: .later(1)).rotation == begun.rotation)
    }

    @Test("is refused where there is nothing to rotate")
    func unfit() throws {
        let rotated = try Rotated()
        let vault = rotated.open
        let (none, name): (SecretName, SecretName) = ("none", rotated.name)
        #expect(throws: VaultError.secretMissing(none)) {
            try vault.vault.beginRotation(none, .dual, grace: 1, at: .later(1))
        }
        #expect(throws: VaultError.rotationUnfit(name)) {
            try vault.vault.beginRotation(
                name, .dual, grace: RotationJournal.longestGrace + 1, at: .later(1))
        }
        _ = try vault.vault.edit(name, [.managedElsewhere(true)], at: .later(1))
        #expect(throws: VaultError.managedElsewhere(name)) { try rotated.begin() }
        #expect(throws: VaultError.managedElsewhere(name)) {
            try vault.vault.rollBack(name, .init(current: 1, previous: 2), at: .later(1))
        }
        _ = try vault.vault.edit(name, [.managedElsewhere(false)], at: .later(1))
        try vault.vault.remove(name, at: .later(2))
        #expect(throws: VaultError.removed(name)) { try rotated.begin() }
    }

    @Test("takes no step that was decided on another journal, or that does not follow")
    func steps() throws {
        let rotated = try Rotated()
        try rotated.begin()
        let intended = try rotated.journal
        var creating = intended
        (creating.state, creating.attempts) = (.creating, 1)
        let other = try rotated.vault.opened()
        _ = try other.vault.advanceRotation(
            rotated.name, from: intended, to: creating, at: .later(9))
        let before = try rotated.journal
        #expect(throws: VaultError.rotationMoved(rotated.name)) {
            try rotated.open.vault.advanceRotation(
                rotated.name, from: intended, to: creating, at: .later(9))
        }
        for state in RotationState.allCases
        where state != .creating && !RotationState.creating.following.contains(state) {
            #expect(throws: VaultError.rotationUnfit(rotated.name), "\(state)") {
                try rotated.advance(to: state)
            }
        }
        // Never without the value.
        #expect(throws: VaultError.rotationUnfit(rotated.name)) {
            try rotated.advance(to: .pending) { $0.new = 2 }
        }
        #expect(try rotated.journal == before)
        #expect(try rotated.states() == [.current])
    }

    @Test("stores a value whatever became of the journal, and says whether it was waited for")
    func late() throws {
        let rotated = try Rotated()
        try rotated.go(to: .creating)
        let first = try rotated.journal
        // Another process goes on, and makes a key of its own.
        try rotated.advance(to: .searching)
        try rotated.advance(to: .creating) { $0.attempts = 2 }
        #expect(try rotated.store("B", [2], seen: first).isAwaited == false)
        #expect(try rotated.journal.state == .creating && rotated.journal.new == nil)
        #expect(try rotated.store("C", [3]).isAwaited)
        #expect(try rotated.journal.new == 3)
        #expect(try rotated.store("D", [4], seen: first).isAwaited == false)
        #expect(try rotated.states() == [.current, .pending, .pending, .pending])
        let metadata = try rotated.metadata
        #expect(
            metadata.versions.map { metadata.fields(of: $0)["key_id"] } == ["A", "B", "C", "D"])
        try rotated.advance(to: .verified)
        try rotated.advance(to: .promoted) { $0.waiting = Rotated.clock }
        #expect(try rotated.value(.current) == [3])
        #expect(try rotated.value(.number(2)) == [2])
        // Over, it is stored all the same.
        try rotated.advance(to: .retired)
        #expect(try rotated.store("E", [5], seen: first).isAwaited == false)
        #expect(try rotated.value(.number(5)) == [5])
        #expect(try rotated.journal.state == .retired)
    }

    @Test("that finds no place for its value says so, changes nothing, and takes it afterwards")
    func full() throws {
        let rotated = try Rotated()
        try rotated.go(to: .creating)
        let before = try rotated.journal
        let pages = try rotated.open.connection.integer("PRAGMA page_count")
        try rotated.open.connection.run("PRAGMA max_page_count=\(pages)")
        let value = [UInt8](repeating: 7, count: 100_000)
        #expect(throws: VaultError.diskFull(path: rotated.vault.path)) {
            try rotated.store("B", value)
        }
        try rotated.reopen()
        #expect(try rotated.journal == before)
        #expect(try rotated.states() == [.current])
        #expect(try rotated.value(.current) == [1])
        #expect(try rotated.store("B", value).isAwaited)
        #expect(try rotated.value(.pending) == value)
    }

    @Test("takes no value that nobody could open, and none that is none")
    func values() throws {
        let rotated = try Rotated()
        try rotated.go(to: .creating)
        #expect(throws: VaultError.valueEmpty) { try rotated.store("B", []) }
        let long = String(repeating: "i", count: Metadata.longestField + 1)
        #expect(throws: VaultError.metadataTooLong) { try rotated.store(long) }
        #expect(try rotated.journal.state == .creating)
    }

    @Test("keeps from happening what would forget a key, or decide which version is in use")
    func meanwhile() throws {
        let rotated = try Rotated()
        let (name, vault) = (rotated.name, rotated.open)
        try rotated.go(to: .pending)
        let running = VaultError.rotationRunning(name)
        #expect(throws: running) { try vault.vault.remove(name, at: .later(50)) }
        #expect(throws: running) { try vault.vault.purge(name, at: .later(50)) }
        #expect(throws: running) { try vault.vault.rename(name, to: "b", at: .later(50)) }
        #expect(throws: running) { try vault.capture(name, [9], .addVersion) }
        #expect(throws: running) { try vault.vault.preflight(name, .addVersion, at: .later(50)) }
        #expect(throws: running) { try vault.vault.accept(name, nil, at: .later(50)) }
        #expect(throws: running) { try vault.vault.discard(name, 2, at: .later(50)) }
        #expect(throws: running) {
            try vault.vault.rollBack(name, .init(current: 1, previous: 2), at: .later(50))
        }
        #expect(throws: running) {
            try vault.vault.importing(at: .later(50)) { () throws(VaultError) -> Int in
                try vault.vault.storeInBatch(
                    SecretDraft(name: "aws/ci"), secretFields([(.secret, [9])]), .addVersion,
                    at: .later(50))
                return 1
            }
        }
        #expect(try rotated.states() == [.current, .pending])
        // What does neither, goes on.
        _ = try vault.vault.edit(name, [.label("x"), .status(.disabled)], at: .later(51))
        _ = try vault.vault.edit(name, [.status(.enabled)], at: .later(51))
        _ = try rotated.vault.locked().deposit(
            SecretDraft(name: name), secretFields([(.secret, [8])]), at: .later(52))
        _ = try vault.vault.drainInbox(thoroughly: true, at: .later(53))
        #expect(try rotated.states() == [.current, .pending, .pending])
        _ = try vault.vault.discard(name, 3, at: .later(54))
        #expect(try rotated.journal.state == .pending)
        try rotated.vault.rekey()
        try rotated.reopen()
        #expect(try rotated.journal.state == .pending)
        try rotated.advance(to: .verified)
        try rotated.advance(to: .promoted) { $0.waiting = Rotated.clock }
        #expect(try rotated.value(.current) == [2])
    }

    @Test("is over before anything else is done to its secret")
    func afterwards() throws {
        let rotated = try Rotated()
        try rotated.go(to: .retired)
        let (name, vault) = (rotated.name, rotated.open)
        try vault.capture(name, [9], .addVersion)
        #expect(try rotated.states() == [.retired, .previous, .current])
        _ = try vault.vault.rename(name, to: "b", at: .later(50))
        #expect(try vault.vault.describe("b", at: .later(51)).rotation?.state == .retired)
        try vault.vault.remove("b", at: .later(52))
        _ = try vault.vault.purge("b", at: .later(53))
        #expect(throws: VaultError.secretMissing("b")) {
            try vault.vault.describe("b", at: .later(54))
        }
    }
}

@Suite("the versions of a secret")
struct RollbackTests {
    @Test("go back and forth, with their public fields")
    func rollBack() throws {
        let open = try TestVault().opened()
        let name: SecretName = "a"
        for number in 1...3 as ClosedRange<UInt8> {
            var draft = SecretDraft(name: name)
            draft.fields = ["key_id": "\(number)"]
            draft.expires = .later(UInt64(number) * 1_000)
            try open.capture(draft, [(.secret, [number])], .addVersion, at: .later(UInt64(number)))
        }
        let swap = VersionSwap(current: 3, previous: 2)
        #expect(try open.vault.describe(name, at: .later(9)).swap == swap)
        let back = try open.vault.rollBack(name, swap, at: .later(10))
        #expect(back.versions.map(\.state) == [.retired, .current, .previous])
        #expect(back.fields["key_id"] == "2" && back.expires == nil)
        #expect(try open.value(name) == [2] && open.value(name, .previous) == [3])
        // Whoever looked before that does not undo it.
        #expect(throws: VaultError.rotationMoved(name)) {
            try open.vault.rollBack(name, swap, at: .later(11))
        }
        let forth = try open.vault.rollBack(
            name, VersionSwap(current: 2, previous: 3), at: .later(11))
        #expect(forth.versions.map(\.state) == [.retired, .previous, .current])
        #expect(forth.fields["key_id"] == "3")
        #expect(forth.fields(of: forth.versions[0])["key_id"] == "1")
        _ = try open.vault.verifyRows { _, _ in }
    }

    @Test("do not go back to what is not there or does not open")
    func refused() throws {
        let vault = try TestVault()
        let open = try vault.opened()
        let swap = VersionSwap(current: 2, previous: 1)
        try open.capture("a", [1])
        #expect(throws: VaultError.versionMissing("a", .previous)) {
            try open.vault.rollBack("a", swap, at: .later(1))
        }
        #expect(throws: VaultError.secretMissing("b")) {
            try open.vault.rollBack("b", swap, at: .later(1))
        }
        try open.capture("a", [2], .addVersion)
        let row = try open.records(of: "a")
        try vault.tamper(
            "UPDATE record SET blob = randomblob(length(blob)) WHERE \(row) AND version = 1")
        let again = try vault.opened()
        #expect(throws: VaultError.tampered(.record("a", version: 1))) {
            try again.vault.rollBack("a", swap, at: .later(2))
        }
        #expect(try again.value("a") == [2])
    }

    @Test("have a history, as far as the log has entries of their own")
    func history() throws {
        let rotated = try Rotated()
        try rotated.go(to: .promoted)
        for _ in 0..<300 { _ = try rotated.value(.current) }
        try rotated.advance(to: .retired)
        let history = try rotated.open.vault.history(of: rotated.name, at: rotated.time)
        #expect(history.metadata.versions.map(\.state) == [.retired, .current])
        #expect(
            history.moves.map(\.operation)
                == [.capture, .rotate, .rotateStore, .promote, .retire])
        #expect(history.moves.map(\.version) == [1, 1, 2, 2, 1])
        #expect(history.moves.map(\.time) == history.moves.map(\.time).sorted())
        #expect(throws: VaultError.secretMissing("none")) {
            try rotated.open.vault.history(of: "none", at: .later(1))
        }
    }
}

// A new root key for everything: what is stored stays, what could open it before does not.

import Sealing
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("a rekey")
struct RekeyTests {
    private let name: SecretName = "a/one"

    /// Two slots, three secrets, one of them with two versions and several fields, one purged.
    private func vault() throws -> TestVault {
        let vault = try TestVault(keys: [TestKey(), TestKey()], memory: true)
        let open = try vault.opened()
        try open.capture(name, [1])
        try open.capture(name, [2, 2], .addVersion)
        var draft = SecretDraft(name: "two")
        draft.label = "two fields"
        try open.capture(draft, [("x", [3]), ("y", [4])])
        try open.capture("gone", [5])
        _ = try open.vault.purge("gone", at: .later(1))
        return vault
    }

    @discardableResult
    private func rekey(_ vault: TestVault) throws -> Epoch {
        try vault.rekey().epoch
    }

    private func expectAll(_ vault: TestVault) throws {
        let open = try vault.opened()
        #expect(try open.names() == ["a/one", "two"])
        #expect(try open.value(name) == [2, 2])
        #expect(try open.value(name, .previous) == [1])
        #expect(try open.value("two", field: "y") == [4])
        #expect(try open.listed()[1].label == "two fields")
        _ = try open.vault.verifyRows { _, _ in }
        _ = try vault.locked().verifyLog(against: nil) { _, _ in }
    }

    @Test("keeps every secret, version and tombstone, again and again")
    func keeps() throws {
        let vault = try vault()
        for number in UInt32(2)...4 {
            #expect(try rekey(vault) == Epoch(number))
            try expectAll(vault)
        }
        let open = try vault.opened()
        try open.capture("three", [6])
        #expect(try open.value("three") == [6])
    }

    @Test("leaves the key that was used, and no other")
    func slots() throws {
        let vault = try vault()
        #expect(try vault.opens(with: vault.keys[1]))
        try rekey(vault)
        #expect(try !vault.opens(with: vault.keys[1]))
        #expect(try vault.locked().facts().slots.map(\.number) == [0])
    }

    @Test("leaves no sealed byte of before in the file or its log")
    func ciphertext() throws {
        let vault = try vault()
        let store = try vault.locked().store
        var before: [[UInt8]] = []
        try store.forEachBlob { before.append($0.blob) }
        try store.forEachMetadata { before.append($0.blob) }
        before += try store.slots().compactMap(\.first)
        try rekey(vault)
        let now = try vault.file.bytes()
        for blob in before {
            // The salt and the commitment: what is behind a slot's header likewise.
            let sample = blob.count == 224 ? blob.suffix(80) : blob.prefix(48)
            #expect(!contains(now, Array(sample)))
        }
        #expect(try FileOnDisk(vault.path + "-wal").bytes().isEmpty)
    }

    private func contains(_ bytes: [UInt8], _ sample: [UInt8]) -> Bool {
        var from = bytes.startIndex
        while let start = bytes[from...].firstIndex(of: sample[0]) {
            if bytes[start...].starts(with: sample) { return true }
            from = start + 1
        }
        return false
    }

    @Test("is noticed by whoever has the vault open: nothing is written under the old key")
    func stale() throws {
        let vault = try vault()
        let open = try vault.opened()
        #expect(try open.value(name) == [2, 2])
        try rekey(vault)
        let error = VaultError.rekeyed(path: vault.path)
        #expect(throws: error) { try open.value(name) }
        #expect(throws: error) { try open.capture("three", [6]) }
        #expect(throws: error) { try open.names() }
        // A value that cannot be stored any more is still sealed for this vault.
        let address = open.vault.depositAddress
        let sealed = try SealedDeposit.seal(
            SecretDraft(name: "late"), secretFields([(.secret, [9])]), to: address, at: .later(3))
        #expect(try vault.opened().vault.opens(sealed))
        #expect(throws: error) { try open.vault.preflight("three", .refuse, at: .later(3)) }
        try expectAll(vault)
    }

    @Test(
        "changes nothing if a row is damaged, gone or put back",
        arguments: [
            "UPDATE record SET blob = CAST(zeroblob(length(blob)) AS BLOB) WHERE id = 2",
            "UPDATE metadata SET blob = CAST(zeroblob(length(blob)) AS BLOB) WHERE sid = 1",
            "DELETE FROM record WHERE id = 1", "DELETE FROM tombstone",
            "UPDATE record SET state = 4 WHERE id = 1", "UPDATE metadata SET revision = 9",
        ])
    func damaged(sql: String) throws {
        let vault = try vault()
        try vault.tamper(sql)
        let before = try vault.rows()
        #expect(throws: VaultError.self) { try rekey(vault) }
        #expect(try vault.rows() == before)
        #expect(try vault.opens(with: vault.keys[1]))
    }

    @Test("keeps the log readable, and opens what was deposited before")
    func before() throws {
        let vault = try vault()
        let sealed = try SealedDeposit.seal(
            SecretDraft(name: "late"), secretFields([(.secret, [9])]),
            to: vault.locked().depositAddress(), at: .later(1))
        try rekey(vault)
        try rekey(vault)
        let open = try vault.opened()
        let events = try open.vault.events(.from(0), of: nil, atMost: 100)
        #expect(events.prefix(2).map(\.operation) == [.initialise, .capture])
        #expect(events[1].detail?.name == name)
        #expect(events.map(\.operation).filter { $0 == .rekey }.count == 2)
        _ = try vault.locked().lay(sealed, at: .later(3))
        let notices = try open.vault.drainInbox(thoroughly: true, at: .later(3))
        #expect(notices == [.taken(sealed.id, "late", version: 1, wanted: "late")])
        #expect(try open.value("late", .pending) == [9])
        let now = try vault.locked().depositAddress()
        #expect(now.epoch == Epoch(3))
    }

    @Test("makes an older copy of the file a rollback")
    func rollback() throws {
        let vault = try vault()
        let before = try vault.file.bytes()
        try rekey(vault)
        try vault.restore(before)
        let error = #expect(throws: VaultError.self) { try vault.opened() }
        guard case .rolledBack = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

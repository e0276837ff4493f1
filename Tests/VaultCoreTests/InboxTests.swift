// The inbox: what is laid into a locked vault, and what becomes of it.

import Sealing
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("the inbox")
struct InboxTests {
    private let name: SecretName = "db/root"

    private func vault() throws -> TestVault { try TestVault(memory: true) }

    @discardableResult
    private func deposit(
        _ vault: TestVault, _ draft: SecretDraft, _ value: [UInt8] = [7]
    ) throws -> DepositReceipt {
        try vault.locked().deposit(draft, secretFields([(.secret, value)]), at: .later(1))
    }

    @discardableResult
    private func deposit(_ vault: TestVault, _ value: [UInt8] = [7]) throws -> DepositReceipt {
        try deposit(vault, SecretDraft(name: name), value)
    }

    private func drain(_ open: OpenedVault) throws -> [DepositNotice] {
        try open.vault.drainInbox(thoroughly: true, at: .later(2))
    }

    @Test("gives what was laid into it as pending versions, in their order")
    func drained() throws {
        let vault = try vault()
        let receipts = try [[1], [2, 0]].map { try deposit(vault, $0) }
        #expect(try vault.locked().waitingDeposits().map(\.id) == receipts.map(\.id))
        let open = try vault.opened()
        #expect(
            try drain(open)
                == [
                    .taken(receipts[0].id, name, version: 1, wanted: name),
                    .taken(receipts[1].id, name, version: 2, wanted: name),
                ])
        #expect(try open.value(name, .number(1)) == [1])
        #expect(try open.value(name, .pending) == [2, 0])
        #expect(throws: VaultError.versionMissing(name, .current)) { try open.value(name) }
        #expect(try drain(open) == [])
        #expect(try vault.locked().waitingDeposits() == [])
    }

    @Test("replaces nothing: the current version stays until a pending one is accepted")
    func accepting() throws {
        let vault = try vault()
        try vault.opened().capture(name, [1])
        try deposit(vault, [2])
        let open = try vault.opened()
        _ = try drain(open)
        #expect(try open.value(name) == [1])
        let accepted = try open.vault.accept(name, nil, at: .later(3))
        #expect(accepted.receipt.metadata.versions.map(\.state) == [.previous, .current])
        #expect(try open.value(name) == [2])
        #expect(try open.value(name, .previous) == [1])
        #expect(throws: VaultError.versionNotPending(name)) {
            _ = try open.vault.accept(name, 1, at: .later(3))
        }
        #expect(throws: VaultError.versionNotPending(name)) {
            _ = try open.vault.accept(name, nil, at: .later(3))
        }
        _ = try open.vault.verifyRows { _, _ in }
    }

    @Test("puts beside a secret what says something else of it, and what cannot have its name")
    func beside() throws {
        let vault = try vault()
        let open = try vault.opened()
        try open.capture(name, [1])
        try open.capture("gone", [1])
        try open.vault.remove("gone", at: .later(1))
        var other = SecretDraft(name: name)
        other.fields = ["owner": "dba"]
        try deposit(vault, other, [2])
        try deposit(vault, SecretDraft(name: "gone"), [3])
        let names = try drain(open).map { notice in
            guard case .taken(_, let name, version: 1, wanted: _) = notice else { return "?" }
            return name.text
        }
        #expect(names == ["db/root+2", "gone+2"])
        #expect(try open.value("db/root+2", .pending) == [2])
        #expect(try open.value(name) == [1])
    }

    @Test("takes the largest value, and refuses a larger one before it is sealed")
    func sizes() throws {
        let vault = try vault()
        let largest = [UInt8](repeating: 5, count: Keyring.longestValue)
        try deposit(vault, largest)
        let open = try vault.opened()
        #expect(try drain(open).count == 1)
        #expect(try open.value(name, .pending) == largest)
    }

    @Test("holds a deposit once, however often it is laid in, and never takes it in again")
    func twice() throws {
        let vault = try vault()
        let receipt = try deposit(vault)
        let row = try #require(try vault.locked().store.deposit(receipt.id))
        let sealed = try #require(SealedDeposit(parsing: row))
        _ = try vault.locked().lay(sealed, at: .later(1))
        #expect(try vault.locked().waitingDeposits().count == 1)
        #expect(try drain(try vault.opened()).count == 1)
        _ = try vault.locked().lay(sealed, at: .later(3))
        let open = try vault.opened()
        #expect(try drain(open) == [.known(receipt.id)])
        #expect(try open.vault.describe(name, at: .later(4)).versions.count == 1)
        #expect(try vault.locked().waitingDeposits().map(\.isQuarantined) == [true])
        #expect(try drain(open) == [])
    }

    @Test("sets aside what does not open, keeps it, and says so once")
    func quarantine() throws {
        let vault = try vault()
        let edited = try deposit(vault, [1])
        let intact = try deposit(vault, [2])
        try vault.tamper(
            "UPDATE inbox SET bytes = CAST(substr(bytes, 1, 100) || x'00' || substr(bytes, 102)"
                + " AS BLOB) WHERE deposit = \(Tamperer.literal(edited.id.bytes))")
        let open = try vault.opened()
        #expect(
            try drain(open)
                == [.quarantined(edited.id), .taken(intact.id, name, version: 1, wanted: name)])
        #expect(try open.value(name, .pending) == [2])
        #expect(try drain(open) == [])
        let left = try vault.locked().waitingDeposits()
        #expect(left.map(\.id) == [edited.id])
        #expect(left.allSatisfy { $0.isQuarantined })
    }

    @Test("takes in what someone marked as set aside: the log does not tell of it")
    func marked() throws {
        let vault = try vault()
        let receipt = try deposit(vault)
        try vault.tamper("UPDATE inbox SET quarantined = 1")
        let open = try vault.opened()
        #expect(try drain(open) == [.taken(receipt.id, name, version: 1, wanted: name)])
        #expect(try open.value(name, .pending) == [7])
    }

    @Test("sets aside what fits and no vault can hold, and takes the others in")
    func unstorable() throws {
        let vault = try vault()
        let first = try deposit(vault, [])
        let second = try deposit(vault, [UInt8](repeating: 1, count: Keyring.longestValue + 1))
        let third = try deposit(vault, [3])
        let open = try vault.opened()
        #expect(
            try drain(open)
                == [
                    .quarantined(first.id), .quarantined(second.id),
                    .taken(third.id, name, version: 1, wanted: name),
                ])
        #expect(try drain(open) == [])
        _ = try open.vault.verifyRows { _, _ in }
    }

    @Test("tells which deposit someone took out of it, and takes it in when it is put back")
    func missing() throws {
        let vault = try vault()
        let receipt = try deposit(vault)
        let bytes = try #require(try vault.locked().store.deposit(receipt.id))
        try vault.tamper("DELETE FROM inbox")
        #expect(try drain(try vault.opened()) == [.missing(receipt.id)])
        #expect(try drain(try vault.opened()) == [])
        try vault.tamper(
            "INSERT INTO inbox (deposit, quarantined, bytes) VALUES ("
                + "\(Tamperer.literal(receipt.id.bytes)), 0, \(Tamperer.literal(bytes)))")
        let open = try vault.opened()
        #expect(try drain(open) == [.taken(receipt.id, name, version: 1, wanted: name)])
    }

    @Test("seals to no key but the one that was seen with the vault open")
    func pinned() throws {
        let vault = try vault()
        let head = try #require(try vault.locked().store.head())
        var bytes = head.bytes
        for place in 203..<235 { bytes[place] ^= 0x55 }
        try vault.tamper("UPDATE head SET bytes = \(Tamperer.literal(bytes))")
        #expect(throws: VaultError.tampered(.depositKey)) { try deposit(vault) }
        #expect(throws: VaultError.tampered(.depositKey)) {
            _ = try vault.locked().preflightDeposit()
        }
        try vault.tamper("UPDATE head SET bytes = \(Tamperer.literal(head.bytes))")
        try deposit(vault)
        let elsewhere = try TestVault(memory: false)
        #expect(throws: VaultError.depositKeyUnknown) { try deposit(elsewhere) }
    }

    @Test("leaves a log that verifies, with and without a key, and tells of every step")
    func logged() throws {
        let vault = try vault()
        let receipt = try deposit(vault)
        let open = try vault.opened()
        _ = try drain(open)
        _ = try open.vault.accept(name, 1, at: .later(3))
        let found = try vault.locked().verifyLog(against: nil) { _, _ in }
        #expect(found.unsealed == 0)
        let events = try open.vault.events(.from(0), of: nil, atMost: 100)
        #expect(events.map(\.operation) == [.initialise, .deposit, .takeIn, .takeIn, .accept])
        let id = RecordID(receipt.id.identifier)
        #expect(events[1].object == id && events[2].object == id)
        #expect(events[1].detail?.name == name && events[2].detail?.version == 1)
        #expect(events[3].detail?.count == 1)
    }
}

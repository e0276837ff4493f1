// A rekey of a vault that is damaged: nothing goes that was not named before, and nothing that
// could be opened yet.

import Sealing
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("a rekey of a damaged vault")
struct RekeyDamageTests {
    private let name: SecretName = "a/one"

    private func vault() throws -> TestVault {
        let vault = try TestVault(memory: true)
        let open = try vault.opened()
        try open.capture(name, [1])
        try open.capture(name, [2, 2], .addVersion)
        try open.capture("two", [3])
        try open.capture("gone", [5])
        _ = try open.vault.purge("gone", at: .later(1))
        return vault
    }

    struct Case: Sendable {
        let sql: String
        let damaged: [DamagedObject]
        var names = ["a/one", "two"]
        /// Versions that are left out.
        var lost: [UInt32] = []
    }

    private static let cases = [
        Case(
            sql: "UPDATE record SET blob = CAST(zeroblob(length(blob)) AS BLOB) WHERE id = 2",
            damaged: [.record("a/one", version: 2)], lost: [2]),
        Case(
            sql: "DELETE FROM record WHERE id = 1", damaged: [.record("a/one", version: 1)],
            lost: [1]),
        Case(
            sql: "DELETE FROM record WHERE id IN (1, 2)",
            damaged: [.record("a/one", version: 1), .record("a/one", version: 2)], lost: [1, 2]),
        Case(
            sql: "UPDATE metadata SET blob = CAST(zeroblob(length(blob)) AS BLOB) WHERE sid = 1",
            damaged: [.metadata(nil)], names: ["two"]),
        Case(
            sql: "UPDATE metadata SET revision = 9 WHERE sid = 1", damaged: [.metadata(nil)],
            names: ["two"]),
        Case(sql: "UPDATE record SET state = 4 WHERE id = 1", damaged: [.rows(of: "a/one")]),
        Case(sql: "DELETE FROM tombstone", damaged: [.state]),
        Case(
            sql: "INSERT INTO tombstone (rid, version, epoch) SELECT rid, 1, 1 FROM metadata"
                + " WHERE sid = 1",
            damaged: [.rows(of: "a/one")]),
        Case(sql: "DELETE FROM tree WHERE number = 256", damaged: [.state]),
    ]

    @Test("takes with it what opens, and keeps the vault as it was", arguments: cases)
    func damaged(_ damage: Case) throws {
        let vault = try vault()
        try vault.tamper(damage.sql)
        #expect(try vault.opened().vault.damage() == damage.damaged)
        #expect(throws: VaultError.self) { try vault.rekey() }
        let before = try vault.rows()
        #expect(try vault.rekey(leavingOut: damage.damaged).epoch == Epoch(2))
        let open = try vault.opened()
        #expect(try open.names() == damage.names)
        #expect(try open.value("two") == [3])
        if damage.names.contains(name.text) {
            for (number, value) in [(UInt32(1), [UInt8(1)]), (2, [2, 2])] {
                guard damage.lost.contains(number) else {
                    #expect(try open.value(name, .number(number)) == value)
                    continue
                }
                #expect(throws: VaultError.versionDestroyed(name, number)) {
                    try open.value(name, .number(number))
                }
            }
        }
        #expect(try open.vault.damage() == [])
        _ = try open.vault.verifyRows { _, _ in }
        _ = try vault.locked().verifyLog(against: nil) { _, _ in }
        try open.capture("after", [6])
        let kept = try Tamperer(vault.folder.file("aside.db"))
        #expect(try kept.dump(except: ["audit_entry", "audit_tip"]) == before)
        let left = try open.vault.events(.newest, of: nil, atMost: 20)
            .filter { $0.operation == .rekey && $0.outcome == .damaged }
        // One for the refusal before.
        #expect(left.count == damage.damaged.count + 1)
    }

    @Test("leaves out nothing that was not named")
    func more() throws {
        let vault = try vault()
        try vault.tamper(Self.cases[0].sql)
        try vault.tamper(Self.cases[3].sql)
        let before = try vault.rows()
        #expect(throws: VaultError.self) {
            try vault.rekey(leavingOut: [.record(name, version: 2)])
        }
        #expect(try vault.rows() == before)
        let all = try vault.opened().vault.damage()
        #expect(all == [.metadata(nil)])
        try vault.rekey(leavingOut: all)
        #expect(try vault.opened().names() == ["two"])
    }

    @Test("goes on from slots that were seen, and from no others")
    func slots() throws {
        let vault = try vault()
        let consent = RekeyConsent(slots: 2)
        #expect(throws: VaultError.slotsChanged(path: vault.path)) {
            try vault.locked().rekey(
                openedBy: vault.keys[0].unlockKey(), parameters: TestKey.cheap, consent,
                at: .later(2), progress: { _, _ in })
        }
    }

    private func sealed(_ vault: TestVault, _ name: SecretName) throws -> SealedDeposit {
        try SealedDeposit.seal(
            SecretDraft(name: name), secretFields([(.secret, [9])]),
            to: vault.locked().depositAddress(), at: .later(1))
    }

    @Test("goes on with damaged keys of an epoch that is over, unless something needs them")
    func retiredKeys() throws {
        let vault = try vault()
        let early = try sealed(vault, "early")
        try vault.rekey()
        _ = try vault.opened()
        try vault.tamper("UPDATE retired_key SET bytes = zeroblob(200)")
        try vault.tamper("INSERT INTO retired_key VALUES (77, randomblob(200))")
        #expect(try vault.opened().vault.damage() == [])
        #expect(try vault.rekey().damagedKeys == [Epoch(1), Epoch(77)])
        _ = try vault.opened()
        let late = try sealed(vault, "late")
        _ = try vault.locked().lay(early, at: .later(3))
        _ = try vault.locked().lay(late, at: .later(3))
        let open = try vault.opened()
        #expect(
            try open.vault.drainInbox(thoroughly: true, at: .later(4)) == [
                .quarantined(early.id), .taken(late.id, "late", version: 1, wanted: "late"),
            ])
        let damaged = DamagedObject.retiredKey(Epoch(1))
        #expect(throws: VaultError.tampered(damaged)) { try vault.rekey() }
        #expect(try vault.opened().vault.damage() == [damaged])
        #expect(try vault.rekey(leavingOut: [damaged]).damagedKeys == [Epoch(1), Epoch(77)])
        #expect(try vault.opened().value("late", .pending) == [9])
    }
}

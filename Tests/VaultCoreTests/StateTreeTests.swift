// Rows removed, put back or rolled back: a state mismatch, and never taken over by a change.

import TestSupport
import Testing
import VaultModel

@testable import Sealing
@testable import Storage
@testable import VaultCore

@Suite("the state of the rows")
struct StateTreeTests {
    private let vault: TestVault
    private let mismatch = VaultError.tampered(.state)

    /// `a` of two versions, `b` of one.
    init() throws {
        vault = try TestVault()
        let open = try vault.opened()
        for value in ["one", "two"] { try open.capture("a", Array(value.utf8), .addVersion) }
        try open.capture("b", Array("b".utf8))
    }

    /// The row of `name` and its records, as SQL.
    private func places(_ name: SecretName) throws -> (row: String, records: String) {
        let open = try vault.opened(.reading)
        return (try open.row(of: name), try open.records(of: name))
    }

    /// Runs SQL in which the tables of an older copy are `past.…`.
    private func mix(_ old: [UInt8], _ sql: String) throws {
        let past = try TestVault(keys: vault.keys)
        try past.file.write(old)
        let editor = try Tamperer(vault.path)
        try editor.run("ATTACH '\(past.path)' AS past")
        try editor.run(sql)
        editor.close()
    }

    private func replace(_ tables: String...) -> String {
        tables.map { "DELETE FROM \($0); INSERT INTO \($0) SELECT * FROM past.\($0);" }.joined()
    }

    /// That `name` is neither used nor changed, that nothing lists it, and only the log changes.
    private func expectRefused(
        _ name: SecretName, changing refusal: VaultError = .tampered(.state)
    ) throws {
        let before = try vault.rows()
        do {
            let open = try vault.opened()
            #expect(throws: mismatch) { try open.value(name) }
            #expect(throws: mismatch) { try open.value(name, .previous) }
            #expect(throws: mismatch) { try open.vault.describe(name, at: TestVault.created) }
            #expect(throws: mismatch) { try open.names() }
            #expect(throws: refusal) { try open.vault.preflight(name, .addVersion, at: .later(1)) }
            #expect(throws: refusal) { try open.capture(name, [1], .addVersion) }
            #expect(throws: refusal) { try open.vault.remove(name, at: .later(1)) }
            #expect(throws: refusal) { try open.vault.restore(name, at: .later(1)) }
            #expect(throws: refusal) { try open.vault.rename("b", to: name, at: .later(1)) }
            #expect(throws: refusal) { try open.vault.rename(name, to: "c", at: .later(1)) }
            #expect(throws: refusal) { try open.vault.edit(name, [.tag("t")], at: .later(1)) }
            #expect(throws: refusal) { try open.vault.purge(name, at: .later(1)) }
        }
        #expect(try vault.rows() == before)
    }

    @Test(
        "a row that was deleted is a mismatch, not a miss (A7, A8)",
        arguments: [
            "DELETE FROM metadata WHERE {row}", "DELETE FROM record WHERE {records}",
            "DELETE FROM metadata WHERE {row}; DELETE FROM record WHERE {records}",
            "DELETE FROM record WHERE {records} AND version = 2",
            "DELETE FROM record WHERE {records} AND version = 1",
        ])
    func deleted(_ sql: String) throws {
        let (row, records) = try places("a")
        let edited = sql.split(separator: "{").map { part in
            let named = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
            guard named.count == 2 else { return String(part) }
            return (named[0] == "row" ? row : records) + named[1]
        }.joined()
        try vault.tamper(edited)
        let open = try vault.opened()
        #expect(throws: mismatch) { try open.value("a") }
        #expect(throws: mismatch) { try open.names() }
        #expect(throws: mismatch) { try open.capture("a", [1], .addVersion) }
        #expect(try open.value("b") == Array("b".utf8))
    }

    @Test("a name that never was is a miss, before and after others were stored")
    func missing() throws {
        for name: SecretName in ["c", "d", "e/f"] {
            #expect(throws: VaultError.secretMissing(name)) { try vault.opened().value(name) }
        }
    }

    @Test("a purged secret cannot be put back, nor one version of it (A9)")
    func putBack() throws {
        let old = try vault.file.bytes()
        let (row, records) = try places("a")
        _ = try vault.opened().vault.purge("a", at: .later(1))
        let columns = "rid, version, epoch, state, digest, blob"
        let oneVersion = """
            INSERT INTO record (\(columns))
            SELECT \(columns) FROM past.record WHERE \(records) AND version = 2;
            """
        let purged = try vault.file.bytes()
        try mix(old, oneVersion)
        #expect(throws: mismatch) { try vault.opened(.reading).names() }
        try vault.file.write(purged)
        try mix(
            old,
            """
            INSERT INTO metadata SELECT * FROM past.metadata WHERE \(row);
            INSERT INTO record SELECT * FROM past.record WHERE \(records)
            """)
        try expectRefused("a")
        try vault.tamper("DELETE FROM tombstone")
        try expectRefused("a")
        #expect(try vault.opened(.reading).value("b") == Array("b".utf8))
    }

    @Test(
        "a tombstone that was removed or edited is a mismatch",
        arguments: [
            "DELETE FROM tombstone", "UPDATE tombstone SET version = 1",
            "UPDATE tombstone SET epoch = 2", "UPDATE tombstone SET rid = zeroblob(16)",
        ])
    func tombstone(_ sql: String) throws {
        _ = try vault.opened().vault.purge("a", at: .later(1))
        try vault.tamper(sql)
        #expect(throws: mismatch) { try vault.opened(.reading).names() }
    }

    @Test(
        "an older state of rows, buckets or nodes does not fit the head (A10, A13)",
        arguments: [
            ["metadata"], ["record"], ["metadata", "record"], ["metadata", "record", "tree"],
        ])
    func rolledBack(_ tables: [String]) throws {
        let old = try vault.file.bytes()
        try vault.opened().capture("a", Array("three".utf8), .addVersion)
        try mix(old, tables.map { replace($0) }.joined())
        let open = try vault.opened()
        #expect(throws: mismatch) { try open.value("a") }
        #expect(throws: mismatch) { try open.names() }
        #expect(throws: mismatch) { try open.capture("a", [1], .addVersion) }
    }

    @Test("an older head does not fit the rows (A13)", arguments: [["head"], ["head", "tree"]])
    func olderHead(_ tables: [String]) throws {
        let old = try vault.file.bytes()
        try vault.opened().capture("a", Array("three".utf8), .addVersion)
        try mix(old, tables.map { replace($0) }.joined())
        try expectRefused("a", changing: .logBroken(at: 4, .ahead))
    }

    @Test("the whole file as it was is a vault of its time: that takes an anchor")
    func wholeFile() throws {
        let old = try vault.file.bytes()
        try vault.opened().capture("a", Array("three".utf8), .addVersion)
        try vault.file.write(old)
        #expect(try vault.opened(.reading).value("a") == Array("two".utf8))
    }

    @Test(
        "a head that is gone, edited or doubled is damage of the head",
        arguments: [
            "DELETE FROM head", "UPDATE head SET mac = zeroblob(32)",
            "UPDATE head SET bytes = zeroblob(243)", "UPDATE head SET bytes = x''",
            "UPDATE head SET bytes = CAST(substr(bytes, 1, 242) || x'ff' AS BLOB)",
            "UPDATE head SET id = 2",
        ])
    func head(_ sql: String) throws {
        try vault.tamper(sql)
        #expect(throws: VaultError.tampered(.head)) { try vault.opened() }
    }

    @Test(
        "codes that were edited or planted are noticed by list and by their rows",
        arguments: [
            "UPDATE tree SET codes = zeroblob(64)", "DELETE FROM tree",
            "UPDATE tree SET codes = CAST(codes || zeroblob(32) AS BLOB)",
            "DELETE FROM tree WHERE number = 256", "DELETE FROM tree WHERE number < 256",
            "UPDATE tree SET codes = CAST(substr(codes, 1, 32) || zeroblob(32) AS BLOB)",
        ])
    func codes(_ sql: String) throws {
        try vault.tamper(sql)
        try expectRefused("a")
    }

    @Test("a code for a bucket with nothing in it is noticed")
    func plantedCode() throws {
        try vault.tamper(
            """
            INSERT INTO tree SELECT number + 1, codes FROM tree
            WHERE number + 1 NOT IN (SELECT number FROM tree) AND number < 255 LIMIT 1
            """)
        #expect(throws: mismatch) { try vault.opened(.reading).names() }
    }

    @Test("each change is the next generation, and counts what is there")
    func generations() throws {
        var expected: UInt64 = 4
        func expect(_ records: UInt64, _ descriptions: UInt64) throws {
            let head = try vault.opened(.reading).vault.tree.head
            #expect(head.generation == expected)
            #expect(head.records == records)
            #expect(head.descriptions == descriptions)
            #expect(head.time == .later(expected == 4 ? 0 : expected))
            expected += 1
        }
        let open = try vault.opened()
        try expect(3, 2)
        try open.capture("b", [2], .addVersion, at: .later(5))
        try expect(4, 2)
        _ = try open.vault.edit("b", [.label("x")], at: .later(6))
        try expect(4, 2)
        _ = try open.vault.rename("b", to: "c", at: .later(7))
        try expect(4, 2)
        try open.vault.remove("c", at: .later(8))
        try expect(4, 2)
        _ = try open.vault.restore("c", at: .later(9))
        try expect(4, 2)
        _ = try open.vault.purge("a", at: .later(10))
        try expect(2, 1)
        _ = try open.vault.importing(at: .later(11)) { () throws(VaultError) -> Int in
            for name: SecretName in ["d", "e", "f"] {
                try open.vault.storeInBatch(
                    SecretDraft(name: name), secretFields([(.secret, [1])]), .refuse,
                    at: .later(11))
            }
            return 3
        }
        try expect(5, 4)
        _ = try vault.locked().addSlot(
            for: try TestKey().unlockKey(), openedBy: try vault.keys[0].unlockKey(),
            parameters: TestKey.cheap, at: .later(12))
        try expect(5, 4)
    }

    @Test("a change that fails leaves the head as it was")
    func failing() throws {
        let open = try vault.opened()
        let before = try open.vault.store.head()
        #expect(throws: VaultError.nameTaken("a")) { try open.capture("a", [1]) }
        #expect(throws: VaultError.secretMissing("x")) {
            try open.vault.purge("x", at: .later(1))
        }
        #expect(try open.vault.store.head() == before)
        #expect(try open.value("a") == Array("two".utf8))
    }

    @Test("a vault from which everything was purged has no code left but those of its tombstones")
    func emptied() throws {
        let open = try vault.opened()
        for name: SecretName in ["a", "b"] { _ = try open.vault.purge(name, at: .later(1)) }
        #expect(try open.names() == [])
        let editor = try Tamperer(vault.path)
        #expect(try editor.integer("SELECT count(*) FROM tombstone") == 2)
        #expect(
            try editor.integer("SELECT sum(length(codes) / 32 - 1) FROM tree WHERE number < 256")
                == 2)
        #expect(try editor.integer("SELECT version FROM tombstone ORDER BY id LIMIT 1") == 2)
    }

    @Test("rows that someone tampered with do not keep a new secret from being stored")
    func storedBeside() throws {
        let (_, records) = try places("a")
        try vault.tamper("DELETE FROM record WHERE \(records)")
        let open = try vault.opened()
        for number in 0..<20 {
            try open.capture(SecretName("new/\(number)")!, [UInt8(number)])
        }
        #expect(throws: mismatch) { try open.value("a") }
        #expect(try open.value("new/19") == [19])
    }
}

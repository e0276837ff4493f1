// Rows swapped, copied, taken from elsewhere or edited: noticed, and never another plaintext.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("tampered rows")
struct TamperingTests {
    private let vault: TestVault

    /// Two secrets of two versions each.
    init() throws {
        vault = try TestVault()
        let open = try vault.opened()
        for name: SecretName in ["a", "b"] {
            for version in ["one", "two"] {
                try open.capture(name, Array("\(name) \(version)".utf8), .addVersion)
            }
        }
    }

    private func damaged(_ name: SecretName, _ version: UInt32) -> VaultError {
        .tampered(.record(name, version: version))
    }

    private func damaged(_ name: SecretName) -> VaultError { .tampered(.metadata(name)) }

    private let mismatch = VaultError.tampered(.state)

    /// Edits through SQL in which `A`, `B` are the rows of descriptions and `RA`, `RB` of records.
    private func tamper(_ sql: String) throws {
        let words: [(String, String)]
        do {
            let open = try vault.opened()
            words = [
                ("{RA}", try open.records(of: "a")), ("{RB}", try open.records(of: "b")),
                ("{A}", try open.row(of: "a")), ("{B}", try open.row(of: "b")),
            ]
        }
        var edited = sql
        for (word, text) in words { edited = replacing(word, by: text, in: edited) }
        try vault.tamper(edited)
    }

    private func replacing(_ word: String, by text: String, in sql: String) -> String {
        var parts: [String] = [""]
        var rest = Substring(sql)
        while !rest.isEmpty {
            if rest.hasPrefix(word) {
                parts[parts.count - 1] += text
                rest = rest.dropFirst(word.count)
            } else {
                parts[parts.count - 1].append(rest.removeFirst())
            }
        }
        return parts.joined()
    }

    private func expectUntouched(_ name: SecretName) throws {
        let open = try vault.opened(.reading)
        #expect(try open.value(name) == Array("\(name) two".utf8))
        #expect(try open.value(name, .previous) == Array("\(name) one".utf8))
    }

    @Test("swapped values of two secrets open under neither name (A4)")
    func swappedSecrets() throws {
        try tamper(
            """
            CREATE TEMP TABLE t AS SELECT id, rid, version, blob FROM record;
            UPDATE record SET blob = (
                SELECT t.blob FROM t WHERE t.rid != record.rid AND t.version = record.version)
            """)
        let open = try vault.opened(.reading)
        for name: SecretName in ["a", "b"] {
            #expect(throws: damaged(name, 2)) { try open.value(name) }
            #expect(throws: damaged(name, 1)) { try open.value(name, .previous) }
        }
    }

    @Test("swapped values of two versions open under neither number (A5)")
    func swappedVersions() throws {
        try tamper(
            """
            CREATE TEMP TABLE t AS SELECT version, blob FROM record WHERE {RA};
            UPDATE record SET blob = (SELECT t.blob FROM t WHERE t.version != record.version)
            WHERE {RA}
            """)
        let open = try vault.opened(.reading)
        #expect(throws: damaged("a", 2)) { try open.value("a") }
        #expect(throws: damaged("a", 1)) { try open.value("a", .previous) }
        try expectUntouched("b")
    }

    @Test(
        "descriptions that changed their places open under neither name (A6)",
        arguments: ["blob", "name_index", "rid", "blob = t.blob, rid", "name_index = x'00', rid"])
    func swappedDescriptions(_ columns: String) throws {
        let sets: String =
            switch columns {
            case "blob": "blob = (SELECT t.blob FROM t WHERE t.sid != metadata.sid)"
            case "rid": "rid = (SELECT t.rid FROM t WHERE t.sid != metadata.sid)"
            case "blob = t.blob, rid":
                """
                (blob, rid, revision) =
                (SELECT t.blob, t.rid, t.revision FROM t WHERE t.sid != metadata.sid)
                """
            default: "name_index = (SELECT t.name_index FROM t WHERE t.sid != metadata.sid)"
            }
        try tamper(
            """
            CREATE TEMP TABLE t AS SELECT * FROM metadata; DROP INDEX metadata_by_name;
            UPDATE metadata SET \(sets);
            CREATE UNIQUE INDEX metadata_by_name ON metadata (name_index)
            """)
        let open = try vault.opened(.reading)
        for name: SecretName in ["a", "b"] {
            #expect(throws: damaged(name)) { try open.value(name) }
            #expect(throws: damaged(name)) { try open.vault.describe(name, at: TestVault.created) }
            #expect(throws: damaged(name)) { try open.capture(name, [1], .addVersion) }
        }
        let error = #expect(throws: VaultError.self) { try open.names() }
        #expect([damaged("a"), damaged("b"), .tampered(.metadata(nil))].contains(error))
    }

    @Test("a record copied under another rid or version gives no value there (A11)")
    func duplicatedRecord() throws {
        try tamper(
            """
            DELETE FROM record WHERE {RB} AND version = 2;
            INSERT INTO record (rid, version, epoch, state, digest, blob)
            SELECT (SELECT rid FROM metadata WHERE {B}), 2, epoch, state, digest, blob FROM record
            WHERE {RA} AND version = 2;
            INSERT INTO record (rid, version, epoch, state, digest, blob)
            SELECT rid, 3, epoch, state, digest, blob FROM record WHERE {RA} AND version = 2
            """)
        let open = try vault.opened(.reading)
        for name: SecretName in ["a", "b"] {
            #expect(throws: mismatch) { try open.value(name) }
            #expect(throws: mismatch) { try open.value(name, .number(3)) }
            #expect(throws: mismatch) { try vault.opened().capture(name, [1], .addVersion) }
        }
    }

    @Test("a description copied under another index, or under the same one, is damage (A11)")
    func duplicatedDescription() throws {
        try tamper(
            """
            INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            SELECT zeroblob(16), rid, revision, epoch, blob FROM metadata WHERE {A}
            """)
        let open = try vault.opened(.reading)
        let inventory = try open.vault.list(prefix: "", removed: .hide, at: TestVault.created)
        #expect(inventory.damaged == 1)
        #expect(Set(inventory.secrets.map(\.name.text)).count == inventory.secrets.count)
        try expectUntouched("a")
        #expect(throws: (any Error).self) {
            try tamper(
                """
                INSERT INTO metadata (name_index, rid, revision, epoch, blob)
                SELECT name_index, rid, revision, epoch, blob FROM metadata WHERE {A}
                """)
        }
    }

    @Test("an index that leads a name to another row is damage")
    func crossedIndex() throws {
        let file = try vault.file.bytes()
        let page: Int
        do {
            let editor = try Tamperer(vault.path)
            page = Int(
                try editor.integer(
                    "SELECT rootpage FROM sqlite_schema WHERE name = 'metadata_by_name'"))
        }
        // Two cells, each an index of sixteen bytes and a row number; the row numbers 1 and 2 are
        // the types 9 and a byte, so exchanging the sixteen bytes crosses them.
        let open = try vault.opened()
        let indices = ["a", "b"].map { open.vault.keyring.blindIndex(of: $0).bytes }
        let start = (page - 1) * 4_096
        let places = indices.compactMap { index in
            (start...start + 4_080).first { Array(file[$0..<$0 + 16]) == index }
        }
        try #require(places.count == 2)
        try vault.file.write(indices[1], at: places[0])
        try vault.file.write(indices[0], at: places[1])
        for name: SecretName in ["a", "b"] {
            let error = #expect(throws: VaultError.self) {
                try vault.opened(.reading).value(name)
            }
            #expect([damaged(name), mismatch].contains(error))
        }
    }

    @Test("rows of another vault of the same key open nothing here (A12)")
    func foreignRows() throws {
        let other = try TestVault(keys: vault.keys)
        try other.opened().capture("c", [3])
        try vault.opened().capture("c", [4])
        let foreign = try other.opened().row(of: "c")
        let own = try vault.opened().row(of: "c")
        #expect(foreign != own)
        let editor = try Tamperer(vault.path)
        try editor.run("ATTACH '\(other.path)' AS other")
        try editor.run(
            """
            INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            SELECT name_index, rid, revision, epoch, blob FROM other.metadata;
            INSERT INTO record (rid, version, epoch, state, digest, blob)
            SELECT rid, version, epoch, state, digest, blob FROM other.record
            """)
        editor.close()
        let open = try vault.opened(.reading)
        #expect(try open.value("c") == [4])
        #expect(throws: VaultError.tampered(.metadata(nil))) { try open.names() }
        let moved = try Tamperer(vault.path)
        try moved.run("DELETE FROM metadata WHERE \(own)")
        let index = own.split(separator: " ").last!
        try moved.run("UPDATE metadata SET name_index = \(index) WHERE \(foreign)")
        moved.close()
        #expect(throws: damaged("c")) { try vault.opened(.reading).value("c") }
    }

    @Test("slots of another vault beside the rows of this one open nothing (A12)")
    func foreignSlots() throws {
        let other = try TestVault(keys: vault.keys)
        let editor = try Tamperer(vault.path)
        try editor.run("ATTACH '\(other.path)' AS other")
        try editor.run(
            """
            DELETE FROM slot; INSERT INTO slot SELECT * FROM other.slot;
            DELETE FROM slot_copy; INSERT INTO slot_copy SELECT * FROM other.slot_copy
            """)
        editor.close()
        #expect(throws: VaultError.tampered(.head)) { try vault.opened(.reading) }
    }

    @Test(
        "a record whose clear columns were edited does not open (A16)",
        arguments: ["epoch = 2", "epoch = 4294967295", "state = 1", "state = 3", "state = 5"])
    func recordColumns(_ edit: String) throws {
        try tamper("UPDATE record SET \(edit) WHERE {RA} AND version = 2")
        let open = try vault.opened(.reading)
        #expect(throws: mismatch) { try open.value("a") }
        #expect(throws: mismatch) { try open.value("a", .previous) }
        #expect(throws: mismatch) { try open.names() }
        try expectUntouched("b")
    }

    @Test("a version whose number was edited opens under neither number (A16)")
    func versionColumn() throws {
        try tamper("UPDATE record SET version = 3 WHERE {RA} AND version = 2")
        let open = try vault.opened(.reading)
        #expect(throws: mismatch) { try open.value("a") }
        #expect(throws: mismatch) { try open.value("a", .number(3)) }
    }

    @Test(
        "a description whose clear columns were edited does not open (A16)",
        arguments: ["epoch = 2", "revision = revision + 1", "revision = 1", "rid = zeroblob(16)"])
    func metadataColumns(_ edit: String) throws {
        try tamper("UPDATE metadata SET \(edit) WHERE {A}")
        let open = try vault.opened(.reading)
        #expect(throws: damaged("a")) { try open.value("a") }
        #expect(throws: damaged("a")) { try open.vault.describe("a", at: TestVault.created) }
        #expect(throws: VaultError.tampered(.metadata(nil))) { try open.names() }
        try expectUntouched("b")
    }

    @Test("a state in the clear column that is none is damage of the container (A16)")
    func unknownState() throws {
        try tamper("UPDATE record SET state = 9 WHERE {RA} AND version = 2")
        #expect(throws: VaultError.tampered(.container)) {
            try vault.opened(.reading).value("a")
        }
    }

    @Test(
        "a blob of another length does not open (A24)",
        arguments: [0, 1, 55, 56, 71, 72, 135, 136, 200, 65_536])
    func blobLengths(_ count: Int) throws {
        try tamper("UPDATE record SET blob = zeroblob(\(count)) WHERE {RA} AND version = 2")
        try tamper("UPDATE metadata SET blob = zeroblob(\(count)) WHERE {B}")
        let open = try vault.opened(.reading)
        #expect(throws: damaged("a", 2)) { try open.value("a") }
        #expect(throws: damaged("b")) { try open.value("b") }
    }

    @Test("a blob that was cut or lengthened does not open (A24)", arguments: [-16, -1, 1, 16])
    func blobEnds(_ change: Int) throws {
        let blob =
            change < 0
            ? "substr(blob, 1, length(blob) - \(-change))"
            : "CAST(blob || zeroblob(\(change)) AS BLOB)"
        try tamper("UPDATE record SET blob = \(blob) WHERE {RA} AND version = 2")
        #expect(throws: damaged("a", 2)) { try vault.opened(.reading).value("a") }
    }

    @Test("a log of another vault gives no value that is not ours (A21; SQLite does take it over)")
    func foreignLog() throws {
        let other = try TestVault(keys: vault.keys)
        let writer = try other.opened()
        let names: [SecretName] = ["a", "b", "c"]
        for name in names { try writer.capture(name, [UInt8](repeating: 9, count: 3_000)) }
        let log = try FileOnDisk(other.path + "-wal").bytes()
        try #require(log.count > 4_096)
        try FileOnDisk(vault.path + "-wal").write(log)
        for name in names {
            let error = #expect(throws: VaultError.self) { try vault.opened(.reading).value(name) }
            let possible: [VaultError] = [
                .tampered(.head), mismatch, damaged(name), damaged(name, 2), .tampered(.container),
            ]
            #expect(possible.contains(error!))
        }
    }
}

// Storing that fails: an error, never a receipt, and the rest of the vault as it was.

import CSQLite
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("a capture that fails")
struct CaptureFaultTests {
    private let vault: TestVault
    private let open: OpenedVault

    init() throws {
        vault = try TestVault()
        open = try vault.opened()
        try open.capture("kept", Array("kept value".utf8))
    }

    private func expectKept() throws {
        let open = try vault.opened(.reading)
        #expect(try open.value("kept") == Array("kept value".utf8))
        #expect(try open.vault.describe("kept", at: TestVault.created).versions.count == 1)
    }

    private func forbidGrowth() throws {
        let pages = try open.connection.integer("PRAGMA page_count")
        try open.connection.run("PRAGMA max_page_count=\(pages)")
    }

    @Test("on a full disk neither description nor value is stored, and the name stays free (C51)")
    func full() throws {
        try forbidGrowth()
        let value = [UInt8](repeating: 7, count: 100_000)
        #expect(throws: VaultError.diskFull(path: vault.path)) { try open.capture("new", value) }
        #expect(throws: VaultError.diskFull(path: vault.path)) {
            try open.capture("kept", value, .addVersion)
        }
        try expectKept()
        #expect(try vault.opened(.reading).names() == ["kept"])
        try open.connection.run("PRAGMA max_page_count=1000000")
        try open.capture("new", value)
        #expect(try vault.opened(.reading).value("new") == value)
    }

    @Test("another writer makes it busy, and nothing is stored")
    func busy() throws {
        try open.connection.run("PRAGMA busy_timeout=0")
        let other = try Tamperer(vault.path)
        try other.run("BEGIN IMMEDIATE")
        let error = VaultError.busy(path: vault.path)
        #expect(throws: error) { try open.capture("new", [1]) }
        #expect(throws: error) { try open.vault.preflight("new", .refuse, at: .later(1)) }
        #expect(throws: error) { try open.vault.remove("kept", at: .later(1)) }
        try other.run("ROLLBACK")
        #expect(try open.names() == ["kept"])
        try expectKept()
    }

    @Test(
        "what changes between commit and reading back is noticed: no receipt",
        arguments: [
            "UPDATE record SET blob = zeroblob(length(blob))", "UPDATE record SET state = 3",
            "DELETE FROM record", "UPDATE metadata SET blob = zeroblob(length(blob))",
            "DELETE FROM metadata",
        ])
    func readBack(_ change: String) throws {
        let last = " WHERE rowid = (SELECT max(rowid) FROM "
        let table = change.contains("record") ? "record)" : "metadata)"
        let tampering = AfterCommit(open.connection) { [path = vault.path] in
            try? Tamperer.edit(path, change + last + table)
        }
        #expect(throws: VaultError.readBackDiffers) {
            try open.capture("new", Array("value".utf8))
        }
        #expect(tampering.count == 1)
        tampering.end()
        try expectKept()
    }

    @Test("a version that another session superseded or described at once is acknowledged")
    func superseded() throws {
        let other = try vault.opened()
        let meanwhile = AfterCommit(open.connection) {
            _ = try? other.vault.edit("new", [.label("theirs")], at: .later(9))
            _ = try? other.capture("new", [2], .addVersion)
        }
        #expect(try open.capture("new", [1]).version.number == 1)
        #expect(meanwhile.count == 1)
        meanwhile.end()
        let reader = try vault.opened(.reading)
        #expect(try reader.value("new") == [2])
        #expect(try reader.value("new", .previous) == [1])
        #expect(try reader.vault.describe("new", at: TestVault.created).label == "theirs")
    }

    @Test("a secret that another session purged at once is not acknowledged")
    func purged() throws {
        let other = try vault.opened()
        let meanwhile = AfterCommit(open.connection) {
            _ = try? other.vault.purge("new", at: .later(1))
        }
        #expect(throws: VaultError.readBackDiffers) { try open.capture("new", [1]) }
        meanwhile.end()
        #expect(try vault.opened(.reading).names() == ["kept"])
    }

    @Test("a preflight leaves nothing; one that refuses leaves an entry in the log")
    func preflight() throws {
        let (before, rows) = (try vault.file.bytes(), try vault.rows())
        try open.vault.preflight("new", .refuse, at: .later(1))
        #expect(try vault.file.bytes() == before)
        #expect(throws: VaultError.nameTaken("kept")) {
            try open.vault.preflight("kept", .refuse, at: .later(1))
        }
        #expect(try open.names() == ["kept"])
        #expect(try vault.rows() == rows)
    }

    @Test("a draft beyond its bounds is refused before anything is written")
    func bounds() throws {
        var drafts = (0..<5).map { _ in SecretDraft(name: "new") }
        drafts[0].label = String(repeating: "x", count: 1_025)
        drafts[1].fields = ["f": String(repeating: "x", count: 16_385)]
        drafts[2].tags = [""]
        drafts[3].tags = [String(repeating: "x", count: 129)]
        drafts[4].tags = (0...1_024).map { "t\($0)" }
        for draft in drafts {
            #expect(throws: VaultError.metadataTooLong) {
                try open.capture(draft, [(.secret, [1])])
            }
        }
        #expect(try open.names() == ["kept"])
    }
}

/// Does something right after a connection committed, before anyone reads.
final class AfterCommit {
    private(set) var count = 0
    private let body: () -> Void
    private let handle: OpaquePointer?

    init(_ connection: Connection, _ body: @escaping () -> Void) {
        self.body = body
        handle = connection.rawHandle
        sqlite3_wal_hook(
            handle,
            { context, _, _, _ in
                let hook = Unmanaged<AfterCommit>.fromOpaque(context!).takeUnretainedValue()
                hook.count += 1
                hook.body()
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func end() { sqlite3_wal_hook(handle, nil, nil) }
}

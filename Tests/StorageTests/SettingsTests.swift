// What a connection cannot do.

import CSQLite
import Foundation
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("a connection's settings")
struct SettingsTests {
    private func connection() throws -> (SampleVault, Connection) {
        let vault = try SampleVault()
        return (vault, try Connection(vault.path, namedAs: vault.path, .readWrite))
    }

    @Test(
        "what a vault never needs is refused",
        arguments: [
            "ATTACH ':memory:' AS other", "ATTACH '/tmp/other.db' AS other", "VACUUM INTO '/tmp/v'",
            "SELECT load_extension('evil')", "SELECT \"nonsense\"",
            "CREATE TABLE d (a CHECK (a > \"nonsense\"))",
            "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = ''",
            "CREATE VIRTUAL TABLE temp.v USING nonsense", "SELECT writefile('/tmp/x', 'y')",
            "SELECT zeroblob(67108865)",
        ])
    func refused(_ sql: String) throws {
        let (vault, connection) = try connection()
        let before = try vault.file.bytes()
        let error = #expect(throws: VaultError.self) { try connection.run(sql) }
        #expect(
            [
                .storage(code: SQLITE_ERROR), .tampered(.container),
                .io(.open, path: vault.path, errno: 0),
            ]
            .contains(error))
        #expect(try vault.file.bytes() == before)
        try Schema.check(connection)
    }

    @Test("the limits are those of the design")
    func limits() throws {
        let (vault, connection) = try connection()
        let expected: [(Int32, Int32)] = [
            (SQLITE_LIMIT_LENGTH, 67_108_864), (SQLITE_LIMIT_SQL_LENGTH, 100_000),
            (SQLITE_LIMIT_COLUMN, 32), (SQLITE_LIMIT_ATTACHED, 0),
            (SQLITE_LIMIT_TRIGGER_DEPTH, 1), (SQLITE_LIMIT_VARIABLE_NUMBER, 64),
        ]
        for (limit, value) in expected {
            #expect(sqlite3_limit(connection.rawHandle, limit, -1) == value, "\(limit)")
        }
        _ = vault
    }

    @Test("the pragmas are those of the design")
    func pragmas() throws {
        let (vault, connection) = try connection()
        #expect(try connection.integer("PRAGMA trusted_schema") == 0)
        #expect(try connection.integer("PRAGMA cell_size_check") == 1)
        #expect(try connection.integer("PRAGMA temp_store") == 2)
        #expect(try connection.integer("PRAGMA secure_delete") == 1)
        #expect(try connection.integer("PRAGMA foreign_keys") == 1)
        #expect(try connection.integer("PRAGMA synchronous") == 2)
        #expect(try connection.integer("PRAGMA busy_timeout") == 10_000)
        #expect(try connection.integer("PRAGMA user_version") == 3)
        #expect(try connection.integer("PRAGMA application_id") == 0x436f_6656)
        #expect(try connection.integer("PRAGMA page_size") == 4_096)
        // With no memory map the pragma gives no row, or zero.
        #expect((try? connection.integer("PRAGMA mmap_size")) ?? 0 == 0)
        _ = vault
    }

    @Test("a medium that can only be read is read without a log or an index beside it")
    func immutable() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("100% v?a#ult ü.db")
        try Store.create(at: path) { store throws(VaultError) in
            try SampleVault.fill(store, secrets: 2)
        }
        let connection = try Connection(path, namedAs: path, .immutable)
        try Schema.check(connection)
        #expect(try connection.integer("SELECT count(*) FROM record") == 2)
        #expect(folder.names == ["100% v?a#ult ü.db"])
        #expect(throws: VaultError.io(.write, path: path, errno: 30)) {
            try connection.run("DELETE FROM record")
        }
    }
}

@Suite("the guarded file layer")
struct GuardedVFSTests {
    @Test("it opens the vault's own files and no other")
    func whitelist() throws {
        let vault = try SampleVault()
        let strange = FileOnDisk(vault.folder.file("strange.db"))
        try strange.write(try vault.file.bytes())
        _ = try vault.content()
        #expect(open(vault.path) == SQLITE_OK)
        #expect(open(strange.path) == SQLITE_CANTOPEN)
        #expect(open(vault.folder.file("missing.db"), creating: true) == SQLITE_CANTOPEN)
        #expect(vault.folder.names == ["strange.db", "vault.db"])
    }

    private func open(_ path: String, creating: Bool = false) -> Int32 {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        let flags = SQLITE_OPEN_READWRITE | (creating ? SQLITE_OPEN_CREATE : 0)
        let code = sqlite3_open_v2(path, &handle, flags, GuardedVFS.register())
        guard code == SQLITE_OK else { return code }
        return sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", nil, nil, nil)
    }

    @Test("a temporary file is not opened")
    func temporaryFile() throws {
        _ = GuardedVFS.register()
        let layer = try #require(sqlite3_vfs_find("coffer"))
        let file = UnsafeMutableRawPointer.allocate(
            byteCount: Int(layer.pointee.szOsFile), alignment: 16
        ).bindMemory(to: sqlite3_file.self, capacity: 1)
        defer { file.deallocate() }
        let flags =
            SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            | SQLITE_OPEN_DELETEONCLOSE
        #expect(layer.pointee.xOpen(layer, nil, file, flags, nil) == SQLITE_CANTOPEN)
        #expect(file.pointee.pMethods == nil)
    }

    @Test("it deletes no other file, and does not say whether there is one")
    func otherFiles() throws {
        let folder = try TemporaryFolder()
        let other = FileOnDisk(folder.file("other"))
        try other.write([1])
        _ = GuardedVFS.register()
        let layer = try #require(sqlite3_vfs_find("coffer"))
        #expect(layer.pointee.xDelete(layer, other.path, 0) == SQLITE_IOERR)
        #expect(other.exists)
        var isThere: Int32 = 1
        #expect(
            layer.pointee.xAccess(layer, other.path, SQLITE_ACCESS_EXISTS, &isThere) == SQLITE_OK)
        #expect(isThere == 0)
        #expect(layer.pointee.xDlOpen(layer, "libm.so.6") == nil)
    }

    @Test("a whitelisted name that became a link, a pipe or a second name is not opened")
    func swapped() throws {
        for thing in 0..<3 {
            let vault = try SampleVault()
            _ = try vault.content()
            let target = FileOnDisk(vault.folder.file("target"))
            try target.write(try vault.file.bytes())
            #expect(unlink(vault.path) == 0)
            switch thing {
            case 0: try vault.file.makeLink(to: target.path)
            case 1: try vault.file.makePipe()
            default: try vault.file.makeHardLink(to: target.path)
            }
            #expect(open(vault.path) == SQLITE_CANTOPEN)
        }
    }

    @Test("it is not what other users of SQLite in this process get")
    func notTheDefault() {
        _ = GuardedVFS.register()
        #expect(sqlite3_vfs_find(nil) != sqlite3_vfs_find("coffer"))
    }
}

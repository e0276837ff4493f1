// The way from one schema to the next.

import CSQLite
import Migrations
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("migrations")
struct MigratorTests {
    private static let second = Migration(
        version: 4,
        sql: Array(
            """
            CREATE TABLE note (
                id INTEGER PRIMARY KEY
            ) STRICT;

            CREATE INDEX note_by_id ON note (id);

            """.utf8))
    private static let both = Migration.all + [second]

    private func connection(_ vault: SampleVault) throws -> Connection {
        try Connection(vault.path, namedAs: vault.path, .readWrite)
    }

    @Test("they count up from 1 without a gap")
    func numbering() {
        #expect(Migration.all.map(\.version) == Array(1...Int32(Migration.all.count)))
    }

    @Test("a file of a newer program is refused and stays as it is")
    func newer() throws {
        let vault = try SampleVault()
        try Tamperer.edit(vault.path, "PRAGMA user_version=4")
        let before = try vault.file.bytes()
        let error = VaultError.refusedFormat(path: vault.path, .newerVersion)
        #expect(vault.refusal(.readOnly) == error)
        #expect(vault.refusal(.readWrite) == error)
        #expect(try vault.file.bytes() == before)
    }

    @Test("a file of an older program gets what is missing in one commit, and keeps its rows")
    func second() throws {
        let vault = try SampleVault()
        let connection = try connection(vault)
        let commits = CommitCounter(connection)
        try Migrator(Self.both).migrate(connection)
        #expect(commits.count == 1)
        #expect(try connection.integer("PRAGMA user_version") == 4)
        try Schema.check(connection, Self.both)
        #expect(throws: VaultError.refusedFormat(path: vault.path, .schemaDiffers)) {
            try Schema.check(connection)
        }
        #expect(try connection.integer("SELECT count(*) FROM record") == 3)
        try Migrator(Self.both).migrate(connection)
        #expect(commits.count == 1)
    }

    @Test("a file of the first release opens, and has an inbox and a policy then")
    func olderRelease() throws {
        let vault = try SampleVault()
        try Tamperer.edit(
            vault.path,
            "DROP INDEX audit_entry_of_deposits; DROP TABLE inbox; DROP TABLE retired_key;"
                + " DROP TABLE policy; PRAGMA user_version=1")
        do {
            let first = Array(Migration.all.prefix(1))
            try Schema.check(try connection(vault), first)
            // As it is on a medium that can only be read: there is no inbox, and nothing in it.
            let store = try Store.openAsItIs(at: vault.path, .readOnly)
            #expect(try !store.hasDeposits())
            #expect(try store.deposits() == [])
            #expect(try store.missingDeposits() == [])
            #expect(try store.retiredKeys().isEmpty)
            #expect(try store.policy(blobsAtMost: .max).isEmpty)
        }
        let store = try Store.open(at: vault.path, .readOnly)
        #expect(try store.deposits() == [])
        #expect(try store.connection.integer("PRAGMA user_version") == 3)
        #expect(try store.policy(blobsAtMost: .max).isEmpty)
    }

    @Test("a file that says it is older than its tables are is refused and stays as it is")
    func lying() throws {
        for version in [1, 2] {
            let vault = try SampleVault()
            try Tamperer.edit(vault.path, "PRAGMA user_version=\(version)")
            let before = try vault.file.bytes()
            let error = VaultError.refusedFormat(path: vault.path, .schemaDiffers)
            #expect(vault.refusal(.readOnly) == error)
            #expect(vault.refusal(.readWrite) == error)
            #expect(try vault.file.bytes() == before)
        }
    }

    @Test("several that are missing come in order, a commit each")
    func several() throws {
        let vault = try SampleVault()
        let third = Migration(
            version: 5, sql: Array("ALTER TABLE note ADD COLUMN words TEXT;\n".utf8))
        let connection = try connection(vault)
        let commits = CommitCounter(connection)
        try Migrator(Self.both + [third]).migrate(connection)
        #expect(commits.count == 2)
        #expect(try connection.integer("PRAGMA user_version") == 5)
        #expect(try connection.integer("SELECT count(words) FROM note") == 0)
    }

    @Test("one that fails leaves the file in the version before it")
    func failing() throws {
        let vault = try SampleVault()
        let before = try vault.content()
        let broken = Migration(
            version: 4, sql: Self.second.sql + "INSERT INTO nowhere VALUES (1);".utf8)
        do {
            let connection = try connection(vault)
            #expect(throws: VaultError.storage(code: SQLITE_ERROR)) {
                try Migrator(Migration.all + [broken]).migrate(connection)
            }
            #expect(connection.isIdle)
            #expect(try connection.integer("PRAGMA user_version") == 3)
            try Schema.check(connection)
        }
        #expect(try vault.content() == before)
    }

    @Test("of two programs that migrate at once, the second finds it done")
    func atOnce() throws {
        let vault = try SampleVault()
        let (first, late) = try (connection(vault), connection(vault))
        try first.run("BEGIN IMMEDIATE")
        try first.run(String(decoding: Self.second.sql, as: UTF8.self))
        try first.run("PRAGMA user_version=4")
        // The first one commits while the second one waits for the lock.
        let waiting = WhileWaiting(late) { try? first.run("COMMIT") }
        try Migrator(Self.both).migrate(late)
        #expect(waiting.count == 1)
        try Schema.check(late, Self.both)
    }
}

/// Counts the transactions that a connection commits.
final class CommitCounter {
    private(set) var count = 0
    private let handle: OpaquePointer?

    init(_ connection: Connection) {
        handle = connection.rawHandle
        sqlite3_commit_hook(
            handle,
            { context in
                Unmanaged<CommitCounter>.fromOpaque(context!).takeUnretainedValue().count += 1
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { sqlite3_commit_hook(handle, nil, nil) }
}

/// Does something when a connection has to wait for a lock, in the place of waiting.
final class WhileWaiting {
    private(set) var count = 0
    private let body: () -> Void

    init(_ connection: Connection, _ body: @escaping () -> Void) {
        self.body = body
        sqlite3_busy_handler(
            connection.rawHandle,
            { context, _ in
                let waiting = Unmanaged<WhileWaiting>.fromOpaque(context!).takeUnretainedValue()
                guard waiting.count == 0 else { return 0 }
                waiting.count += 1
                waiting.body()
                return 1
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}

// A vault's file as tables of sealed rows. This room cannot name plaintext.

internal import Glibc
internal import Migrations
public import VaultModel

/// What a store is opened for.
public enum StoreAccess: Hashable, Sendable {
    /// Nothing but the audit log will be written.
    case readOnly
    case readWrite
}

/// When what a transaction wrote is on disk.
public enum Durability: Hashable, Sendable {
    /// When it ends.
    case atOnce
    /// With the next one that is, or with `sync` or `truncateLog`; in order, and all of it or
    /// nothing.
    case later
}

/// How long the emptying of SQLite's log waits for those who read.
public enum LogPatience: Hashable, Sendable {
    case usual, briefly
}

/// An open vault file whose container passed every check. Used by one thread at a time.
public final class Store {
    let connection: Connection
    /// Whether a change is on disk when its transaction ends.
    public let isSyncedAtCommit: Bool
    let file: VaultFile
    var hasChanged = false
    /// Whether it has the tables that the second release brought.
    public private(set) var hasInbox = true
    /// Whether it has the table of the policy, which the third one brought; else there is none.
    private(set) var hasPolicy = true
    /// Whether the log holds what will be on disk later.
    private var hasPending = false

    /// Space that must be free before a secret is asked for: the largest secret, twice, and room
    /// for the log.
    static let neededBytes: Int64 = 96 * 1_024 * 1_024

    var freeBytes: Int64? { file.freeBytes }
    var path: String { file.path }

    private init(_ file: VaultFile, _ connection: Connection, _ access: StoreAccess) {
        isSyncedAtCommit = access == .readWrite
        self.file = file
        self.connection = connection
    }

    deinit {
        tidy()
        // SQLite would write the log into the file, and sync both, behind every read.
        if hasPending { connection.keepLogOnClose() }
    }

    /// Takes old rows out of the log if there was a change: for a process that ends otherwise than
    /// by letting go of everything.
    public func tidy() {
        if hasChanged { _ = truncateLog(.briefly) }
    }

    /// Opens the vault at `path`. Never makes one, and changes nothing but an older schema, which
    /// stays as it is where nobody can write.
    public static func open(
        at path: String, _ access: StoreAccess
    ) throws(VaultError) -> Store {
        let store = try openUnchecked(at: path, access)
        guard store.file.mode == .readWrite else { return try checkedAsItIs(store) }
        try Migrator().migrate(store.connection)
        try Schema.check(store.connection)
        return store
    }

    /// The same of a vault that an older release wrote, whose schema stays as it is.
    public static func openAsItIs(
        at path: String, _ access: StoreAccess
    ) throws(VaultError) -> Store {
        try checkedAsItIs(openUnchecked(at: path, access))
    }

    private static func checkedAsItIs(_ store: Store) throws(VaultError) -> Store {
        let version = try Migrator().version(of: store.connection)
        try Schema.check(
            store.connection, Migration.all.filter { Int64($0.version) <= version })
        store.hasInbox = version >= 2
        store.hasPolicy = version >= 3
        return store
    }

    /// All but the schema is looked at.
    private static func openUnchecked(
        at path: String, _ access: StoreAccess
    ) throws(VaultError) -> Store {
        let file = try VaultFile(existing: path, access)
        let connection = try Connection(file.canonicalPath, namedAs: path, file.mode)
        try checkIdentity(connection, file.mode)
        guard file.isWhole else { throw .refusedFormat(path: path, .truncated) }
        connection.liftBound()
        // A large import touches index pages all over; reading never needs as many. Entries about
        // reads are in order, and on disk when they are sealed.
        try connection.run(
            access == .readWrite ? "PRAGMA cache_size=-65536" : "PRAGMA synchronous=NORMAL")
        return Store(file, connection, access)
    }

    /// Fails unless the file says of itself that it is a vault of a version that this program
    /// knows. A vault is not published before it has a version.
    private static func checkIdentity(
        _ connection: Connection, _ mode: Connection.Mode
    ) throws(VaultError) {
        guard try connection.integer("PRAGMA application_id") == Schema.applicationID,
            mode == .immutable || !connection.isReadOnlyByItself,
            try Migrator().version(of: connection) > 0, try isWriteAhead(connection, mode)
        else { throw .refusedFormat(path: connection.path, .notAVault) }
    }

    /// Whether the file says of itself that it keeps a write-ahead log, as every vault does.
    private static func isWriteAhead(
        _ connection: Connection, _ mode: Connection.Mode
    ) throws(VaultError) -> Bool {
        if mode == .immutable { return true }
        let statement = try connection.statement("PRAGMA journal_mode")
        defer { statement.reset() }
        return try statement.step() && statement.text(0, is: "wal".utf8)
    }

    /// Makes the vault at `path` and fills it: afterwards there is a complete one, or none.
    ///
    /// It is built under another name and moved into place when it is complete and on disk; an
    /// existing file is never replaced.
    public static func create(
        at path: String, filling fill: (Store) throws(VaultError) -> Void
    ) throws(VaultError) {
        let draft = try DraftFile(for: path)
        do throws(VaultError) {
            try build(draft, fill)
            try draft.publish()
        } catch {
            draft.discard()
            throw error
        }
    }

    private static func build(
        _ draft: DraftFile, _ fill: (Store) throws(VaultError) -> Void
    ) throws(VaultError) {
        let connection = try Connection(draft.draftPath, namedAs: draft.file.path, .readWrite)
        connection.liftBound()
        try connection.run(
            """
            PRAGMA page_size=4096; PRAGMA encoding='UTF-8'; PRAGMA journal_mode=WAL;
            PRAGMA application_id=\(Schema.applicationID)
            """)
        try Migrator().migrate(connection)
        let store = Store(draft.file, connection, .readWrite)
        try store.write { () throws(VaultError) in try fill(store) }
        // What stays in the log would not move into place with the file.
        try store.emptyLog()
    }
}

// Transactions.
extension Store {
    /// How long to wait from now on for others who change the file, in milliseconds.
    public func waitAtMost(_ milliseconds: Int32) { connection.patience = milliseconds }

    /// Runs `body` on one state of the vault.
    public func read<R: ~Copyable>(
        _ body: () throws(VaultError) -> R
    ) throws(VaultError) -> R {
        try transaction("BEGIN", body)
    }

    /// Runs `body` as one change, made whole or not at all. In a store that was opened for reading
    /// it is not yet on disk.
    public func write<R: ~Copyable>(
        _ durability: Durability = .atOnce, _ body: () throws(VaultError) -> R
    ) throws(VaultError) -> R {
        switch durability {
        case .atOnce: hasChanged = true
        case .later: hasPending = true
        }
        return try transaction("BEGIN IMMEDIATE", body)
    }

    private func transaction<R: ~Copyable>(
        _ begin: StaticString, _ body: () throws(VaultError) -> R
    ) throws(VaultError) -> R {
        try connection.statement(begin).run()
        do throws(VaultError) {
            let result = try body()
            try connection.statement("COMMIT").run()
            return result
        } catch {
            if !connection.isIdle { try? connection.run("ROLLBACK") }
            throw error
        }
    }

    /// Whether the vault can be changed now: takes the write lock, inserts a row, takes it back,
    /// and looks at the free space. Nothing is left of it.
    public func rehearse() throws(VaultError) {
        if let free = file.freeBytes, free < Self.neededBytes {
            throw .diskFull(path: file.path, needed: UInt64(Self.neededBytes))
        }
        try connection.statement("BEGIN IMMEDIATE").run()
        defer { try? connection.run("ROLLBACK") }
        try connection.run(
            """
            INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            VALUES (randomblob(16), randomblob(16), 1, 1, zeroblob(136))
            """)
    }

    /// Writes the log into the file and empties it, so that no old row stays in it. Another process
    /// that has the vault open delays this until it closes.
    ///
    /// Nobody can change the vault while this waits for those who read: `.briefly` unless old rows
    /// must go now.
    public func truncateLog(_ patience: LogPatience = .usual) -> OldRows {
        hasChanged = false
        hasPending = false
        let usual = connection.patience
        if patience == .briefly { connection.patience = 50 }
        defer { connection.patience = usual }
        do throws(VaultError) { try emptyLog() } catch { return .inTheLog }
        return .gone
    }

    /// When this returns, everything that can be read here is on disk, whoever wrote it. What is no
    /// longer in the log was synced with the file.
    public func sync() throws(VaultError) { try connection.syncLog() }

    /// Forgets what was read and written, so that the next read sees what a later process would.
    public func forgetPages() { connection.releasePages() }

    /// Looks through the whole file for damage that SQLite can see.
    public func checkContainer() throws(VaultError) {
        let answer = try connection.statement("PRAGMA quick_check(1)")
        defer { answer.reset() }
        guard try answer.step(), answer.text(0, is: "ok".utf8) else { throw .tampered(.container) }
    }

    private func emptyLog() throws(VaultError) {
        guard try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else {
            throw .busy(path: file.path)
        }
    }
}

extension Store {
    /// Fails if there is anything at `path`, or beside it of a vault that is gone.
    public static func requireFree(_ path: String) throws(VaultError) {
        let file: VaultFile
        // A directory that is not there yet holds nothing.
        do throws(VaultError) { file = try VaultFile(directoryOf: path) } catch {
            if case .vaultMissing = error { return }
            throw error
        }
        try DraftFile.requireFree(file)
    }
}

// One connection to SQLite: opened with everything switched off that a vault does not need.

internal import CSQLite
internal import Glibc
internal import VaultModel

/// Owns a database handle and its prepared statements. Used by one thread at a time.
@safe
final class Connection {
    /// The path as the person gave it; errors name it.
    let path: String
    private let openedPath: String
    private(set) var handle: OpaquePointer?
    /// Few enough to look through; what a dictionary costs a program at its start is more.
    private var statements: [(key: UInt, statement: Statement)] = []
    /// Thousands of steps that may still be made while the file is not yet known to be a vault.
    private var stepsLeft = 1_000

    /// Why the file is opened.
    enum Mode: Hashable, Sendable {
        case readWrite
        /// Nobody can write where it lies, and there is no log beside the file.
        case immutable
    }

    /// Opens the file at `canonicalPath`, which must exist, through the guarded file layer.
    init(_ canonicalPath: String, namedAs path: String, _ mode: Mode) throws(VaultError) {
        self.path = path
        openedPath = canonicalPath
        let layer = GuardedVFS.register()
        GuardedVFS.allow(canonicalPath)
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW
        var name = canonicalPath
        switch mode {
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .immutable:
            flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            name = "file:\(Self.percentEncoded(canonicalPath))?immutable=1"
        }
        let code = unsafe sqlite3_open_v2(name, &handle, flags, layer)
        guard code == SQLITE_OK else {
            let error = error(code)
            unsafe sqlite3_close_v2(handle)
            unsafe handle = nil
            throw error
        }
        configure()
        do throws(VaultError) {
            try run(
                """
                PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;
                PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;
                PRAGMA synchronous=FULL
                """)
        } catch .storage {
            // These fail as such only where the file has a schema format that SQLite does not know.
            throw .refusedFormat(path: path, .notAVault)
        }
    }

    deinit {
        statements = []
        unsafe sqlite3_close_v2(handle)
    }

    /// How long it waits for other processes, in milliseconds.
    var patience: Int32 = 0 {
        didSet { unsafe sqlite3_busy_timeout(handle, patience) }
    }

    /// Switches off what a hostile file could use, and bounds what it can ask for.
    private func configure() {
        unsafe sqlite3_extended_result_codes(handle, 1)
        patience = 10_000
        boundWork()
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, Int32(1)), (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
            (SQLITE_DBCONFIG_ENABLE_VIEW, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_DQS_DML, 0),
            (SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0),
        ] {
            _ = unsafe coffer_sqlite_db_config_flag(handle, option, value)
        }
        for (limit, value) in [
            (SQLITE_LIMIT_LENGTH, Int32(64 * 1_024 * 1_024)), (SQLITE_LIMIT_SQL_LENGTH, 100_000),
            (SQLITE_LIMIT_COLUMN, 32), (SQLITE_LIMIT_ATTACHED, 0),
            (SQLITE_LIMIT_TRIGGER_DEPTH, 1), (SQLITE_LIMIT_VARIABLE_NUMBER, 64),
        ] {
            _ = unsafe sqlite3_limit(handle, limit, value)
        }
    }

    /// Bounds the work of the first look at a file. Reading the schema of a vault takes a few
    /// hundred steps; pages that a hostile file lists again and again could make it take years.
    private func boundWork() {
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe sqlite3_progress_handler(
            handle, 1_000,
            { own in
                guard let own = unsafe own else { return 1 }
                let connection = unsafe Unmanaged<Connection>.fromOpaque(own).takeUnretainedValue()
                connection.stepsLeft -= 1
                return connection.stepsLeft < 0 ? 1 : 0
            }, own)
    }

    /// The schema was read: from here on work may take as long as it takes.
    func liftBound() { unsafe sqlite3_progress_handler(handle, 0, nil, nil) }

    /// Lets go of every page that is only kept for speed.
    func releasePages() { unsafe sqlite3_db_release_memory(handle) }

    /// Has SQLite leave the write-ahead log as it is when this connection closes.
    func keepLogOnClose() {
        _ = unsafe coffer_sqlite_db_config_flag(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    }

    /// Brings the write-ahead log to disk as far as it is written. A medium that can only be read
    /// has none.
    func syncLog() throws(VaultError) {
        var log: UnsafeMutablePointer<sqlite3_file>?
        let found = unsafe sqlite3_file_control(
            handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
        guard found == SQLITE_OK else { throw error(found) }
        guard let log = unsafe log, let methods = unsafe log.pointee.pMethods else { return }
        let code = unsafe methods.pointee.xSync(log, SQLITE_SYNC_NORMAL)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Runs statements that give no rows of interest.
    func run(_ sql: String) throws(VaultError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// The statement for `sql`, prepared once; reset and without bound values.
    func statement(_ sql: StaticString) throws(VaultError) -> Statement {
        let key = UInt(bitPattern: unsafe sql.utf8Start)
        for known in statements where known.key == key { return known.statement }
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self),
            Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw error(code) }
        let statement = unsafe Statement(prepared, of: self)
        statements.append((key, statement))
        return statement
    }

    /// The only integer that `sql` gives.
    func integer(_ sql: StaticString) throws(VaultError) -> Int64 {
        let statement = try statement(sql)
        defer { statement.reset() }
        guard try statement.step() else { throw .tampered(.container) }
        return statement.integer(0)
    }

    /// Rows that the last change touched.
    var changes: Int32 { unsafe sqlite3_changes(handle) }

    /// Whether the file says of itself that it may only be read, as no vault does.
    var isReadOnlyByItself: Bool {
        unsafe sqlite3_db_readonly(handle, "main") == 1 && access(openedPath, W_OK) == 0
    }

    /// Whether no transaction is open.
    var isIdle: Bool { unsafe sqlite3_get_autocommit(handle) != 0 }

    /// What a result code of SQLite means to a person.
    func error(_ code: Int32) -> VaultError {
        let errno = unsafe handle == nil ? 0 : sqlite3_system_errno(handle)
        if errno == 28 || errno == 122 { return .diskFull(path: path) }
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: return .busy(path: path)
        case SQLITE_FULL: return .diskFull(path: path)
        case SQLITE_INTERRUPT: return .refusedFormat(path: path, .schemaDiffers)
        case SQLITE_NOTADB: return .refusedFormat(path: path, .notAVault)
        case SQLITE_CORRUPT where readFailure != 0:
            return .io(.read, path: path, errno: readFailure)
        case SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_SCHEMA:
            return .tampered(.container)
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: return .io(.open, path: path, errno: errno)
        case SQLITE_READONLY:
            return .io(.write, path: path, errno: errno == 0 ? writingObstacle : errno)
        // A COMMIT that fails leaves no number behind.
        case SQLITE_IOERR:
            return .io(ioOperation(code), path: path, errno: errno == 0 ? 5 : errno)
        case SQLITE_NOMEM: return .noMemory(mebibytes: 0)
        default: return .storage(code: code)
        }
    }

    /// The error number of a device that could not be read, or 0: to SQLite that is a file that is
    /// malformed.
    private var readFailure: Int32 {
        guard unsafe handle != nil else { return 0 }
        var failure: Int32 = 0
        _ = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &failure)
        return [EIO, ENXIO].contains(failure) ? failure : 0
    }

    /// What keeps the file from being written, where SQLite leaves no number behind.
    private var writingObstacle: Int32 {
        let folder = openedPath.lastIndex(of: "/").map { String(openedPath[...$0]) } ?? "."
        for place in [openedPath, folder] where unsafe access(place, W_OK) != 0 { return errno }
        return EROFS
    }

    private func ioOperation(_ code: Int32) -> IOOperation {
        switch code >> 8 {
        case 1, 2: .read
        case 4, 5: .sync
        case 10: .remove
        case 15, 20, 21: .lock
        default: .write
        }
    }

    /// A path as part of a `file:` URI.
    private static func percentEncoded(_ path: String) -> String {
        var encoded = ""
        for byte in path.utf8 {
            let isPlain =
                byte > 0x2c && byte < 0x3a || byte > 0x40 && byte < 0x5b
                || byte > 0x60 && byte < 0x7b || byte == 0x5f
            let digits = String(byte, radix: 16)
            encoded += isPlain ? String(Unicode.Scalar(byte)) : "%\(byte < 16 ? "0" : "")\(digits)"
        }
        return encoded
    }
}

// One prepared statement: values in, rows out, every blob bounded before it is copied.

internal import CSQLite
internal import VaultModel

/// A prepared statement. Whoever takes one from the connection resets it when done.
@safe
final class Statement {
    /// Largest blob that is read: a value of 16 MiB, its padding and its seal.
    static let largestBlob = 34 * 1_024 * 1_024

    private let handle: OpaquePointer
    private unowned let connection: Connection
    /// The first value since the last reset that could not be bound: the statement must not run
    /// with NULL in its place.
    private var failure = SQLITE_OK

    init(_ handle: OpaquePointer, of connection: Connection) {
        unsafe self.handle = handle
        self.connection = connection
    }

    deinit { unsafe sqlite3_finalize(handle) }

    @discardableResult
    func bind(_ place: Int32, _ number: Int64) -> Statement {
        note(unsafe sqlite3_bind_int64(handle, place, number))
        return self
    }

    @discardableResult
    func bind(_ place: Int32, _ bytes: [UInt8]) -> Statement {
        // SQLITE_TRANSIENT, a cast that C macros can express: SQLite copies the bytes at once.
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe sqlite3_bind_blob64(
                handle, place, bytes.baseAddress, UInt64(bytes.count), copied)
        }
        note(code)
        return self
    }

    /// Binds bytes that SQLite takes at the next step and not later: no copy of them is made before
    /// that. They must stay where they are until then, and the statement must be reset after.
    @discardableResult
    func bind(_ place: Int32, inPlace bytes: UnsafeBufferPointer<UInt8>) -> Statement {
        note(
            unsafe sqlite3_bind_blob64(
                handle, place, bytes.baseAddress, UInt64(bytes.count), nil))
        return self
    }

    @discardableResult
    func bindNull(_ place: Int32) -> Statement {
        note(unsafe sqlite3_bind_null(handle, place))
        return self
    }

    private func note(_ code: Int32) {
        if failure == SQLITE_OK { failure = code }
    }

    /// Goes to the next row; false when there is none.
    func step() throws(VaultError) -> Bool {
        guard failure == SQLITE_OK else { throw connection.error(failure) }
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.error(code)
        }
    }

    /// Runs a statement without rows to its end and makes it ready for the next time.
    func run() throws(VaultError) {
        defer { reset() }
        while try step() {}
    }

    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
        failure = SQLITE_OK
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    /// A number of another width; tampered if it does not fit.
    func number<N: FixedWidthInteger>(_ column: Int32, _ type: N.Type = N.self) throws(VaultError)
        -> N
    {
        guard let number = N(exactly: integer(column)) else { throw .tampered(.container) }
        return number
    }

    func blob(_ column: Int32) throws(VaultError) -> [UInt8] {
        guard unsafe sqlite3_column_type(handle, column) == SQLITE_BLOB else {
            throw .tampered(.container)
        }
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        guard count <= Self.largestBlob else { throw .tampered(.container) }
        guard let start = unsafe start else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A blob of exactly `count` bytes, copied: the CHECK of a table does not hold for a file that
    /// was edited.
    func blob(_ column: Int32, count: Int) throws(VaultError) -> [UInt8] {
        let bytes = try blob(column)
        guard bytes.count == count else { throw .tampered(.container) }
        return bytes
    }

    /// A view of a blob of exactly `count` bytes, without a copy of it.
    func withBlob(
        _ column: Int32, count: Int, _ body: (Span<UInt8>) -> Void
    ) throws(VaultError) {
        guard unsafe sqlite3_column_type(handle, column) == SQLITE_BLOB,
            let start = unsafe sqlite3_column_blob(handle, column),
            Int(unsafe sqlite3_column_bytes(handle, column)) == count
        else { throw .tampered(.container) }
        body(unsafe Span(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count))
    }

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func identifier(_ column: Int32) throws(VaultError) -> Identifier {
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        guard let start = unsafe sqlite3_column_blob(handle, column),
            let identifier = unsafe Identifier(
                Span(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count))
        else { throw .tampered(.container) }
        return identifier
    }

    /// Whether a text column holds exactly `text`; NULL is the empty text.
    func text(_ column: Int32, is text: some Collection<UInt8>) -> Bool {
        guard let start = unsafe sqlite3_column_text(handle, column) else { return text.isEmpty }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        let own = unsafe UnsafeBufferPointer(start: start, count: count)
        // Where both lie in a row this is quick: otherwise it would be a half of opening a vault.
        let isSame = text.withContiguousStorageIfAvailable { unsafe own.elementsEqual($0) }
        if let isSame { return isSame }
        return unsafe own.elementsEqual(text)
    }
}

// The attacker's SQLite: the stock file layer, no guard, every check switched off.

import CSQLite

/// Edits a vault's tables by hand. What it changed is in the file when it is closed.
public final class Tamperer {
    private var handle: OpaquePointer?

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ path: String) throws {
        try check(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil))
        try run("PRAGMA ignore_check_constraints=ON; PRAGMA writable_schema=ON")
    }

    deinit { close() }

    /// Opens the file, runs `sql` and closes it again.
    public static func edit(_ path: String, _ sql: String) throws {
        let editor = try Tamperer(path)
        try editor.run(sql)
        editor.close()
    }

    /// The last one to close a vault moves its log into the file.
    public func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    public func run(_ sql: String) throws { try check(sqlite3_exec(handle, sql, nil, nil, nil)) }

    public func integer(_ sql: String) throws -> Int64 {
        try first(sql) { sqlite3_column_int64($0, 0) }
    }

    public func blob(_ sql: String) throws -> [UInt8] {
        try first(sql) { row in
            let count = Int(sqlite3_column_bytes(row, 0))
            guard let start = sqlite3_column_blob(row, 0) else { return [] }
            return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    /// Every row of every table but `tables`, as text that can be compared.
    public func dump(except tables: Set<String>) throws -> [String] {
        let names = try rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return try names.filter { !tables.contains($0) }.flatMap { name in
            try ["table \(name)"] + rows("SELECT * FROM \(name)")
        }
    }

    /// Each row as its columns' bytes: of text the text, of anything else hexadecimal digits.
    private func rows(_ sql: String) throws -> [String] {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
        defer { sqlite3_finalize(statement) }
        var found: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            let columns = (0..<sqlite3_column_count(statement)).map { column in
                if sqlite3_column_type(statement, column) == SQLITE_BLOB {
                    let count = Int(sqlite3_column_bytes(statement, column))
                    guard let start = sqlite3_column_blob(statement, column) else { return "" }
                    return Self.literal([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
                }
                return sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "null"
            }
            found.append(columns.joined(separator: "|"))
        }
        return found
    }

    private func first<R>(_ sql: String, _ read: (OpaquePointer?) -> R) throws -> R {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW else { throw Failure(description: "no row") }
        return read(statement)
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else {
            throw Failure(description: String(cString: sqlite3_errmsg(handle)))
        }
    }

    /// Bytes as an SQL literal.
    public static func literal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return "x'" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + "'"
    }
}

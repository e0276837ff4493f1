// The schema that a vault has, to the letter: whatever else is in a file is not a vault.

internal import Migrations
internal import VaultModel

/// What `sqlite_schema` must hold after all migrations.
enum Schema {
    /// `application_id` in the file's header: "CofV".
    static let applicationID: Int64 = 0x436f_6656

    /// One row of `sqlite_schema`.
    private struct Entry {
        let type: String
        let name: ArraySlice<UInt8>
        let table: ArraySlice<UInt8>
        let sql: ArraySlice<UInt8>
    }

    /// The entries that `migrations` make, in the order of their names. SQLite keeps the text of a
    /// CREATE statement as it was written, so the migration files are the list. Bytes, not text:
    /// every command goes through here.
    private static func entries(_ migrations: [Migration]) -> [Entry] {
        migrations.flatMap { statements(of: $0.sql) }.map { statement in
            // CREATE TABLE name, or CREATE [UNIQUE] INDEX name ON table
            let words = statement.prefix(120).split(maxSplits: 6) {
                $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "(")
            }
            if words[1].elementsEqual("TABLE".utf8) {
                return Entry(type: "table", name: words[2], table: words[2], sql: statement)
            }
            let first = words[1].elementsEqual("UNIQUE".utf8) ? 3 : 2
            return Entry(
                type: "index", name: words[first], table: words[first + 2], sql: statement)
        }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// The statements of a migration, without the semicolons that end them.
    private static func statements(of sql: [UInt8]) -> [ArraySlice<UInt8>] {
        var statements: [ArraySlice<UInt8>] = []
        var start = sql.startIndex
        for place in sql.indices where sql[place] == UInt8(ascii: ";") {
            statements.append(sql[start..<place])
            start =
                sql[place...].firstIndex { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\n") }
                ?? sql.endIndex
        }
        return statements
    }

    /// What all of them make: most files are checked against it.
    private static let newest = entries(Migration.all)

    /// Fails unless the file holds exactly what `migrations`, or all that there are, make. Nothing
    /// of the file's own schema has run before: preparing a statement parses it, no more.
    static func check(
        _ connection: Connection, _ migrations: [Migration]? = nil
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
        defer { rows.reset() }
        for entry in migrations.map(entries) ?? newest {
            guard try rows.step(), rows.text(0, is: entry.type.utf8), rows.text(1, is: entry.name),
                rows.text(2, is: entry.table), rows.text(3, is: entry.sql)
            else { throw .refusedFormat(path: connection.path, .schemaDiffers) }
        }
        guard try !rows.step() else {
            throw .refusedFormat(path: connection.path, .schemaDiffers)
        }
    }
}

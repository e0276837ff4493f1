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
        let name: String
        let table: String
        let sql: String
    }

    /// The entries that `migrations` make, in the order of their names. SQLite keeps the text of a
    /// CREATE statement as it was written, so the migration files are the list.
    private static func entries(_ migrations: [Migration]) -> [Entry] {
        migrations.flatMap { statements(of: $0) }.map { statement in
            // CREATE TABLE name, or CREATE [UNIQUE] INDEX name ON table
            let words = statement.split(maxSplits: 8) { $0 == " " || $0 == "\n" || $0 == "(" }
                .filter { $0 != "UNIQUE" }
            let isTable = words[1] == "TABLE"
            let name = String(words[2])
            let table = isTable ? name : String(words[4])
            return Entry(
                type: isTable ? "table" : "index", name: name, table: table, sql: statement)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The statements of a migration, without the semicolons that end them.
    private static func statements(of migration: Migration) -> [String] {
        var statements: [String] = []
        var current = ""
        for line in migration.sql.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasSuffix(";") {
                statements.append(current + line.dropLast())
                current = ""
            } else if !current.isEmpty || !line.isEmpty {
                current += line + "\n"
            }
        }
        return statements
    }

    /// Fails unless the file holds exactly what `migrations` make. Nothing of the file's own schema
    /// has run before: preparing a statement parses it, no more.
    static func check(
        _ connection: Connection, _ migrations: [Migration] = Migration.all
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
        defer { rows.reset() }
        for entry in entries(migrations) {
            guard try rows.step(), rows.text(0, is: entry.type), rows.text(1, is: entry.name),
                rows.text(2, is: entry.table), rows.text(3, is: entry.sql)
            else { throw .refusedFormat(path: connection.path, .schemaDiffers) }
        }
        guard try !rows.step() else {
            throw .refusedFormat(path: connection.path, .schemaDiffers)
        }
    }
}

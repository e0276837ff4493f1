// A file whose schema is not the one that this program writes.

import CSQLite
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("the pinned schema")
struct SchemaPinTests {
    static let additions = [
        "CREATE TRIGGER t AFTER INSERT ON metadata BEGIN DELETE FROM record; END",
        "CREATE TRIGGER t BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE VIEW v AS SELECT * FROM metadata",
        "CREATE TABLE extra (a)",
        "CREATE TABLE aaa (a)",
        "CREATE INDEX extra ON record (blob)",
        "CREATE VIRTUAL TABLE f USING fts5(a)",
        "CREATE VIRTUAL TABLE f USING rtree(a, b, c)",
        "CREATE TABLE s (a INTEGER PRIMARY KEY AUTOINCREMENT)",
        "ANALYZE",
        "ALTER TABLE record ADD COLUMN x INT GENERATED ALWAYS AS (state + 1) VIRTUAL",
        "ALTER TABLE metadata ADD COLUMN x TEXT",
        "ALTER TABLE metadata RENAME COLUMN epoch TO era",
        "ALTER TABLE slot_copy RENAME TO slot_clone",
        "DROP INDEX record_by_version",
        "DROP TABLE slot_copy",
        "ALTER TABLE record RENAME TO r; CREATE VIEW record AS SELECT * FROM r",
        """
        DROP INDEX metadata_by_name; CREATE INDEX metadata_by_name ON metadata (name_index)
        """,
        """
        DROP INDEX record_by_version;
        CREATE UNIQUE INDEX record_by_version ON record (rid, version) WHERE version > 1
        """,
        """
        UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (length(blob) BETWEEN 136 AND 35651584)',
        'CHECK (abs(load_extension(''/tmp/evil'')))') WHERE name = 'record'
        """,
    ]

    @Test("anything more, less or other than the schema is refused (A18)", arguments: additions)
    func refused(_ change: String) throws {
        let vault = try SampleVault()
        try Tamperer.edit(vault.path, change)
        let before = try vault.file.bytes()
        let expected = VaultError.refusedFormat(path: vault.path, .schemaDiffers)
        #expect(vault.refusal(.readOnly) == expected)
        #expect(vault.refusal(.readWrite) == expected)
        #expect(try vault.file.bytes() == before)
    }

    @Test("a NUL, a blank or a comment in the text of the schema is refused (A22)")
    func schemaText() throws {
        for text in [
            "CAST(CAST(sql AS BLOB) || x'00' || x'2d2d' AS TEXT)", "sql || ' '",
            "sql || '/* */'", "replace(sql, 'CREATE TABLE', 'create table')",
        ] {
            let vault = try SampleVault()
            try Tamperer.edit(
                vault.path, "UPDATE sqlite_schema SET sql = \(text) WHERE name = 'slot'")
            let expected = VaultError.refusedFormat(path: vault.path, .schemaDiffers)
            #expect(vault.refusal() == expected, "\(text)")
        }
    }

    @Test("a text of 10 MB in the schema is refused before it is parsed (A22)")
    func longSchemaText() throws {
        let vault = try SampleVault()
        try Tamperer.edit(
            vault.path,
            """
            UPDATE sqlite_schema SET sql = sql || '/*' || printf('%.*c', 10000000, 'x') || '*/'
            WHERE name = 'slot'
            """)
        #expect(vault.refusal() == .tampered(.container))
    }

    @Test("a text that is no statement is damage (A22)")
    func nonsenseSchemaText() throws {
        let vault = try SampleVault()
        try Tamperer.edit(vault.path, "UPDATE sqlite_schema SET sql = 'x' WHERE name = 'slot'")
        #expect(vault.refusal() == .tampered(.container))
    }

    @Test("even behind the pin no trigger fires and no view is read (A18)")
    func nothingRuns() throws {
        let vault = try SampleVault()
        try Tamperer.edit(
            vault.path,
            """
            CREATE TRIGGER t AFTER INSERT ON slot BEGIN DELETE FROM record; END;
            CREATE VIEW v AS SELECT 1
            """)
        let connection = try Connection(vault.path, namedAs: vault.path, .readWrite)
        try connection.run("INSERT INTO slot VALUES (5, zeroblob(224))")
        #expect(try connection.integer("SELECT count(*) FROM record") == 3)
        #expect(throws: VaultError.storage(code: SQLITE_ERROR)) {
            try connection.integer("SELECT * FROM v")
        }
    }
}

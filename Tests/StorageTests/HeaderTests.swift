// A file whose header or pages lie about themselves.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("a container that lies")
struct HeaderTests {
    /// Where in the header, what is written there, and what must be said.
    struct Lie: CustomTestStringConvertible, Sendable {
        let words: String
        let offset: Int
        let bytes: [UInt8]
        let format: FormatDefect?

        var testDescription: String { words }

        static let all = [
            Lie(words: "magic", offset: 0, bytes: Array("SQLite fermat 3\0".utf8), .notAVault),
            Lie(words: "page size 512", offset: 16, bytes: [2, 0], nil),
            Lie(words: "page size 65536", offset: 16, bytes: [0, 1], nil),
            Lie(words: "page size 1000", offset: 16, bytes: [3, 0xe8], .notAVault),
            Lie(words: "page size 0", offset: 16, bytes: [0, 0], .notAVault),
            Lie(words: "rollback journal", offset: 18, bytes: [1, 1], .notAVault),
            Lie(words: "unknown read version", offset: 18, bytes: [2, 3], .notAVault),
            Lie(words: "reserved bytes 32", offset: 20, bytes: [32], nil),
            Lie(words: "reserved bytes 255", offset: 20, bytes: [255], nil),
            Lie(words: "payload fraction", offset: 21, bytes: [65], .notAVault),
            Lie(words: "leaf fraction", offset: 23, bytes: [33], .notAVault),
            Lie(words: "too many pages", offset: 28, bytes: [0, 1, 0, 0], nil),
            Lie(words: "schema format 5", offset: 44, bytes: [0, 0, 0, 5], .notAVault),
            Lie(words: "encoding UTF-16le", offset: 56, bytes: [0, 0, 0, 2], nil),
            Lie(words: "encoding UTF-16be", offset: 56, bytes: [0, 0, 0, 3], nil),
            Lie(words: "user_version 4", offset: 60, bytes: [0, 0, 0, 4], .newerVersion),
            Lie(
                words: "user_version huge", offset: 60, bytes: [127, 255, 255, 255], .newerVersion),
            Lie(words: "user_version 0", offset: 60, bytes: [0, 0, 0, 0], .notAVault),
            Lie(words: "user_version -1", offset: 60, bytes: [255, 255, 255, 255], .notAVault),
            Lie(words: "application_id", offset: 68, bytes: [0, 0, 0, 0], .notAVault),
            Lie(
                words: "application_id of another", offset: 68, bytes: [67, 111, 102, 87],
                .notAVault),
        ]

        init(words: String, offset: Int, bytes: [UInt8], _ format: FormatDefect?) {
            self.words = words
            self.offset = offset
            self.bytes = bytes
            self.format = format
        }
    }

    @Test("a false header is refused for what it is, and the file stays (A19)", arguments: Lie.all)
    func header(_ lie: Lie) throws {
        for access in [StoreAccess.readOnly, .readWrite] {
            let vault = try SampleVault()
            try vault.file.write(lie.bytes, at: lie.offset)
            let before = try vault.file.bytes()
            let expected =
                lie.format.map { VaultError.refusedFormat(path: vault.path, $0) }
                ?? .tampered(.container)
            #expect(vault.refusal(access) == expected)
            #expect(try vault.file.bytes() == before)
        }
    }

    /// Cells of the page at `page`, 1 or later, that begin at these offsets in the page.
    private func cells(_ bytes: [UInt8], page: Int) -> [Int] {
        let start = (page - 1) * 4_096
        let header = page == 1 ? start + 100 : start
        let count = Int(bytes[header + 3]) << 8 | Int(bytes[header + 4])
        return (0..<count).map { index in
            let place = header + 8 + 2 * index
            return Int(bytes[place]) << 8 | Int(bytes[place + 1])
        }
    }

    private func root(_ name: String, in vault: SampleVault) throws -> Int {
        let editor = try Tamperer(vault.path)
        defer { editor.close() }
        return Int(
            try editor.integer("SELECT rootpage FROM sqlite_schema WHERE name = '\(name)'"))
    }

    @Test("a payload as long as a varint can say is damage, without the memory for it (A19)")
    func hugeVarint() throws {
        for length: [UInt8] in [
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x87, 0xff, 0xff, 0xff, 0x7f],
        ] {
            let vault = try SampleVault()
            let page = try root("record", in: vault)
            let cell = try #require(cells(try vault.file.bytes(), page: page).first)
            try vault.file.write(length, at: (page - 1) * 4_096 + cell)
            #expect(vault.refusal() == .tampered(.container))
        }
    }

    @Test("cells that overlap or lie outside the page are damage (A19)")
    func overlappingCells() throws {
        for place in [[0xff, 0xff], [0, 0], [0, 9]] as [[UInt8]] {
            let vault = try SampleVault()
            let page = try root("record", in: vault)
            try vault.file.write(place, at: (page - 1) * 4_096 + 8)
            #expect(vault.refusal() == .tampered(.container), "\(place)")
        }
    }

    @Test("a tree whose page is its own child is damage (A19)")
    func cyclicTree() throws {
        let vault = try SampleVault(secrets: 60)
        let page = try root("record", in: vault)
        let bytes = try vault.file.bytes()
        #expect(bytes[(page - 1) * 4_096] == 5)
        try vault.file.write(
            [0, 0, UInt8(page >> 8), UInt8(page & 255)], at: (page - 1) * 4_096 + 8)
        let cell = try #require(cells(bytes, page: page).first) + 4
        try vault.file.write(
            [0, 0, UInt8(page >> 8), UInt8(page & 255)], at: (page - 1) * 4_096 + cell - 4)
        #expect(vault.refusal() == .tampered(.container))
    }

    @Test("a list of free pages that bites its tail does not hang a write (A19)")
    func cyclicFreelist() throws {
        let vault = try SampleVault(secrets: 60)
        try Tamperer.edit(vault.path, "DELETE FROM record WHERE id > 10")
        let bytes = try vault.file.bytes()
        let trunk = bytes[32..<36].reduce(0) { $0 << 8 | Int($1) }
        #expect(trunk > 0)
        // The trunk names itself as the next one, and itself as its only leaf.
        let own = bytes[32..<36]
        try vault.file.write(own + [0, 0, 0, 1] + own, at: (trunk - 1) * 4_096)
        let before = try vault.content()
        let store = try Store.open(at: vault.path, .readWrite)
        #expect(throws: VaultError.tampered(.container)) {
            try store.write { () throws(VaultError) in
                for number in 1_000..<1_100 { try SampleVault.insert(number, into: store) }
            }
        }
        #expect(try vault.content() == before)
    }

    @Test(
        "a blob outside the bounds of a seal is damage before it is copied (A24)",
        arguments: [36_000_000, 65 * 1_024 * 1_024])
    func blobTooLarge(_ count: Int) throws {
        let vault = try SampleVault()
        try Tamperer.edit(vault.path, "UPDATE record SET blob = zeroblob(\(count)) WHERE id = 1")
        #expect(vault.refusal() == .tampered(.container))
    }

    @Test("a column of another type is damage")
    func otherTypes() throws {
        for edit in [
            "UPDATE metadata SET blob = NULL", "UPDATE metadata SET rid = 'text'",
            "UPDATE metadata SET revision = -1", "UPDATE metadata SET epoch = 4294967296",
            "UPDATE metadata SET rid = zeroblob(17)", "UPDATE record SET state = 6",
            "UPDATE record SET blob = 5",
        ] {
            let vault = try SampleVault(secrets: 1)
            // The tables take anything while the edit is made, and then look as they should.
            try editLoosely(vault, edit)
            #expect(vault.refusal() == .tampered(.container), "\(edit)")
        }
    }

    @Test(
        "a slot of another type counts as missing: the other table has it (B32)",
        arguments: [
            "UPDATE slot SET number = number + 300", "UPDATE slot_copy SET bytes = 'text'",
            "UPDATE slot SET bytes = NULL",
        ])
    func otherSlots(_ edit: String) throws {
        let vault = try SampleVault(secrets: 1)
        let intact = try Store.open(at: vault.path, .readOnly).slots()
        try editLoosely(vault, edit)
        let slots = try Store.open(at: vault.path, .readOnly).slots()
        #expect(slots.map(\.number) == intact.map(\.number))
        #expect(slots.map { $0.first ?? $0.copy } == intact.map(\.first))
        #expect(slots.contains { $0.first == nil || $0.copy == nil })
    }

    @Test("a zeroed page of slots costs nothing while the other table is intact (B32)")
    func zeroedSlots() throws {
        let vault = try SampleVault(secrets: 1)
        let intact = try Store.open(at: vault.path, .readOnly).slots()
        let page = try Tamperer(vault.path).integer(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'slot'")
        var bytes = try FileOnDisk(vault.path).bytes()
        for offset in 0..<4_096 { bytes[(Int(page) - 1) * 4_096 + offset] = 0 }
        try FileOnDisk(vault.path).write(bytes)
        #expect(try Store.open(at: vault.path, .readOnly).slots().map(\.copy) == intact.map(\.copy))
    }

    /// Edits tables that take anything meanwhile, and look as they should afterwards.
    private func editLoosely(_ vault: SampleVault, _ edit: String) throws {
        try Tamperer.edit(
            vault.path,
            """
            UPDATE sqlite_schema
            SET sql = replace(replace(sql, 'STRICT', ''), 'NOT NULL', '')
            """)
        try Tamperer.edit(vault.path, edit)
        try restoreSchema(vault)
    }

    @Test("a file that says that only newer programs may write it is none: nothing could be logged")
    func newerWriteVersion() throws {
        let vault = try SampleVault()
        try vault.file.write([3], at: 18)
        for access in [StoreAccess.readOnly, .readWrite] {
            #expect(vault.refusal(access) == .refusedFormat(path: vault.path, .notAVault))
        }
    }

    /// Puts the text of the schema back to what the program expects.
    private func restoreSchema(_ vault: SampleVault) throws {
        let genuine = try SampleVault(secrets: 0)
        let editor = try Tamperer(vault.path)
        try editor.run("ATTACH '\(genuine.path)' AS genuine")
        try editor.run(
            """
            UPDATE main.sqlite_schema AS s SET sql =
            (SELECT g.sql FROM genuine.sqlite_schema AS g WHERE g.name = s.name)
            """)
        editor.close()
    }
}

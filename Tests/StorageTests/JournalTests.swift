// Journals and logs that someone put beside a vault.

import CSQLite
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("planted journals and logs")
struct JournalTests {
    /// A hot rollback journal without a page, whose trailer names `other` as its super-journal.
    private func hotJournal(naming other: String) -> [UInt8] {
        func number(_ value: UInt32) -> [UInt8] {
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
        let magic: [UInt8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]
        let name = Array(other.utf8)
        let header = magic + number(0) + number(0) + number(1) + number(512) + number(4_096)
        let checksum = name.reduce(UInt32(0)) {
            $0 &+ UInt32(bitPattern: Int32(Int8(bitPattern: $1)))
        }
        return header + [UInt8](repeating: 0, count: 512 - header.count)
            + number(0x4000_0000 / 4_096 + 1)
            + name + number(UInt32(name.count)) + number(checksum) + magic
    }

    @Test("stock SQLite deletes the file that a hot journal names: the attack is real (A20)")
    func teeth() throws {
        let folder = try TemporaryFolder()
        let database = folder.file("plain.db")
        let victim = FileOnDisk(folder.file("victim"))
        try FileOnDisk(database).write([])
        try Tamperer.edit(database, "CREATE TABLE a (b)")
        try victim.write(Array("dear".utf8))
        try FileOnDisk(database + "-journal").write(hotJournal(naming: victim.path))
        let reader = try Tamperer(database)
        _ = try? reader.integer("SELECT count(*) FROM a")
        #expect(!victim.exists)
    }

    @Test("a hot journal that names another file is refused and the file stays (A20)")
    func superJournal() throws {
        let vault = try SampleVault()
        let victim = FileOnDisk(vault.folder.file("victim"))
        try victim.write(Array("dear".utf8))
        let journal = FileOnDisk(vault.path + "-journal")
        try journal.write(hotJournal(naming: victim.path))
        let before = try (vault.file.bytes(), journal.bytes())
        for access in [StoreAccess.readOnly, .readWrite] {
            #expect(vault.refusal(access) == .refusedFormat(path: vault.path, .plantedJournal))
        }
        #expect(try victim.bytes() == Array("dear".utf8))
        #expect(try vault.file.bytes() == before.0)
        #expect(try journal.bytes() == before.1)
    }

    @Test("behind that check the guarded file layer refuses to delete the file too (A20)")
    func superJournalBehindTheCheck() throws {
        let vault = try SampleVault()
        let victim = FileOnDisk(vault.folder.file("victim"))
        try victim.write(Array("dear".utf8))
        try FileOnDisk(vault.path + "-journal").write(hotJournal(naming: victim.path))
        do throws(VaultError) {
            let connection = try Connection(vault.path, namedAs: vault.path, .readWrite)
            _ = try connection.integer("SELECT count(*) FROM record")
        } catch {}
        #expect(try victim.bytes() == Array("dear".utf8))
    }

    enum Planted: String, CaseIterable {
        case empty, stale, garbage, symbolicLink, danglingLink, pipe, folder
    }

    @Test(
        "any journal is refused, whatever it is, and what it points to stays (A20b)",
        arguments: Planted.allCases)
    func anyJournal(_ planted: Planted) throws {
        let vault = try SampleVault()
        let journal = FileOnDisk(vault.path + "-journal")
        let target = FileOnDisk(vault.folder.file("target"))
        try target.write(Array("mine".utf8))
        switch planted {
        case .empty: try journal.write([])
        case .stale: try journal.write(hotJournal(naming: vault.folder.file("gone")))
        case .garbage: try journal.write([UInt8](repeating: 0x5a, count: 9_000))
        case .symbolicLink: try journal.makeLink(to: target.path)
        case .danglingLink: try journal.makeLink(to: vault.folder.file("nowhere"))
        case .pipe: try journal.makePipe()
        case .folder: try journal.makeFolder()
        }
        let names = vault.folder.names
        for access in [StoreAccess.readOnly, .readWrite] {
            #expect(vault.refusal(access) == .refusedFormat(path: vault.path, .plantedJournal))
        }
        #expect(vault.folder.names == names)
        #expect(try target.bytes() == Array("mine".utf8))
    }

    @Test("a garbage log or index changes nothing (A21)", arguments: ["-wal", "-shm"])
    func garbage(_ suffix: String) throws {
        for count in [0, 1, 31, 32, 100, 4_152, 40_000] {
            let vault = try SampleVault()
            let before = try vault.content()
            var random = SeededGenerator(seed: UInt64(count))
            try FileOnDisk(vault.path + suffix).write(random.bytes(count))
            #expect(try vault.content() == before, "\(count)")
            #expect(vault.folder.names == ["vault.db"])
        }
    }

    @Test("an index that claims a log of a million pages changes nothing (A21)")
    func lyingIndex() throws {
        let vault = try SampleVault()
        let before = try vault.content()
        // Both copies of the header: version 3007000, initialised, page size, mxFrame, nPage.
        var header = [UInt8](repeating: 0, count: 48)
        header.replaceSubrange(0..<4, with: [0x18, 0xe2, 0x2d, 0])
        header[12] = 1
        header.replaceSubrange(14..<16, with: [0, 0x10])
        header.replaceSubrange(16..<20, with: [0x40, 0x42, 0x0f, 0])
        let index = header + header + [UInt8](repeating: 0, count: 32_768 - 96)
        try FileOnDisk(vault.path + "-shm").write(index)
        #expect(try vault.content() == before)
    }

    @Test("a log of another vault never gives a row of this one another content (A21)")
    func foreignLog() throws {
        let vault = try SampleVault(secrets: 3)
        let before = try vault.content()
        let log = try foreignLogBytes()
        #expect(log.count > 4_096)
        try FileOnDisk(vault.path + "-wal").write(log)
        do throws(VaultError) {
            let after = try vault.content()
            // A log carries no mark of the file it belongs to, so SQLite takes it: what is read
            // then is the other vault's, which this one's keys do not open, and never a mixture of
            // rows.
            for row in after.metadata where before.metadata.map(\.rid).contains(row.rid) {
                #expect(before.metadata.contains(row))
            }
            for row in after.records where before.records.map(\.rid).contains(row.rid) {
                #expect(before.records.contains(row))
            }
        } catch {
            #expect([.tampered(.container)].contains(error))
        }
    }

    /// The log of a vault with other rows while it is being written.
    private func foreignLogBytes() throws -> [UInt8] {
        let other = try SampleVault(secrets: 0)
        let store = try Store.open(at: other.path, .readWrite)
        try store.write { () throws(VaultError) in
            for number in 500..<530 { try SampleVault.insert(number, into: store) }
        }
        return try FileOnDisk(other.path + "-wal").bytes()
    }

    @Test("a log cut anywhere gives the state before the change or after it, nothing between")
    func cutLog() throws {
        let source = try SampleVault(secrets: 3)
        let before = try source.content()
        let store = try Store.open(at: source.path, .readWrite)
        try store.write { () throws(VaultError) in
            for number in 3..<20 { try SampleVault.insert(number, into: store) }
        }
        let (file, log) = try (source.file.bytes(), FileOnDisk(source.path + "-wal").bytes())
        var seen: Set<Int> = []
        for size in Array(stride(from: 0, to: log.count, by: 1_030)) + [log.count] {
            let copy = try SampleVault(secrets: 0)
            try copy.file.write(file)
            try FileOnDisk(copy.path + "-wal").write(Array(log.prefix(size)))
            let content = try copy.content()
            #expect(content.metadata.count == 20 || content == before, "\(size)")
            seen.insert(content.metadata.count)
        }
        #expect(seen == [3, 20])
    }
}

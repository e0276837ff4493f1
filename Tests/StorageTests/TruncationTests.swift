// A file that was cut short or made longer.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("a vault of the wrong length")
struct TruncationTests {
    private static let pageSize = 4_096

    @Test(
        "cut to less than a page it is refused, unchanged, and no new one is made (A2)",
        arguments: [
            (0, FormatDefect.truncated), (1, .notAVault), (16, .notAVault), (99, nil), (100, nil),
            (512, nil),
        ] as [(Int, FormatDefect?)])
    func cutShort(size: Int, defect: FormatDefect?) throws {
        try check(cutTo: size, defect)
    }

    @Test("cut within or behind any page it is refused as damaged, unchanged (A2)")
    func cutAnywhere() throws {
        let whole = try SampleVault(secrets: 40)
        let pages = try whole.file.bytes().count / Self.pageSize
        #expect(pages > 8)
        for page in 0..<pages {
            if page > 0 { try check(cutTo: page * Self.pageSize, nil) }
            let isLast = page == pages - 1
            for part in [100, 2_048, 4_095] {
                try check(cutTo: page * Self.pageSize + part, isLast ? .truncated : nil)
            }
        }
    }

    /// Without a defect of format, the container must be called damaged.
    private func check(cutTo size: Int, _ defect: FormatDefect?) throws {
        for access in [StoreAccess.readOnly, .readWrite] {
            let vault = try SampleVault(secrets: 40)
            try vault.file.resize(to: size)
            let before = try vault.file.bytes()
            let expected =
                defect.map { VaultError.refusedFormat(path: vault.path, $0) }
                ?? .tampered(.container)
            #expect(vault.refusal(access) == expected, "\(size)")
            #expect(try vault.file.bytes() == before)
            #expect(vault.folder.names == ["vault.db"], "\(size)")
        }
    }

    @Test("a last page that is cut is whole in the log of a writer that was killed")
    func cutInCheckpoint() throws {
        let vault = try SampleVault()
        let store = try Store.open(at: vault.path, .readWrite)
        try store.write { () throws(VaultError) in
            for number in 3..<40 { try SampleVault.insert(number, into: store) }
        }
        let log = try FileOnDisk(vault.path + "-wal").bytes()
        let copy = try SampleVault(secrets: 0)
        try copy.file.write(try vault.file.bytes())
        try copy.file.resize(to: vault.file.bytes().count + 100)
        try FileOnDisk(copy.path + "-wal").write(log)
        #expect(try copy.content().metadata.count == 40)
    }

    @Test("a garbage page behind the end changes nothing (A3)")
    func garbageTail() throws {
        let vault = try SampleVault()
        let before = try vault.content()
        var random = SeededGenerator(seed: 3)
        try vault.file.write(try vault.file.bytes() + random.bytes(Self.pageSize))
        #expect(try vault.content() == before)
    }

    @Test("a hole of 1 GiB behind the end changes nothing, for a write neither (A3)")
    func sparseTail() throws {
        let vault = try SampleVault()
        var expected = try vault.content()
        let size = try vault.file.bytes().count
        try vault.file.resize(to: size + 1 << 30)
        #expect(try vault.content() == expected)
        do {
            let store = try Store.open(at: vault.path, .readWrite)
            try store.write { () throws(VaultError) in try SampleVault.insert(77, into: store) }
        }
        expected.metadata.append(SampleVault.metadata(77))
        expected.records.append(SampleVault.record(77))
        #expect(try vault.content() == expected)
    }
}

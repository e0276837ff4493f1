// The state tree's tables: what is written is read, and nothing of another form.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("the tables of the state tree")
struct TreeTableTests {
    private let vault: SampleVault
    private let store: Store

    init() throws {
        vault = try SampleVault()
        store = try Store.open(at: vault.path, .readWrite)
    }

    private func code(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    private func buckets(of node: UInt8) throws(VaultError) -> [UInt16: [UInt8]] {
        var found: [UInt16: [UInt8]] = [:]
        try store.forEachBucket(ofNode: node) { number, code in
            found[number] = code.withUnsafeBufferPointer { Array($0) }
        }
        return found
    }

    @Test("there is one head, and the next takes its place")
    func head() throws {
        #expect(try store.head() == SampleVault.head(1))
        try store.setHead(SampleVault.head(2))
        #expect(try store.head() == SampleVault.head(2))
        #expect(try store.connection.integer("SELECT count(*) FROM head") == 1)
    }

    @Test("the codes of a node's buckets are those of its 256 numbers")
    func codes() throws {
        for (number, byte) in [(0, 1), (255, 2), (256, 3), (65_280, 4), (65_535, 5)] {
            try store.setBucket(UInt16(number), code(UInt8(byte)))
        }
        #expect(try buckets(of: 0) == [0: code(1), 255: code(2)])
        #expect(try buckets(of: 1) == [256: code(3)])
        #expect(try buckets(of: 255) == [65_280: code(4), 65_535: code(5)])
        try store.setBucket(0, code(9))
        try store.setBucket(255, nil)
        #expect(try buckets(of: 0) == [0: code(9)])
        var all: [UInt16] = []
        try store.forEachBucket { number, _ in all.append(number) }
        #expect(all == [0, 256, 65_280, 65_535])
    }

    @Test("a code of another length or type is damage", arguments: ["x'00'", "zeroblob(33)"])
    func badCode(_ value: String) throws {
        try store.setNode(7, code(1))
        try Tamperer.edit(vault.path, "UPDATE node SET mac = \(value)")
        #expect(throws: VaultError.tampered(.container)) {
            try store.forEachNode { _, _ in }
        }
    }

    @Test("a bucket's rows are those whose identifiers begin with its number, in their order")
    func rows() throws {
        func rid(_ first: UInt8, _ second: UInt8, _ rest: UInt8) -> RecordID {
            RecordID(
                Identifier([first, second] + [UInt8](repeating: rest, count: 14))!)
        }
        func record(_ rid: RecordID, _ version: UInt32) -> SealedRecord {
            let columns = RecordColumns(
                rid: rid, version: version, epoch: .first, state: .current, digest: code(1))
            return SealedRecord(columns, blob: [UInt8](repeating: 2, count: 136))
        }
        let records = [
            record(rid(7, 8, 0), 1), record(rid(7, 8, 0), 2), record(rid(7, 8, 255), 1),
        ]
        for row in records.reversed() { try store.insert(row) }
        for other in [rid(7, 7, 255), rid(7, 9, 0)] { try store.insert(record(other, 1)) }
        #expect(try store.columns(inBucket: 0x0708) == records.map(\.columns))
        #expect(try store.columns(rid: rid(7, 8, 0), version: 2) == records[1].columns)
        #expect(try store.columns(rid: rid(7, 8, 0), version: 3) == nil)
        let grave = Tombstone(rid: rid(255, 255, 255), version: 3, epoch: .first)
        try store.insert(grave)
        #expect(try store.tombstones(inBucket: 0xffff) == [grave])
        #expect(try store.tombstones(inBucket: 0xfffe) == [])
        let metadata = SampleVault.metadata(1)
        #expect(try store.metadata(inBucket: metadata.index.bucket) == [metadata])
    }

    @Test("a second tombstone for one secret is refused")
    func secondTombstone() throws {
        let grave = Tombstone(rid: SampleVault.rid(9), version: 1, epoch: .first)
        try store.insert(grave)
        #expect(throws: VaultError.tampered(.container)) { try store.insert(grave) }
    }
}

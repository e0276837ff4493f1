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

    @Test("there is one head, and the next takes its place")
    func head() throws {
        #expect(try store.head() == SampleVault.head(1))
        try store.setHead(SampleVault.head(2))
        #expect(try store.head() == SampleVault.head(2))
        #expect(try store.connection.integer("SELECT count(*) FROM head") == 1)
    }

    @Test("each row of codes is read back, replaced and removed by its place alone")
    func codes() throws {
        let places: [TreeRow] = [.buckets(ofNode: 0), .buckets(ofNode: 255), .nodes]
        for (place, byte) in zip(places, 1...) {
            #expect(try store.codes(place) == nil)
            try store.setCodes(place, code(UInt8(byte)) + code(UInt8(byte)))
        }
        try store.setCodes(.nodes, code(9) + code(9) + code(9))
        try store.setCodes(.buckets(ofNode: 255), nil)
        #expect(try store.codes(.buckets(ofNode: 0)) == code(1) + code(1))
        #expect(try store.codes(.buckets(ofNode: 255)) == nil)
        #expect(try store.codes(.nodes) == code(9) + code(9) + code(9))
        var nodes: [UInt8] = []
        try store.forEachCodes { node, _ in nodes.append(node) }
        #expect(nodes == [0])
    }

    @Test("a row of codes is not shorter than one code and not longer than all")
    func lengths() throws {
        for count in [0, 63, 8_225] {
            #expect(throws: VaultError.tampered(.container)) {
                try store.setCodes(.nodes, [UInt8](repeating: 1, count: count))
            }
        }
        for count in [64, 8_224] {
            try store.setCodes(.nodes, [UInt8](repeating: 1, count: count))
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
        #expect(try store.columns(in: 0x0708...0x0708) == records.map(\.columns))
        #expect(try store.columns(rid: rid(7, 8, 0), version: 2) == records[1].columns)
        #expect(try store.columns(rid: rid(7, 8, 0), version: 3) == nil)
        let grave = Tombstone(rid: rid(255, 255, 255), version: 3, epoch: .first)
        try store.insert(grave)
        #expect(try store.tombstones(in: 0xffff...0xffff) == [grave])
        #expect(try store.tombstones(in: 0xfffe...0xfffe) == [])
        let metadata = SampleVault.metadata(1)
        let bucket = metadata.index.bucket
        #expect(try store.metadata(in: bucket...bucket) == [metadata])
    }

    @Test("a second tombstone for one secret is refused")
    func secondTombstone() throws {
        let grave = Tombstone(rid: SampleVault.rid(9), version: 1, epoch: .first)
        try store.insert(grave)
        #expect(throws: VaultError.tampered(.container)) { try store.insert(grave) }
    }
}

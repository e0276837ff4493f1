// What was deleted is in the file no more, and not in its log.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("deletion")
struct DeletionTests {
    /// Pieces of a row by which it would be recognised: its seal's beginning, middle and end.
    private func traces(of number: Int, blob: [UInt8]) -> [[UInt8]] {
        let metadata = SampleVault.metadata(number)
        return [
            Array(blob.prefix(24)), Array(blob[(blob.count / 2)...].prefix(24)),
            Array(blob.suffix(24)), Array(metadata.blob.prefix(24)),
            Array(metadata.blob.suffix(24)), metadata.index.bytes, metadata.rid.bytes,
        ]
    }

    private func isTraced(_ traces: [[UInt8]], _ vault: SampleVault) -> Bool {
        ["", "-wal", "-shm"].contains { FileOnDisk(vault.path + $0).holds(anyOf: traces) }
    }

    @Test(
        "a purged secret is in neither file nor log, while the vault is still open",
        arguments: [136, 200, 4_000, 4_200, 20_000, 300_000])
    func purge(count: Int) throws {
        let vault = try SampleVault()
        let store = try Store.open(at: vault.path, .readWrite)
        let record = SampleVault.record(9, count: count)
        try store.write { () throws(VaultError) in
            try store.insert(SampleVault.metadata(9))
            try store.insert(record)
        }
        let traces = traces(of: 9, blob: record.blob)
        #expect(isTraced(traces, vault))
        try store.write { () throws(VaultError) in
            try store.deleteRecords(record.rid)
            try store.deleteMetadata(SampleVault.metadata(9).index)
        }
        #expect(store.truncateLog() == .gone)
        #expect(try FileOnDisk(vault.path + "-wal").bytes().isEmpty)
        for trace in traces { #expect(!isTraced([trace], vault)) }
    }

    @Test("what a new revision replaced is gone when the vault is closed")
    func replaced() throws {
        let vault = try SampleVault()
        let old = SampleVault.metadata(1)
        do {
            let store = try Store.open(at: vault.path, .readWrite)
            let new = SealedMetadata(
                index: old.index, rid: old.rid, revision: 2, epoch: .first,
                blob: [UInt8](repeating: 1, count: 200))
            try store.write { () throws(VaultError) in
                try store.update(new, under: old.index, replacing: 1)
            }
        }
        #expect(!isTraced([Array(old.blob.prefix(24)), Array(old.blob.suffix(24))], vault))
    }

    @Test("a removed slot is gone from both tables and from the file")
    func slot() throws {
        let vault = try SampleVault()
        var random = SeededGenerator(seed: 1)
        let bytes = random.bytes(224)
        let store = try Store.open(at: vault.path, .readWrite)
        try store.write { () throws(VaultError) in try store.setSlot(5, bytes) }
        try store.write { () throws(VaultError) in try store.removeSlot(5) }
        #expect(store.truncateLog() == .gone)
        #expect(try store.slots().map(\.number) == [0, 1])
        #expect(!isTraced([Array(bytes.prefix(24)), Array(bytes.suffix(24))], vault))
    }

    @Test("of many secrets purged in any order, while others come and go, none leaves a trace")
    func many() throws {
        var random = SeededGenerator(seed: 42)
        let vault = try SampleVault(secrets: 0)
        let store = try Store.open(at: vault.path, .readWrite)
        var blobs: [Int: [UInt8]] = [:]
        for round in 0..<4 {
            try store.write { () throws(VaultError) in
                for number in round * 100..<round * 100 + 100 {
                    let count = 136 + Int(random.next() % 6_000)
                    let record = SampleVault.record(number, count: count)
                    blobs[number] = record.blob
                    try store.insert(SampleVault.metadata(number))
                    try store.insert(record)
                }
            }
            let purged = blobs.keys.sorted().shuffled(using: &random).prefix(80)
            try store.write { () throws(VaultError) in
                for number in purged {
                    try store.deleteRecords(SampleVault.rid(number))
                    try store.deleteMetadata(SampleVault.metadata(number).index)
                }
            }
            #expect(store.truncateLog() == .gone)
            let old = purged.flatMap { traces(of: $0, blob: blobs.removeValue(forKey: $0)!) }
            #expect(!isTraced(old, vault), "round \(round)")
        }
        #expect(try store.metadataCount() == UInt64(blobs.count))
    }
}

// Rows in, rows out, and the rules that the tables keep.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("the tables")
struct TableTests {
    private func store() throws -> (SampleVault, Store) {
        let vault = try SampleVault(secrets: 1)
        return (vault, try Store.open(at: vault.path, .readWrite))
    }

    @Test("what is not there is nil, not an error")
    func missing() throws {
        let (_, store) = try store()
        #expect(try store.metadata(index: SampleVault.metadata(5).index) == nil)
        #expect(try store.record(rid: SampleVault.rid(0), version: 2) == nil)
        #expect(try store.record(rid: SampleVault.rid(5), version: 1) == nil)
    }

    @Test("a second row under one index, or one version, is refused (A11)")
    func unique() throws {
        let (vault, store) = try store()
        #expect(throws: VaultError.tampered(.container)) {
            try store.write { () throws(VaultError) in try store.insert(SampleVault.metadata(0)) }
        }
        #expect(throws: VaultError.tampered(.container)) {
            try store.write { () throws(VaultError) in try store.insert(SampleVault.record(0)) }
        }
        #expect(try vault.content().metadata.count == 1)
    }

    @Test("a revision that someone else replaced is not replaced again")
    func lostUpdate() throws {
        let (_, store) = try store()
        let row = SampleVault.metadata(0)
        func next(_ revision: UInt64) -> SealedMetadata {
            SealedMetadata(
                index: row.index, rid: row.rid, revision: revision, epoch: .first, blob: row.blob)
        }
        try store.update(next(2), under: row.index, replacing: 1)
        #expect(throws: VaultError.tampered(.container)) {
            try store.update(next(3), under: row.index, replacing: 1)
        }
        #expect(try store.metadata(index: row.index)?.revision == 2)
    }

    @Test("a version that is not there cannot change its state")
    func missingVersion() throws {
        let (_, store) = try store()
        #expect(throws: VaultError.tampered(.container)) {
            try store.setState(SampleVault.rid(0), 2, .previous)
        }
        try store.setState(SampleVault.rid(0), 1, .previous)
        #expect(try store.record(rid: SampleVault.rid(0), version: 1)?.state == .previous)
    }

    @Test(
        "a blob is at least a seal of one bucket, and at most the largest value's",
        arguments: [
            0, 55, 56, 71, 72, 135, 35_651_585,
        ])
    func blobBounds(_ count: Int) throws {
        let (vault, store) = try store()
        let before = try vault.content()
        #expect(throws: VaultError.tampered(.container)) {
            try store.write { () throws(VaultError) in
                let columns = SampleVault.record(7).columns
                try store.insert(
                    SealedRecord(columns, blob: [UInt8](repeating: 1, count: count)))
            }
        }
        #expect(try vault.content() == before)
    }

    @Test("a slot has 224 bytes and a number from 0 to 7")
    func slotBounds() throws {
        let (_, store) = try store()
        for (number, count) in [(8, 224), (255, 224), (2, 223), (2, 225), (2, 0)] {
            #expect(throws: VaultError.tampered(.container), "\(number) \(count)") {
                try store.write { () throws(VaultError) in
                    try store.setSlot(UInt8(number), [UInt8](repeating: 1, count: count))
                }
            }
        }
        #expect(try store.slots().map(\.number) == [0, 1])
    }

    @Test("of a slot that one table lost, the other copy is still there")
    func halfSlot() throws {
        let (vault, _) = try store()
        try Tamperer.edit(vault.path, "DELETE FROM slot WHERE number = 1")
        let slots = try vault.content().slots
        #expect(slots.map(\.number) == [0, 1])
        #expect(slots[1].first == nil)
        #expect(slots[1].copy == SampleVault.slot(1))
    }
}

// A vault of meaningless rows: this room cannot tell them from sealed ones.

import CSQLite
import TestSupport
import VaultModel

@testable import Storage

/// A folder with `vault.db`, two slots and some secrets of one version each.
struct SampleVault {
    let folder: TemporaryFolder
    let path: String

    init(secrets: Int = 3) throws {
        folder = try TemporaryFolder()
        path = folder.file("vault.db")
        try Store.create(at: path) { store throws(VaultError) in
            try Self.fill(store, secrets: secrets)
        }
    }

    var file: FileOnDisk { FileOnDisk(path) }

    static func slot(_ number: UInt8) -> [UInt8] { [UInt8](repeating: 0xa0 | number, count: 224) }

    static func fill(_ store: Store, secrets: Int) throws(VaultError) {
        try store.setHead(head(1))
        try store.setSlot(0, slot(0))
        try store.setSlot(1, slot(1))
        for number in 0..<secrets { try insert(number, into: store) }
    }

    static func insert(_ number: Int, into store: Store) throws(VaultError) {
        try store.insert(metadata(number))
        try store.insert(record(number))
    }

    static func metadata(_ number: Int) -> SealedMetadata {
        var random = SeededGenerator(seed: UInt64(number))
        return SealedMetadata(
            index: BlindIndexValue(Identifier(random.bytes(16))!), rid: rid(number), revision: 1,
            epoch: .first, blob: random.bytes(200))
    }

    static func record(_ number: Int, count: Int = 200) -> SealedRecord {
        var random = SeededGenerator(seed: UInt64(number) << 32)
        let columns = RecordColumns(
            rid: rid(number), version: 1, epoch: .first, state: .current, digest: random.bytes(32))
        return SealedRecord(columns, blob: random.bytes(count))
    }

    static func head(_ number: Int) -> SealedHead {
        var random = SeededGenerator(seed: UInt64(number) << 48)
        return SealedHead(bytes: random.bytes(243), code: random.bytes(32))
    }

    static func rid(_ number: Int) -> RecordID {
        var random = SeededGenerator(seed: ~UInt64(number))
        return RecordID(Identifier(random.bytes(16))!)
    }

    /// Everything in the vault at `path`.
    struct Content: Hashable {
        var slots: [SlotPair] = []
        var metadata: [SealedMetadata] = []
        var records: [SealedRecord] = []

        init() {}

        init(at path: String, _ access: StoreAccess = .readOnly) throws(VaultError) {
            let store = try Store.open(at: path, access)
            slots = try store.slots()
            var metadata: [SealedMetadata] = []
            try store.forEachMetadata { row in metadata.append(row) }
            self.metadata = metadata
            for row in metadata {
                if let record = try store.record(rid: row.rid, version: 1) {
                    records.append(record)
                }
            }
        }
    }

    func content() throws(VaultError) -> Content { try Content(at: path) }

    /// Why the vault is not read, or nil if it is.
    func refusal(_ access: StoreAccess = .readOnly) -> VaultError? {
        do throws(VaultError) {
            _ = try Content(at: path, access)
            return nil
        } catch {
            return error
        }
    }
}

extension Connection {
    /// The handle, which the product keeps to itself: tests look at its settings and set hooks.
    var rawHandle: OpaquePointer? {
        Mirror(reflecting: self).descendant("handle") as? OpaquePointer
    }

    /// Gives up at once where another one has the lock.
    func neverWait() throws(VaultError) { try run("PRAGMA busy_timeout=0") }
}

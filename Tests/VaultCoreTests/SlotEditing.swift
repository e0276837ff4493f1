// Slots edited by hand, with a checksum that fits.

import CSQLite
import TestSupport
import VaultModel

@testable import Sealing
@testable import Storage
@testable import VaultCore

extension TestVault {
    func slot(_ number: UInt8) throws(VaultError) -> SlotPair {
        let store = try Store.open(at: path, .readOnly)
        guard let pair = try store.slots().first(where: { $0.number == number }) else {
            throw .slotMissing(number)
        }
        return pair
    }

    /// A slot of this vault's id for a root key that is not this vault's.
    func slotOfAnother(number: UInt8, key: TestKey) throws(VaultError) -> [UInt8] {
        try KeySlot.seal(
            try RootKey(), with: try key.unlockKey(), number: number,
            vault: try locked().facts().vault, epoch: .first, parameters: TestKey.cheap,
            created: Self.created
        ).bytes
    }

    func write(_ bytes: [UInt8], toSlot number: UInt8, in tables: [String]) throws {
        for table in tables {
            try tamper(
                """
                INSERT OR REPLACE INTO \(table) (number, bytes)
                VALUES (\(number), \(Tamperer.literal(bytes)))
                """)
        }
    }

    /// Overwrites a part of a slot in both tables and mends its checksum.
    func edit(slot number: UInt8, at offset: Int, _ bytes: [UInt8]) throws {
        var slot = try slot(number).first!
        slot.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        let body = Array(slot.prefix(192))
        slot.replaceSubrange(192..., with: SHA256.digest(body.span))
        try write(slot, toSlot: number, in: ["slot", "slot_copy"])
    }

    /// Damages a slot in one of its tables.
    func damage(slot number: UInt8, in table: String) throws {
        try tamper(
            """
            UPDATE \(table) SET bytes = CAST(substr(bytes, 1, 100) || x'5a5a' || substr(bytes, 103)
            AS BLOB) WHERE number = \(number)
            """)
    }
}

/// Does something when a connection has to wait for a lock, in the place of waiting.
final class WhileWaiting {
    private(set) var count = 0
    private let body: () -> Void

    init(_ connection: Connection, _ body: @escaping () -> Void) {
        self.body = body
        sqlite3_busy_handler(
            connection.rawHandle,
            { context, _ in
                let waiting = Unmanaged<WhileWaiting>.fromOpaque(context!).takeUnretainedValue()
                guard waiting.count == 0 else { return 0 }
                waiting.count += 1
                waiting.body()
                return 1
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}

extension Connection {
    /// The handle, which the product keeps to itself: tests set hooks on it.
    var rawHandle: OpaquePointer? {
        Mirror(reflecting: self).descendant("handle") as? OpaquePointer
    }
}

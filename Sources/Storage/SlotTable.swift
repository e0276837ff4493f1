// The key slots, each stored twice.

public import VaultModel

/// What the two tables hold under one number.
public struct SlotPair: Hashable, Sendable {
    public let number: UInt8
    public let first: [UInt8]?
    public let copy: [UInt8]?
}

extension Store {
    /// Every number that one of the tables holds, in ascending order.
    public func slots() throws(VaultError) -> [SlotPair] {
        var failure: VaultError?
        let first = try blobs("SELECT number, bytes FROM slot LIMIT 256", &failure)
        let copy = try blobs("SELECT number, bytes FROM slot_copy LIMIT 256", &failure)
        var found: [SlotPair] = []
        for number in UInt8.min...UInt8.max {
            let pair = SlotPair(
                number: number, first: first[Int(number)], copy: copy[Int(number)])
            if pair.first != nil || pair.copy != nil { found.append(pair) }
        }
        if found.isEmpty, let failure { throw failure }
        return found
    }

    /// By number. What cannot be read counts as missing, a row or the rest of a table: the other
    /// table has it. What a device said that could not be read is kept as the `failure`.
    private func blobs(
        _ sql: StaticString, _ failure: inout VaultError?
    ) throws(VaultError) -> [[UInt8]?] {
        var slots = [[UInt8]?](repeating: nil, count: 256)
        let rows = try connection.statement(sql)
        defer { rows.reset() }
        do throws(VaultError) {
            while try rows.step() {
                guard let number = UInt8(exactly: rows.integer(0)) else { continue }
                slots[Int(number)] = try? rows.blob(1)
            }
        } catch {
            switch error {
            case .tampered(.container): break
            case .io(.read, _, _): failure = error
            default: throw error
            }
        }
        return slots
    }

    /// Writes a slot, both copies.
    public func setSlot(_ number: UInt8, _ bytes: [UInt8]) throws(VaultError) {
        try connection.statement("INSERT OR REPLACE INTO slot (number, bytes) VALUES (?1, ?2)")
            .bind(1, Int64(number)).bind(2, bytes).run()
        try connection.statement("INSERT OR REPLACE INTO slot_copy (number, bytes) VALUES (?1, ?2)")
            .bind(1, Int64(number)).bind(2, bytes).run()
    }

    public func removeSlot(_ number: UInt8) throws(VaultError) {
        try connection.statement("DELETE FROM slot WHERE number = ?1").bind(1, Int64(number)).run()
        try connection.statement("DELETE FROM slot_copy WHERE number = ?1")
            .bind(1, Int64(number)).run()
    }
}

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
        var first: [UInt8: [UInt8]] = [:]
        var copy: [UInt8: [UInt8]] = [:]
        try read("SELECT number, bytes FROM slot LIMIT 256", into: &first)
        try read("SELECT number, bytes FROM slot_copy LIMIT 256", into: &copy)
        return Set(first.keys).union(copy.keys).sorted()
            .map { SlotPair(number: $0, first: first[$0], copy: copy[$0]) }
    }

    /// What cannot be read counts as missing, a row or the rest of a table: the other table has it.
    private func read(
        _ sql: StaticString, into slots: inout [UInt8: [UInt8]]
    ) throws(VaultError) {
        let rows = try connection.statement(sql)
        defer { rows.reset() }
        do throws(VaultError) {
            while try rows.step() {
                guard let number = UInt8(exactly: rows.integer(0)) else { continue }
                slots[number] = try? rows.blob(1)
            }
        } catch {
            guard error == .tampered(.container) else { throw error }
        }
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

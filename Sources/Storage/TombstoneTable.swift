// What is left of secrets that were purged.

public import VaultModel

extension Store {
    public func insert(_ row: Tombstone) throws(VaultError) {
        try connection.statement(
            "INSERT INTO tombstone (rid, version, epoch) VALUES (?1, ?2, ?3)"
        ).bind(1, row.rid.bytes).bind(2, Int64(row.version)).bind(3, Int64(row.epoch.number)).run()
    }

    /// Every tombstone in some buckets of the state tree.
    public func tombstones(in buckets: ClosedRange<UInt16>) throws(VaultError) -> [Tombstone] {
        let rows = try connection.statement(
            """
            SELECT rid, version, epoch FROM tombstone WHERE rid BETWEEN ?1 AND ?2 ORDER BY rid
            """
        ).bind(buckets)
        defer { rows.reset() }
        var found: [Tombstone] = []
        while try rows.step() {
            let row = try tombstone(rows)
            if let last = found.last {
                guard last.rid.identifier < row.rid.identifier else { throw .tampered(.container) }
            }
            found.append(row)
        }
        return found
    }

    /// Every tombstone, in the order in which they were left.
    public func forEachTombstone(
        _ body: (Tombstone) throws(VaultError) -> Void
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT rid, version, epoch, id FROM tombstone ORDER BY id")
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(3))
            try body(try tombstone(rows))
        }
    }

    public func deleteTombstone(_ rid: RecordID) throws(VaultError) {
        try connection.statement("DELETE FROM tombstone WHERE rid = ?1").bind(1, rid.bytes).run()
    }

    private func tombstone(_ row: Statement) throws(VaultError) -> Tombstone {
        Tombstone(
            rid: RecordID(try row.identifier(0)), version: try row.number(1),
            epoch: Epoch(try row.number(2)))
    }
}

// Sealed versions of secrets.

public import VaultModel

extension Store {
    public func insert(_ row: SealedRecord) throws(VaultError) {
        try connection.statement(
            """
            INSERT INTO record (rid, version, epoch, state, digest, blob)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """
        ).bind(1, row.rid.bytes).bind(2, Int64(row.version)).bind(3, Int64(row.epoch.number))
            .bind(4, Int64(row.state.rawValue)).bind(5, row.digest).bind(6, row.blob).run()
    }

    /// One version, or nil.
    public func record(rid: RecordID, version: UInt32) throws(VaultError) -> SealedRecord? {
        let row = try connection.statement(
            """
            SELECT rid, version, epoch, state, digest, blob FROM record
            WHERE rid = ?1 AND version = ?2
            """
        ).bind(1, rid.bytes).bind(2, Int64(version))
        defer { row.reset() }
        return try row.step() ? SealedRecord(try columns(row), blob: try row.blob(5)) : nil
    }

    /// The clear columns of one version, or nil if there is no such row.
    public func columns(rid: RecordID, version: UInt32) throws(VaultError) -> RecordColumns? {
        let row = try connection.statement(
            """
            SELECT rid, version, epoch, state, digest FROM record
            WHERE rid = ?1 AND version = ?2
            """
        ).bind(1, rid.bytes).bind(2, Int64(version))
        defer { row.reset() }
        return try row.step() ? try columns(row) : nil
    }

    /// The clear columns of every version in some buckets of the state tree.
    public func columns(in buckets: ClosedRange<UInt16>) throws(VaultError) -> [RecordColumns] {
        let rows = try connection.statement(
            """
            SELECT rid, version, epoch, state, digest FROM record
            WHERE rid BETWEEN ?1 AND ?2 ORDER BY rid, version
            """
        ).bind(buckets)
        defer { rows.reset() }
        var found: [RecordColumns] = []
        while try rows.step() {
            let row = try columns(rows)
            // SQLite does not notice when a page of an index is listed in several places.
            if let last = found.last {
                guard (last.rid.identifier, last.version) < (row.rid.identifier, row.version)
                else { throw .tampered(.container) }
            }
            found.append(row)
        }
        return found
    }

    /// The clear columns of every version, in the order in which they were stored.
    public func forEachRecord(
        _ body: (RecordColumns) throws(VaultError) -> Void
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT rid, version, epoch, state, digest, id FROM record ORDER BY id")
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(5))
            try body(try columns(rows))
        }
    }

    /// Every version with its blob, in the order in which they were stored.
    public func forEachBlob(
        _ body: (SealedRecord) throws(VaultError) -> Void
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT rid, version, epoch, state, digest, blob, id FROM record ORDER BY id")
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(6))
            try body(SealedRecord(try columns(rows), blob: try rows.blob(5)))
        }
    }

    func columns(_ row: Statement) throws(VaultError) -> RecordColumns {
        guard let state = VersionState(rawValue: try row.number(3)) else {
            throw .tampered(.container)
        }
        return RecordColumns(
            rid: RecordID(try row.identifier(0)), version: try row.number(1),
            epoch: Epoch(try row.number(2)), state: state, digest: try row.blob(4))
    }

    /// Moves a version, which must be there, to another state.
    public func setState(
        _ rid: RecordID, _ version: UInt32, _ state: VersionState
    ) throws(VaultError) {
        try connection.statement("UPDATE record SET state = ?1 WHERE rid = ?2 AND version = ?3")
            .bind(1, Int64(state.rawValue)).bind(2, rid.bytes).bind(3, Int64(version)).run()
        guard connection.changes == 1 else { throw .tampered(.container) }
    }

    /// Deletes one version, which must be there.
    public func deleteRecord(_ rid: RecordID, _ version: UInt32) throws(VaultError) {
        try connection.statement("DELETE FROM record WHERE rid = ?1 AND version = ?2")
            .bind(1, rid.bytes).bind(2, Int64(version)).run()
        guard connection.changes == 1 else { throw .tampered(.container) }
    }

    /// Deletes every version of a secret.
    public func deleteRecords(_ rid: RecordID) throws(VaultError) {
        try connection.statement("DELETE FROM record WHERE rid = ?1").bind(1, rid.bytes).run()
    }
}

extension Statement {
    /// Binds the least and more than the greatest identifier of buckets to ?1 and ?2.
    func bind(_ buckets: ClosedRange<UInt16>) -> Statement {
        func start(_ bucket: UInt16) -> [UInt8] { [UInt8(bucket >> 8), UInt8(bucket & 0xff)] }
        let more = [UInt8](repeating: 0xff, count: Identifier.byteCount - 1)
        return bind(1, start(buckets.lowerBound)).bind(2, start(buckets.upperBound) + more)
    }
}

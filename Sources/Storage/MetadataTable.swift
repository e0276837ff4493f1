// Sealed descriptions, one a secret.

public import VaultModel

extension Store {
    /// The number of secrets. Counted row by row: pages that a hostile file lists again and again
    /// would otherwise keep SQLite counting for years.
    public func metadataCount() throws(VaultError) -> UInt64 {
        let rows = try connection.statement("SELECT sid FROM metadata ORDER BY sid")
        defer { rows.reset() }
        var count: UInt64 = 0
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(0))
            count += 1
        }
        return count
    }

    /// The row under a blind index, or nil.
    public func metadata(index: BlindIndexValue) throws(VaultError) -> SealedMetadata? {
        let row = try connection.statement(
            """
            SELECT name_index, rid, revision, epoch, blob FROM metadata WHERE name_index = ?1
            """
        ).bind(1, index.bytes)
        defer { row.reset() }
        return try row.step() ? try metadata(row) : nil
    }

    /// Every row whose blind index is in some buckets of the state tree.
    public func metadata(in buckets: ClosedRange<UInt16>) throws(VaultError) -> [SealedMetadata] {
        let rows = try connection.statement(
            """
            SELECT name_index, rid, revision, epoch, blob FROM metadata
            WHERE name_index BETWEEN ?1 AND ?2 ORDER BY name_index
            """
        ).bind(buckets)
        defer { rows.reset() }
        var found: [SealedMetadata] = []
        while try rows.step() {
            let row = try metadata(rows)
            if let last = found.last {
                guard last.index.identifier < row.index.identifier else {
                    throw .tampered(.container)
                }
            }
            found.append(row)
        }
        return found
    }

    /// Every row, in the order in which they were stored.
    public func forEachMetadata(
        _ body: (SealedMetadata) throws(VaultError) -> Void
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT name_index, rid, revision, epoch, blob, sid FROM metadata ORDER BY sid")
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(5))
            try body(try metadata(rows))
        }
    }

    func metadata(_ row: Statement) throws(VaultError) -> SealedMetadata {
        SealedMetadata(
            index: BlindIndexValue(try row.identifier(0)), rid: RecordID(try row.identifier(1)),
            revision: try row.number(2), epoch: Epoch(try row.number(3)), blob: try row.blob(4))
    }

    public func insert(_ row: SealedMetadata) throws(VaultError) {
        try connection.statement(
            """
            INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """
        ).bind(1, row.index.bytes).bind(2, row.rid.bytes).bind(3, Int64(row.revision))
            .bind(4, Int64(row.epoch.number)).bind(5, row.blob).run()
    }

    /// Replaces the description under `index`, which must still be that of `row.rid` in revision
    /// `old`.
    public func update(
        _ row: SealedMetadata, under index: BlindIndexValue, replacing old: UInt64
    ) throws(VaultError) {
        try connection.statement(
            """
            UPDATE metadata SET name_index = ?1, revision = ?2, epoch = ?3, blob = ?4
            WHERE name_index = ?5 AND rid = ?6 AND revision = ?7
            """
        ).bind(1, row.index.bytes).bind(2, Int64(row.revision)).bind(3, Int64(row.epoch.number))
            .bind(4, row.blob).bind(5, index.bytes).bind(6, row.rid.bytes).bind(7, Int64(old)).run()
        guard connection.changes == 1 else { throw .tampered(.container) }
    }

    public func deleteMetadata(_ index: BlindIndexValue) throws(VaultError) {
        try connection.statement("DELETE FROM metadata WHERE name_index = ?1")
            .bind(1, index.bytes).run()
    }
}

/// Row numbers as they must come: SQLite does not notice when a page is listed in several places.
struct AscendingRows {
    private var last = Int64.min

    mutating func take(_ number: Int64) throws(VaultError) {
        guard number > last else { throw .tampered(.container) }
        last = number
    }
}

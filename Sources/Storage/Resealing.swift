// Replacing every sealed row in its place, one at a time: a vault of any size needs the memory of
// one row.

public import VaultModel

extension Store {
    /// Puts what `body` makes of each description in its place, or nothing; index, epoch and blob
    /// may differ.
    public func resealMetadata(
        _ body: (SealedMetadata) throws(VaultError) -> SealedMetadata?
    ) throws(VaultError) {
        var last = Int64.min
        while let (place, row) = try metadata(after: last) {
            last = place
            guard let next = try body(row) else {
                try connection.statement("DELETE FROM metadata WHERE sid = ?1").bind(1, place).run()
                continue
            }
            try connection.statement(
                "UPDATE metadata SET name_index = ?1, epoch = ?2, blob = ?3 WHERE sid = ?4"
            ).bind(1, next.index.bytes).bind(2, Int64(next.epoch.number)).bind(3, next.blob)
                .bind(4, place).run()
        }
    }

    private func metadata(
        after place: Int64
    ) throws(VaultError) -> (place: Int64, row: SealedMetadata)? {
        let row = try connection.statement(
            """
            SELECT name_index, rid, revision, epoch, blob, sid FROM metadata
            WHERE sid > ?1 ORDER BY sid LIMIT 1
            """
        ).bind(1, place)
        defer { row.reset() }
        guard try row.step() else { return nil }
        return (row.integer(5), try metadata(row))
    }

    /// Puts what `body` makes of each version in its place, or nothing; epoch, state, digest and
    /// blob may differ.
    public func resealRecords(
        _ body: (SealedRecord) throws(VaultError) -> SealedRecord?
    ) throws(VaultError) {
        var last = Int64.min
        while let (place, row) = try record(after: last) {
            last = place
            guard let next = try body(row) else {
                try connection.statement("DELETE FROM record WHERE id = ?1").bind(1, place).run()
                continue
            }
            try connection.statement(
                "UPDATE record SET epoch = ?1, state = ?2, digest = ?3, blob = ?4 WHERE id = ?5"
            ).bind(1, Int64(next.epoch.number)).bind(2, Int64(next.state.rawValue))
                .bind(3, next.digest).bind(4, next.blob).bind(5, place).run()
        }
    }

    private func record(
        after place: Int64
    ) throws(VaultError) -> (place: Int64, row: SealedRecord)? {
        let row = try connection.statement(
            """
            SELECT rid, version, epoch, state, digest, blob, id FROM record
            WHERE id > ?1 ORDER BY id LIMIT 1
            """
        ).bind(1, place)
        defer { row.reset() }
        guard try row.step() else { return nil }
        return (row.integer(6), SealedRecord(try columns(row), blob: try row.blob(5)))
    }

    /// Whether there is room for every row twice, and for a secret beside them.
    public func requireSpace() throws(VaultError) {
        let pages = try connection.integer("PRAGMA page_count")
        let size = try connection.integer("PRAGMA page_size")
        guard let free = freeBytes else { return }
        let needed = 2 * pages * size + Self.neededBytes
        guard free >= needed else { throw .diskFull(path: path, needed: UInt64(needed)) }
    }
}

// Keys of epochs that are over.
extension Store {
    /// The epochs and their sealed keys, in order. What cannot be read of one is empty: it is as
    /// damaged as what does not open, and must not hide the others.
    public func retiredKeys() throws(VaultError) -> [(epoch: Epoch, sealed: [UInt8])] {
        guard hasInbox else { return [] }
        let rows = try connection.statement("SELECT epoch, bytes FROM retired_key ORDER BY epoch")
        defer { rows.reset() }
        var found: [(epoch: Epoch, sealed: [UInt8])] = []
        while try rows.step() {
            found.append((Epoch(try rows.number(0)), (try? rows.blob(1)) ?? []))
        }
        return found
    }

    public func setRetiredKey(_ epoch: Epoch, _ sealed: [UInt8]) throws(VaultError) {
        try connection.statement("INSERT OR REPLACE INTO retired_key VALUES (?1, ?2)")
            .bind(1, Int64(epoch.number)).bind(2, sealed).run()
    }

    /// Empties the state tree: the codes of another key follow.
    public func deleteCodes() throws(VaultError) {
        try connection.statement("DELETE FROM tree").run()
    }
}

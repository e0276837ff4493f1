// Sealed versions of secrets.

public import VaultModel

extension Store {
    public func insert(_ row: SealedRecord) throws(VaultError) {
        try connection.statement(
            "INSERT INTO record (rid, version, epoch, state, blob) VALUES (?1, ?2, ?3, ?4, ?5)"
        ).bind(1, row.rid.bytes).bind(2, Int64(row.version)).bind(3, Int64(row.epoch.number))
            .bind(4, Int64(row.state.rawValue)).bind(5, row.blob).run()
    }

    /// One version, or nil.
    public func record(rid: RecordID, version: UInt32) throws(VaultError) -> SealedRecord? {
        let row = try connection.statement(
            "SELECT epoch, state, blob FROM record WHERE rid = ?1 AND version = ?2"
        ).bind(1, rid.bytes).bind(2, Int64(version))
        defer { row.reset() }
        guard try row.step() else { return nil }
        guard let state = VersionState(rawValue: try row.number(1)) else {
            throw .tampered(.container)
        }
        return SealedRecord(
            rid: rid, version: version, epoch: Epoch(try row.number(0)), state: state,
            blob: try row.blob(2))
    }

    /// The state of a version as the clear column says it, or nil if there is no such row.
    public func state(_ rid: RecordID, _ version: UInt32) throws(VaultError) -> VersionState? {
        let row = try connection.statement(
            "SELECT state FROM record WHERE rid = ?1 AND version = ?2"
        ).bind(1, rid.bytes).bind(2, Int64(version))
        defer { row.reset() }
        return try row.step() ? VersionState(rawValue: try row.number(0)) : nil
    }

    /// Moves a version, which must be there, to another state.
    public func setState(
        _ rid: RecordID, _ version: UInt32, _ state: VersionState
    ) throws(VaultError) {
        try connection.statement("UPDATE record SET state = ?1 WHERE rid = ?2 AND version = ?3")
            .bind(1, Int64(state.rawValue)).bind(2, rid.bytes).bind(3, Int64(version)).run()
        guard connection.changes == 1 else { throw .tampered(.container) }
    }

    /// Deletes every version of a secret.
    public func deleteRecords(_ rid: RecordID) throws(VaultError) {
        try connection.statement("DELETE FROM record WHERE rid = ?1").bind(1, rid.bytes).run()
    }
}

// The rows of the policy: jobs, deliveries and grants.

public import VaultModel

extension Store {
    /// A row's clear columns, and its blob unless that is long.
    public struct PolicyGlance {
        public let columns: PolicyColumns
        public let blob: [UInt8]?
    }

    /// Most rows: 256 jobs, 256 deliveries to each, and 256 grants.
    private static let mostPolicyRows = 256 + 256 * 256 + 256

    /// Every row, in the order of kind and id. Blobs that are longer than `longest` are left where
    /// they are.
    public func policy(blobsAtMost longest: Int) throws(VaultError) -> [PolicyGlance] {
        guard hasPolicy else { return [] }
        let rows = try connection.statement(
            """
            SELECT kind, id, digest, CASE WHEN length(blob) <= ?1 THEN blob END FROM policy
            ORDER BY kind, id
            """
        ).bind(1, Int64(longest))
        defer { rows.reset() }
        var found: [PolicyGlance] = []
        while try rows.step() {
            guard found.count < Self.mostPolicyRows else { throw .tampered(.policy) }
            let columns = try policyColumns(rows)
            // SQLite does not notice when a page of an index is listed in several places.
            if let last = found.last?.columns {
                guard (last.kind.rawValue, last.id) < (columns.kind.rawValue, columns.id) else {
                    throw .tampered(.policy)
                }
            }
            found.append(
                PolicyGlance(columns: columns, blob: rows.isNull(3) ? nil : try rows.blob(3)))
        }
        return found
    }

    /// The row of that kind and id, or nil.
    public func policy(_ kind: PolicyKind, _ id: Identifier) throws(VaultError) -> SealedPolicy? {
        guard hasPolicy else { return nil }
        let row = try connection.statement(
            "SELECT kind, id, digest, blob FROM policy WHERE kind = ?1 AND id = ?2"
        ).bind(1, Int64(kind.rawValue)).bind(2, id.bytes)
        defer { row.reset() }
        return try row.step() ? SealedPolicy(try policyColumns(row), blob: try row.blob(3)) : nil
    }

    private func policyColumns(_ row: Statement) throws(VaultError) -> PolicyColumns {
        guard let kind = PolicyKind(rawValue: try row.number(0)) else { throw .tampered(.policy) }
        return PolicyColumns(kind, try row.identifier(1), digest: try row.blob(2, count: 32))
    }

    /// Writes a row, in the place of one of its kind and id.
    public func setPolicy(_ row: SealedPolicy) throws(VaultError) {
        try deletePolicy(row.columns.kind, row.columns.id)
        try connection.statement(
            "INSERT INTO policy (kind, id, digest, blob) VALUES (?1, ?2, ?3, ?4)"
        ).bind(1, Int64(row.columns.kind.rawValue)).bind(2, row.columns.id.bytes)
            .bind(3, row.columns.digest).bind(4, row.blob).run()
    }

    public func deletePolicy(_ kind: PolicyKind, _ id: Identifier) throws(VaultError) {
        try connection.statement("DELETE FROM policy WHERE kind = ?1 AND id = ?2")
            .bind(1, Int64(kind.rawValue)).bind(2, id.bytes).run()
    }
}

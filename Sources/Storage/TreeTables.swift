// The state tree as it lies in the file: a row of codes for each node and one for all of them, and
// the head.

public import VaultModel

/// Which row of codes.
public enum TreeRow: Hashable, Sendable {
    /// The codes of a node's buckets.
    case buckets(ofNode: UInt8)
    /// The codes of the nodes.
    case nodes

    fileprivate var number: Int64 {
        switch self {
        case .buckets(let node): Int64(node)
        case .nodes: 256
        }
    }
}

extension Store {
    /// The head, or nil if there is none.
    public func head() throws(VaultError) -> SealedHead? {
        let row = try connection.statement("SELECT bytes, mac FROM head WHERE id = 1")
        defer { row.reset() }
        return try row.step() ? SealedHead(bytes: try row.blob(0), code: try row.blob(1)) : nil
    }

    public func setHead(_ head: SealedHead) throws(VaultError) {
        try connection.statement("INSERT OR REPLACE INTO head (id, bytes, mac) VALUES (1, ?1, ?2)")
            .bind(1, head.bytes).bind(2, head.code).run()
    }

    /// The packed codes of a row; nil if none of them holds anything.
    public func codes(_ place: TreeRow) throws(VaultError) -> [UInt8]? {
        let row = try connection.statement("SELECT codes FROM tree WHERE number = ?1")
            .bind(1, place.number)
        defer { row.reset() }
        return try row.step() ? try row.blob(0) : nil
    }

    /// The packed codes of every node that has any. A row of another number is none of ours.
    public func forEachCodes(
        _ body: (UInt8, [UInt8]) throws(VaultError) -> Void
    ) throws(VaultError) {
        let rows = try connection.statement(
            "SELECT number, codes FROM tree WHERE number != 256 ORDER BY number")
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(0))
            try body(try rows.number(0), try rows.blob(1))
        }
    }

    /// Writes the packed codes of a row; nil leaves none.
    public func setCodes(_ place: TreeRow, _ codes: [UInt8]?) throws(VaultError) {
        guard let codes else {
            return try connection.statement("DELETE FROM tree WHERE number = ?1")
                .bind(1, place.number).run()
        }
        // An update of the same length overwrites in place: only pages with other bytes are logged.
        try connection.statement("UPDATE tree SET codes = ?2 WHERE number = ?1")
            .bind(1, place.number).bind(2, codes).run()
        guard connection.changes == 0 else { return }
        try connection.statement("INSERT INTO tree (number, codes) VALUES (?1, ?2)")
            .bind(1, place.number).bind(2, codes).run()
    }
}

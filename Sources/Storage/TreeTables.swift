// The state tree as it lies in the file: codes of buckets and nodes, and the head.

public import VaultModel

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

    /// The codes of all nodes that are not empty.
    public func forEachNode(_ body: (UInt8, Span<UInt8>) -> Void) throws(VaultError) {
        try forEachCode(
            connection.statement("SELECT number, mac FROM node ORDER BY number"), body)
    }

    /// The codes of a node's buckets that are not empty.
    public func forEachBucket(
        ofNode node: UInt8, _ body: (UInt16, Span<UInt8>) -> Void
    ) throws(VaultError) {
        let least = Int64(node) << 8
        try forEachCode(
            connection.statement(
                "SELECT number, mac FROM bucket WHERE number BETWEEN ?1 AND ?2 ORDER BY number"
            ).bind(1, least).bind(2, least + 255), body)
    }

    /// The codes of all buckets that are not empty.
    public func forEachBucket(_ body: (UInt16, Span<UInt8>) -> Void) throws(VaultError) {
        try forEachCode(
            connection.statement("SELECT number, mac FROM bucket ORDER BY number"), body)
    }

    private func forEachCode<Number: FixedWidthInteger>(
        _ rows: Statement, _ body: (Number, Span<UInt8>) -> Void
    ) throws(VaultError) {
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(0))
            let number: Number = try rows.number(0)
            try rows.withBlob(1, count: 32) { code in body(number, code) }
        }
    }

    /// Writes the code of a node; nil is an empty one.
    public func setNode(_ number: UInt8, _ code: [UInt8]?) throws(VaultError) {
        guard let code else {
            return try connection.statement("DELETE FROM node WHERE number = ?1")
                .bind(1, Int64(number)).run()
        }
        try connection.statement("INSERT OR REPLACE INTO node (number, mac) VALUES (?1, ?2)")
            .bind(1, Int64(number)).bind(2, code).run()
    }

    /// Writes the code of a bucket; nil is an empty one.
    public func setBucket(_ number: UInt16, _ code: [UInt8]?) throws(VaultError) {
        guard let code else {
            return try connection.statement("DELETE FROM bucket WHERE number = ?1")
                .bind(1, Int64(number)).run()
        }
        try connection.statement("INSERT OR REPLACE INTO bucket (number, mac) VALUES (?1, ?2)")
            .bind(1, Int64(number)).bind(2, code).run()
    }
}

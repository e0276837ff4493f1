// Deposits that wait for the vault to be opened, and those that did not open.

public import VaultModel

extension Store {
    public func insertDeposit(_ id: DepositID, _ bytes: [UInt8]) throws(VaultError) {
        try connection.statement(
            "INSERT INTO inbox (deposit, quarantined, bytes) VALUES (?1, 0, ?2)"
        ).bind(1, id.bytes).bind(2, bytes).run()
    }

    /// The sealed bytes of a deposit, waiting or set aside, or nil.
    public func deposit(_ id: DepositID) throws(VaultError) -> [UInt8]? {
        guard hasInbox else { return nil }
        let row = try connection.statement("SELECT bytes FROM inbox WHERE deposit = ?1")
            .bind(1, id.bytes)
        defer { row.reset() }
        return try row.step() ? try row.blob(0) : nil
    }

    /// Whether any deposit waits: the mark alone is nothing, for anybody can set it who can write
    /// the file.
    public func hasDeposits() throws(VaultError) -> Bool {
        guard hasInbox else { return false }
        return try connection.integer(
            """
            SELECT EXISTS (SELECT 1 FROM inbox WHERE quarantined = 0 OR NOT EXISTS (
                SELECT 1 FROM audit_entry WHERE object = deposit AND operation = 25))
            """) != 0
    }

    /// Whether the log tells that a deposit was set aside.
    public func isSetAside(_ id: DepositID) throws(VaultError) -> Bool {
        let row = try connection.statement(
            """
            SELECT EXISTS (SELECT 1 FROM audit_entry WHERE object = ?1 AND operation = 25)
            """
        ).bind(1, id.bytes)
        defer { row.reset() }
        return try row.step() && row.integer(0) != 0
    }

    /// What lies in the inbox, in the order in which it came.
    public func deposits() throws(VaultError) -> [WaitingDeposit] {
        guard hasInbox else { return [] }
        let rows = try connection.statement(
            "SELECT deposit, quarantined, length(bytes), id FROM inbox ORDER BY id")
        defer { rows.reset() }
        var found: [WaitingDeposit] = []
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(3))
            found.append(
                WaitingDeposit(
                    id: DepositID(try rows.identifier(0)), isQuarantined: rows.integer(1) != 0,
                    size: UInt64(max(rows.integer(2), 0))))
        }
        return found
    }

    public func deleteDeposit(_ id: DepositID) throws(VaultError) {
        try connection.statement("DELETE FROM inbox WHERE deposit = ?1").bind(1, id.bytes).run()
    }

    /// Sets a deposit aside: it is kept, and not tried again.
    public func quarantineDeposit(_ id: DepositID) throws(VaultError) {
        try connection.statement("UPDATE inbox SET quarantined = 1 WHERE deposit = ?1")
            .bind(1, id.bytes).run()
    }

    /// Whether a deposit is marked as set aside.
    public func isQuarantined(_ id: DepositID) throws(VaultError) -> Bool {
        let row = try connection.statement("SELECT quarantined FROM inbox WHERE deposit = ?1")
            .bind(1, id.bytes)
        defer { row.reset() }
        return try row.step() && row.integer(0) != 0
    }

    /// Deposits of which the log tells, the newest first.
    public func loggedDeposits() throws(VaultError) -> [DepositID] {
        let rows = try connection.statement(
            """
            SELECT object FROM audit_entry WHERE operation = 23
            GROUP BY object ORDER BY max(number) DESC
            """)
        defer { rows.reset() }
        var found: [DepositID] = []
        while try rows.step() { found.append(DepositID(try rows.identifier(0))) }
        return found
    }

    /// Whether the log tells that a deposit was taken in.
    public func isTakenIn(_ id: DepositID) throws(VaultError) -> Bool {
        let row = try connection.statement(
            """
            SELECT EXISTS (
                SELECT 1 FROM audit_entry WHERE object = ?1 AND operation = 24 AND outcome = 0)
            """
        ).bind(1, id.bytes)
        defer { row.reset() }
        return try row.step() && row.integer(0) != 0
    }

    /// Deposits of which the log tells, and neither the inbox nor what came later.
    public func missingDeposits() throws(VaultError) -> [DepositID] {
        guard hasInbox else { return [] }
        // The numbers are those of `AuditOperation`; the index is only for a literal one.
        let rows = try connection.statement(
            """
            SELECT DISTINCT object FROM audit_entry AS made WHERE operation = 23 AND outcome = 0
            AND NOT EXISTS (SELECT 1 FROM inbox WHERE deposit = made.object)
            AND NOT EXISTS (SELECT 1 FROM audit_entry AS later
                WHERE later.object = made.object AND later.operation IN (24, 25, 34))
            """)
        defer { rows.reset() }
        var found: [DepositID] = []
        while try rows.step() { found.append(DepositID(try rows.identifier(0))) }
        return found
    }
}

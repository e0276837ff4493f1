// The audit log as it lies in the file: entries in their order, and where the chain stands.

public import VaultModel

extension Store {
    /// Where the chain stands, or nil if the file has no log.
    public func auditTip() throws(VaultError) -> AuditTip? {
        let row = try connection.statement(
            """
            SELECT first_key, entries, seals, tip, sealed_entries, sealed, failures, failures_since
            FROM audit_tip WHERE id = 1
            """)
        defer { row.reset() }
        guard try row.step() else { return nil }
        return AuditTip(
            firstKey: try row.blob(0, count: 32), entries: try row.number(1),
            seals: try row.number(2), tip: try row.blob(3, count: 32),
            sealedEntries: try row.number(4),
            sealed: Timestamp(milliseconds: try row.number(5)), failures: try row.number(6),
            failuresSince: Timestamp(milliseconds: try row.number(7)))
    }

    /// Writes where the chain stands; the signing key stays as it is.
    public func setAuditTip(_ tip: AuditTip) throws(VaultError) {
        try connection.statement(
            """
            UPDATE audit_tip SET entries = ?1, seals = ?2, tip = ?3, sealed_entries = ?4,
            sealed = ?5, failures = ?6, failures_since = ?7 WHERE id = 1
            """
        ).bind(1, count: tip.entries).bind(2, count: tip.seals).bind(3, tip.tip)
            .bind(4, count: tip.sealedEntries).bind(5, tip.sealed)
            .bind(6, count: tip.failures).bind(7, tip.failuresSince).run()
        guard connection.changes == 1 else { throw .tampered(.audit) }
    }

    /// Begins a log, with the key that will sign first.
    public func beginAudit(_ tip: AuditTip, signingKey: Span<UInt8>) throws(VaultError) {
        let statement = try connection.statement(
            """
            INSERT INTO audit_tip (id, first_key, entries, seals, tip, sealed_entries, sealed,
            failures, failures_since, signing_key) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """
        ).bind(1, tip.firstKey).bind(2, count: tip.entries).bind(3, count: tip.seals)
            .bind(4, tip.tip).bind(5, count: tip.sealedEntries).bind(6, tip.sealed)
            .bind(7, count: tip.failures).bind(8, tip.failuresSince)
        try run(statement, 9, signingKey)
    }

    /// Gives the seed of the key that signs next to `body`.
    public func withSigningKey(_ body: (Span<UInt8>) -> Void) throws(VaultError) {
        let row = try connection.statement("SELECT signing_key FROM audit_tip WHERE id = 1")
        defer { row.reset() }
        guard try row.step() else { throw .tampered(.audit) }
        try row.withBlob(0, count: 32, body)
    }

    /// Puts the next signing key in the place of the last one, which is overwritten.
    public func setSigningKey(_ seed: Span<UInt8>) throws(VaultError) {
        try run(
            connection.statement("UPDATE audit_tip SET signing_key = ?1 WHERE id = 1"), 1, seed)
        guard connection.changes == 1 else { throw .tampered(.audit) }
    }

    private func run(
        _ statement: Statement, _ place: Int32, _ secret: Span<UInt8>
    ) throws(VaultError) {
        // The error crosses the closure by hand: it has a type that the closure cannot throw.
        var failure: VaultError?
        unsafe secret.withUnsafeBufferPointer { bytes in
            do throws(VaultError) {
                try unsafe statement.bind(place, inPlace: bytes).run()
            } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

// Entries.
extension Store {
    public func insert(_ row: AuditRow) throws(VaultError) {
        let entry = row.entry
        let statement = try connection.statement(
            """
            INSERT INTO audit_entry (number, time, operation, outcome, user, process, object,
            detail, link, next_key, signature)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """
        ).bind(1, count: entry.number).bind(2, entry.time)
            .bind(3, Int64(entry.operation)).bind(4, Int64(entry.outcome))
            .bind(5, Int64(entry.user)).bind(6, Int64(entry.process))
            .bind(7, entry.object.bytes).bind(8, entry.detail).bind(9, row.link)
        if let seal = row.seal { statement.bind(10, seal.nextKey).bind(11, seal.signature) }
        try statement.run()
    }

    /// Puts a seal behind the entry `number`, which must be there without one.
    public func setSeal(_ seal: AuditSeal, behind number: UInt64) throws(VaultError) {
        try connection.statement(
            """
            UPDATE audit_entry SET next_key = ?1, signature = ?2
            WHERE number = ?3 AND signature IS NULL
            """
        ).bind(1, seal.nextKey).bind(2, seal.signature).bind(3, count: number).run()
        guard connection.changes == 1 else { throw .tampered(.audit) }
    }

    /// One row, or nil.
    public func auditRow(_ number: UInt64) throws(VaultError) -> AuditRow? {
        guard let number = Int64(exactly: number) else { return nil }
        let row = try connection.statement(
            """
            SELECT number, time, operation, outcome, user, process, object, detail, link, next_key,
            signature FROM audit_entry WHERE number = ?1
            """
        ).bind(1, number)
        defer { row.reset() }
        return try row.step() ? try auditRow(row) : nil
    }

    /// The key that the newest seal before the entry `number` names, or nil if there is none.
    public func keyNamed(before number: UInt64) throws(VaultError) -> [UInt8]? {
        let row = try connection.statement(
            """
            SELECT next_key FROM audit_entry WHERE number < ?1 AND next_key IS NOT NULL
            ORDER BY number DESC LIMIT 1
            """
        ).bind(1, count: number)
        defer { row.reset() }
        return try row.step() ? try row.blob(0, count: 32) : nil
    }

    /// Every row, in ascending order.
    public func forEachAuditRow(
        _ body: (AuditRow) throws(VaultError) -> Void
    ) throws(VaultError) {
        let rows = try connection.statement(
            """
            SELECT number, time, operation, outcome, user, process, object, detail, link, next_key,
            signature FROM audit_entry ORDER BY number
            """)
        defer { rows.reset() }
        var order = AscendingRows()
        while try rows.step() {
            try order.take(rows.integer(0))
            try body(try namedAuditRow(rows))
        }
    }

    /// At most `count` rows of a page; of one object only if `object` is given, and then of any
    /// that tells of `operation` too.
    public func auditRows(
        _ page: AuditPage, of object: Identifier?, orOperation operation: UInt8? = nil,
        atMost count: Int
    ) throws(VaultError) -> [AuditRow] {
        guard page != .before(0) else { return [] }
        let rows = try statement(page, of: object, orOperation: operation != nil)
            .bind(2, Int64(count))
        if let object {
            rows.bind(3, object.bytes)
            if let operation { rows.bind(4, Int64(operation)) }
        }
        defer { rows.reset() }
        var found: [AuditRow] = []
        while try rows.step() {
            let row = try auditRow(rows)
            guard page.goesOn(from: found.last?.entry.number, to: row.entry.number) else {
                throw .tampered(.container)
            }
            found.append(row)
        }
        return found
    }

    private func statement(
        _ page: AuditPage, of object: Identifier?, orOperation: Bool
    ) throws(VaultError) -> Statement {
        if object != nil, orOperation { return try wideStatement(page) }
        return switch (page, object) {
        case (.before(let number), nil):
            try connection.statement(
                """
                SELECT number, time, operation, outcome, user, process, object, detail, link,
                next_key, signature FROM audit_entry WHERE number <= ?1
                ORDER BY number DESC LIMIT ?2
                """
            ).bind(1, Int64(clamping: number - 1))
        case (.before(let number), _?):
            try connection.statement(
                """
                SELECT number, time, operation, outcome, user, process, object, detail, link,
                next_key, signature FROM audit_entry WHERE object = ?3 AND number <= ?1
                ORDER BY number DESC LIMIT ?2
                """
            ).bind(1, Int64(clamping: number - 1))
        case (.from(let number), nil):
            try connection.statement(
                """
                SELECT number, time, operation, outcome, user, process, object, detail, link,
                next_key, signature FROM audit_entry WHERE number >= ?1 ORDER BY number LIMIT ?2
                """
            ).bind(1, Int64(clamping: number))
        case (.from(let number), _?):
            try connection.statement(
                """
                SELECT number, time, operation, outcome, user, process, object, detail, link,
                next_key, signature FROM audit_entry WHERE object = ?3 AND number >= ?1
                ORDER BY number LIMIT ?2
                """
            ).bind(1, Int64(clamping: number))
        }
    }

    /// No index finds an operation: all entries are looked at.
    private func wideStatement(_ page: AuditPage) throws(VaultError) -> Statement {
        switch page {
        case .before(let number):
            try connection.statement(
                """
                SELECT number, time, operation, outcome, user, process, object, detail, link,
                next_key, signature FROM audit_entry NOT INDEXED
                WHERE (object = ?3 OR operation = ?4) AND number <= ?1
                ORDER BY number DESC LIMIT ?2
                """
            ).bind(1, Int64(clamping: number - 1))
        case .from(let number):
            try connection.statement(
                """
                SELECT number, time, operation, outcome, user, process, object, detail, link,
                next_key, signature FROM audit_entry NOT INDEXED
                WHERE (object = ?3 OR operation = ?4) AND number >= ?1
                ORDER BY number LIMIT ?2
                """
            ).bind(1, Int64(clamping: number))
        }
    }

    /// Whether the index by object names every entry once, and no other. SQLite would find by it,
    /// and not find what someone took out of it.
    public func isAuditIndexWhole() throws(VaultError) -> Bool {
        let answer = try connection.statement("PRAGMA integrity_check('audit_entry')")
        defer { answer.reset() }
        return try answer.step() && answer.text(0, is: "ok".utf8)
    }

    /// The same on a walk, which has seen all before: what no column may hold makes that entry one
    /// that was not written.
    private func namedAuditRow(_ row: Statement) throws(VaultError) -> AuditRow {
        do throws(VaultError) { return try auditRow(row) } catch {
            guard error == .tampered(.container), let number = UInt64(exactly: row.integer(0))
            else { throw error }
            throw .logBroken(at: number, .link)
        }
    }

    private func auditRow(_ row: Statement) throws(VaultError) -> AuditRow {
        let entry = AuditEntry(
            number: try row.number(0), time: Timestamp(milliseconds: try row.number(1)),
            operation: try row.number(2), outcome: try row.number(3), user: try row.number(4),
            process: try row.number(5), object: try row.identifier(6), detail: try row.blob(7))
        guard entry.detail.count <= AuditEntry.longestDetail, row.isNull(9) == row.isNull(10)
        else { throw .tampered(.container) }
        let seal: AuditSeal? =
            row.isNull(10)
            ? nil
            : AuditSeal(
                nextKey: try row.blob(9, count: 32), signature: try row.blob(10, count: 64))
        return AuditRow(entry: entry, link: try row.blob(8, count: 32), seal: seal)
    }
}

extension AuditPage {
    /// Whether a row may follow the one before it on the page: SQLite does not notice when a page
    /// of an index is listed in several places.
    fileprivate func goesOn(from last: UInt64?, to next: UInt64) -> Bool {
        switch self {
        case .before(let end): next < last ?? end
        case .from(let start): last.map { next > $0 } ?? (next >= start)
        }
    }
}

extension Statement {
    /// A count as a column holds it. One that was edited to the largest number there is does not
    /// become larger.
    fileprivate func bind(_ place: Int32, count: UInt64) -> Statement {
        bind(place, Int64(clamping: count))
    }

    fileprivate func bind(_ place: Int32, _ time: Timestamp) -> Statement {
        bind(place, Int64(clamping: time.milliseconds))
    }
}

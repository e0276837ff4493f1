// The log read by those who may: entries opened as far as the keys go.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// Enters that the log is read: once for a command, however much of it is read.
    public func enterAudit(at time: Timestamp) throws(VaultError) {
        try reading(AuditNote(.audit), at: time) { (_: inout AuditNote) throws(VaultError) in }
    }

    /// At most `count` events of a page; of one record only if `object` is given, with those in
    /// which values of many secrets were handed out.
    ///
    /// An entry that does not open, or is of no kind that there is, goes to `damaged`, which may
    /// fail; by itself it does.
    public func events(
        _ page: AuditPage, of object: RecordID?, atMost count: Int,
        damaged: (UInt64) throws(VaultError) -> Void = { number throws(VaultError) in
            throw .tampered(.auditEntry(number))
        }
    ) throws(VaultError) -> [AuditEvent] {
        try looking { () throws(VaultError) -> [AuditEvent] in
            var events: [AuditEvent] = []
            let rows = try store.auditRows(
                page, of: object?.identifier, orOperation: AuditOperation.exporting.rawValue,
                atMost: count)
            for row in rows {
                do throws(VaultError) {
                    events.append(try AuditEvent(row.entry, detail(of: row.entry)))
                } catch {
                    guard case .tampered(.auditEntry(let number)) = error else { throw error }
                    try damaged(number)
                }
            }
            return events
        }
    }

    /// The record of the secret that has this name now, hidden ones too, or nil.
    public func record(of name: SecretName) throws(VaultError) -> RecordID? {
        try looking { () throws(VaultError) -> RecordID? in try find(name)?.rid }
    }
}

extension LockedVault {
    /// The same without a key: who and what stays sealed.
    public borrowing func events(
        _ page: AuditPage, atMost count: Int,
        damaged: (UInt64) throws(VaultError) -> Void = { number throws(VaultError) in
            throw .tampered(.auditEntry(number))
        }
    ) throws(VaultError) -> [AuditEvent] {
        var events: [AuditEvent] = []
        for row in try store.auditRows(page, of: nil, atMost: count) {
            do throws(VaultError) { events.append(try AuditEvent(row.entry, nil)) } catch {
                guard case .tampered(.auditEntry(let number)) = error else { throw error }
                try damaged(number)
            }
        }
        return events
    }
}

extension AuditEvent {
    /// `.tampered(.auditEntry)` if it is of a kind that no release has written.
    init(_ entry: AuditEntry, _ detail: AuditDetail?) throws(VaultError) {
        guard let operation = AuditOperation(rawValue: entry.operation),
            let outcome = AuditOutcome(rawValue: entry.outcome)
        else { throw .tampered(.auditEntry(entry.number)) }
        self.init(
            number: entry.number, time: entry.time, operation: operation, outcome: outcome,
            user: entry.user, process: entry.process,
            object: entry.object == .zero ? nil : RecordID(entry.object), detail: detail)
    }
}

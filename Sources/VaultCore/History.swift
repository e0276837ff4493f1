// What became of the versions of a secret, as far as the log tells.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// The description, and what was done to its versions, the oldest first: at most the newest
    /// `VersionHistory.mostMoves`. What was imported with many others, or was deposited, has no
    /// entry of its own.
    public func history(
        of name: SecretName, at time: Timestamp
    ) throws(VaultError) -> VersionHistory {
        try reading(AuditNote(.show, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            guard let found = try find(name, &note) else { throw .secretMissing(name) }
            return VersionHistory(metadata: found.metadata, moves: try moves(of: found.rid))
        }
    }

    private func moves(of rid: RecordID) throws(VaultError) -> [VersionMove] {
        var moves: [VersionMove] = []
        var page = AuditPage.newest
        while moves.count < VersionHistory.mostMoves {
            let rows = try store.auditRows(page, of: rid.identifier, atMost: 256)
            for row in rows {
                guard let operation = AuditOperation(rawValue: row.entry.operation),
                    operation.movesVersions, row.entry.outcome == AuditOutcome.done.rawValue,
                    moves.count < VersionHistory.mostMoves,
                    let version = try detail(of: row.entry)?.version
                else { continue }
                moves.append(
                    VersionMove(version: version, time: row.entry.time, operation: operation))
            }
            guard let last = rows.last?.entry.number else { break }
            page = .before(last)
        }
        return moves.reversed()
    }
}

// Many secrets handed out together: entered in the log as one use before the first of them leaves.

public import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// Opens the current version of each secret whose name begins with `prefix`, in the order of
    /// names, disabled ones too, and lends it to `body`, which is false to stop. Hidden ones are
    /// left out. Fails before the first if one of them is used only with a reason and none is
    /// given.
    ///
    /// What is damaged does not keep the others back: it is in the tally.
    public func export(
        prefix: String, at time: Timestamp, _ body: (borrowing OpenedSecret) -> Bool
    ) throws(VaultError) -> ExportTally {
        var note = AuditNote(.exporting)
        if !prefix.isEmpty { note.prefix = prefix }
        try reading(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            note.count = UInt64(try exportable(prefix).secrets.count)
        }
        // The entry is written. What others changed since is looked at afresh.
        return try looking { () throws(VaultError) -> ExportTally in
            let found = try exportable(prefix)
            var tally = ExportTally(damaged: found.damaged)
            for (rid, metadata) in found.secrets {
                do throws(VaultError) {
                    guard let version = metadata.version(.current) else {
                        throw .versionMissing(metadata.name, .current)
                    }
                    let opened = try open(version, of: metadata, rid)
                    guard body(opened) else { throw .abandoned }
                    tally.count += 1
                } catch {
                    switch error {
                    case .tampered(let object): tally.damaged.append(object)
                    case .versionMissing: tally.valueless.append(metadata.name)
                    default: throw error
                    }
                }
            }
            return tally
        }
    }

    /// The secrets that are to be exported, and what of the vault is not as it was left.
    private func exportable(
        _ prefix: String
    ) throws(VaultError) -> (secrets: [(RecordID, Metadata)], damaged: [DamagedObject]) {
        let readers = rowReaders()
        var census = StateTree.Census()
        var secrets: [(RecordID, Metadata)] = []
        var damaged: [DamagedObject] = []
        try forEachDescription(readers, &census) { rid, metadata throws(VaultError) in
            guard let metadata else { return damaged.append(.metadata(nil)) }
            guard metadata.removed == nil, metadata.name.text.hasPrefix(prefix) else { return }
            if metadata.requiresReason, log.caller.attribution.reason == nil {
                throw .reasonMissing(metadata.name)
            }
            secrets.append((rid, metadata))
        }
        // A row that does not open is not where it was left either.
        guard damaged.isEmpty else { return (Self.sorted(secrets), damaged) }
        do throws(VaultError) {
            try tree.count(&census, readers)
            if try tree.misfit(census, readers) != nil { damaged.append(.state) }
        } catch {
            guard case .tampered(let object) = error else { throw error }
            damaged.append(object)
        }
        return (Self.sorted(secrets), damaged)
    }

    private static func sorted(_ secrets: [(RecordID, Metadata)]) -> [(RecordID, Metadata)] {
        secrets.sorted { $0.1.name < $1.1.name }
    }
}

// Which secrets are here: descriptions only, no value is touched.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// The description of a secret, hidden ones too.
    public func describe(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        let note = AuditNote(.show, name)
        return try reading(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            guard let found = try find(name) else { throw .secretMissing(name) }
            note.rid = found.rid
            return found.metadata
        }
    }

    /// The descriptions of all secrets whose names begin with `prefix`, and how many do not open.
    /// If all of them open, they and all other rows must be what was left in the vault: a list that
    /// may lack a name is worth nothing, so it is refused before a name of it is shown.
    public func list(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> Inventory {
        var found = Inventory(secrets: [], damaged: 0)
        var note = AuditNote(.list)
        if !prefix.isEmpty { note.prefix = prefix }
        try reading(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            var census = StateTree.Census()
            try store.forEachMetadata { (row: SealedMetadata) throws(VaultError) in
                tree.add(row, to: &census)
                guard let metadata = try listed(row) else {
                    found.damaged += 1
                    return
                }
                guard (metadata.removed == nil) == (removed == .hide),
                    metadata.name.text.hasPrefix(prefix)
                else { return }
                found.secrets.append(metadata)
            }
            if found.damaged > 0 { return }
            guard try tree.fits(census) else { throw .tampered(.state) }
        }
        found.secrets.sort { $0.name < $1.name }
        return found
    }

    /// The description in a row, or nil if it does not open or stands under another name's index.
    private func listed(_ row: SealedMetadata) throws(VaultError) -> Metadata? {
        do throws(VaultError) {
            let metadata = try open(row, naming: .metadata(nil))
            return try keyring.blindIndex(of: metadata.name) == row.index ? metadata : nil
        } catch {
            guard case .tampered = error else { throw error }
            return nil
        }
    }
}

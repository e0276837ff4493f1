// Which secrets are here: descriptions only, no value is touched.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// The description of a secret, hidden ones too.
    public func describe(_ name: SecretName) throws(VaultError) -> Metadata {
        try store.read { () throws(VaultError) -> Metadata in
            guard let found = try find(name) else { throw .secretMissing(name) }
            return found.metadata
        }
    }

    /// The descriptions of all secrets whose names begin with `prefix`, in the order of their
    /// names.
    public func list(prefix: String, removed: RemovedListing) throws(VaultError) -> [Metadata] {
        var matching: [Metadata] = []
        try store.read { () throws(VaultError) in
            try store.forEachMetadata { (row: SealedMetadata) throws(VaultError) in
                let metadata = try open(row, naming: .metadata(nil))
                guard try keyring.blindIndex(of: metadata.name) == row.index else {
                    throw .tampered(.metadata(metadata.name))
                }
                guard (metadata.removed == nil) == (removed == .hide),
                    metadata.name.text.hasPrefix(prefix)
                else { return }
                matching.append(metadata)
            }
        }
        return matching.sorted { $0.name < $1.name }
    }
}

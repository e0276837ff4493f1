// Values looked at where they are, for the health of the vault: none of them leaves.

internal import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// Lends each secret field of each current version to `body`, with a fingerprint that is equal
    /// for equal values within this call. Hidden secrets are left out.
    public func examine(
        at time: Timestamp,
        _ body: (Metadata, FieldName, Span<UInt8>, ValueFingerprint) -> Void
    ) throws(VaultError) {
        let fingerprints = try Fingerprints()
        let note = AuditNote(.audit)
        try reading(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            try store.forEachMetadata { (row: SealedMetadata) throws(VaultError) in
                guard let metadata = keyring.listed(row) else { throw .tampered(.metadata(nil)) }
                guard metadata.removed == nil, let version = metadata.version(.current) else {
                    return
                }
                let found = Found(
                    index: row.index, rid: row.rid, revision: row.revision, metadata: metadata)
                let value = try plaintext(of: version, in: found)
                let secrets = try FieldPacking.unpack(
                    value.bytes, kind: FieldPacking.kind(of: version.fields),
                    names: version.fields,
                    naming: .record(metadata.name, version: version.number))
                for field in version.fields {
                    let bytes = secrets.value(of: field)
                    body(metadata, field, bytes, fingerprints.fingerprint(of: bytes))
                }
            }
        }
    }
}

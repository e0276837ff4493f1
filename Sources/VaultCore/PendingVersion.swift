// Putting a version into use that waited for it.

internal import Storage
public import VaultModel

extension OpenVault {
    /// Makes a pending version the current one; the current one becomes the previous. Without a
    /// number the newest pending one.
    public func accept(
        _ name: SecretName, _ number: UInt32?, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try change(AuditNote(.accept, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            let selector = number.map { VersionSelector.number($0) } ?? .pending
            guard let version = found.metadata.version(selector), version.state == .pending,
                let place = found.metadata.versions.firstIndex(of: version)
            else { throw .versionNotPending(name) }
            note.version = version.number
            try supersede(&found.metadata, found.rid)
            try tree.setState(found.rid, version.number, .current)
            found.metadata.versions[place].state = .current
            return try replace(found, at: time)
        }
    }

    /// Moves the versions that are in use one step on, in the description and in their rows.
    func supersede(_ metadata: inout Metadata, _ rid: RecordID) throws(VaultError) {
        for (state, versions) in metadata.supersede() {
            for version in versions { try tree.setState(rid, version, state) }
        }
    }
}

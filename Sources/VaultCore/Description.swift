// Changing what is said of a secret: fields, label, tags, name, status, removal. Values stay as
// they are.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// Applies `changes` together and returns the new description.
    public func edit(
        _ name: SecretName, _ changes: [DescriptionChange], at time: Timestamp
    ) throws(VaultError) -> Metadata {
        let note = AuditNote(Self.operation(of: changes), name)
        return try rewrite(name, note, at: time) { metadata throws(VaultError) in
            for change in changes { try metadata.apply(change) }
        }
    }

    /// A change of the status has a name of its own in the log, whatever else is changed with it:
    /// whoever asks whether a secret was used while it was disabled needs to find it.
    private static func operation(of changes: [DescriptionChange]) -> AuditOperation {
        for change in changes.reversed() {
            switch change {
            case .status(.enabled): return .enable
            case .status(.disabled): return .disable
            default: continue
            }
        }
        return .edit
    }

    /// Gives a secret another name, which must be free. Not while a rotation runs: a value may be
    /// on its way to the old name.
    public func rename(
        _ name: SecretName, to newName: SecretName, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        var note = AuditNote(.rename, name)
        note.newName = newName
        return try rewrite(name, note, at: time) { metadata throws(VaultError) in
            try metadata.requireNoRotation()
            if let other = try find(newName) {
                let isHidden = other.metadata.removed != nil
                throw isHidden ? .nameTakenByRemoved(newName) : .nameTaken(newName)
            }
            metadata.name = newName
        }
    }

    /// Hides a secret and refuses its use until `restore` or `purge`. Not while a rotation runs.
    public func remove(_ name: SecretName, at time: Timestamp) throws(VaultError) {
        let note = AuditNote(.remove, name)
        _ = try rewrite(name, note, at: time) { metadata throws(VaultError) in
            try metadata.requireNoRotation()
            metadata.removed = time
        }
    }

    /// Brings a hidden secret back.
    public func restore(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        let note = AuditNote(.undelete, name)
        return try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            guard var found = try find(name, &note) else { throw .secretMissing(name) }
            guard found.metadata.removed != nil else { throw .notRemoved(name) }
            found.metadata.removed = nil
            return try replace(found, at: time)
        }
    }

    /// Removes the rows of a secret, hidden or not, from the file and from its log. A tombstone
    /// stays. Not while a rotation runs: a key at the issuer would be forgotten.
    public func purge(_ name: SecretName, at time: Timestamp) throws(VaultError) -> OldRows {
        let note = AuditNote(.purge, name)
        try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            guard let found = try find(name, &note) else { throw .secretMissing(name) }
            try found.metadata.requireNoRotation()
            let last = found.metadata.versions.last?.number ?? 1
            try tree.bury(
                Tombstone(rid: found.rid, version: last, epoch: keyring.epoch),
                under: found.index)
        }
        return store.truncateLog()
    }

    private func rewrite(
        _ name: SecretName, _ note: AuditNote, at time: Timestamp,
        _ body: (inout Metadata) throws(VaultError) -> Void
    ) throws(VaultError) -> Metadata {
        try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            try body(&found.metadata)
            return try replace(found, at: time)
        }
    }

    /// Writes the next revision of a description and reads it back.
    func replace(_ found: Found, at time: Timestamp) throws(VaultError) -> Metadata {
        var metadata = found.metadata
        metadata.modified = time
        let index = keyring.blindIndex(of: metadata.name)
        let row = try seal(metadata, under: index, rid: found.rid, revision: found.revision + 1)
        try tree.update(row, under: found.index, replacing: found.revision)
        guard try find(metadata.name)?.metadata == metadata else { throw .readBackDiffers }
        return metadata
    }
}

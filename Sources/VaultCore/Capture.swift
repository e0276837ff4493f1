// Storing a secret that is shown once: checked before, read back after, only then acknowledged.

internal import Sealing
public import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// Whether a secret could be stored now under `name`: asked before the issuer is, because
    /// afterwards there is a value that cannot be shown again (`design: capture without losing`).
    /// What is refused is entered in the log, like a capture that is. Returns the description of
    /// the secret that is to get another version, or nil.
    @discardableResult
    public func preflight(
        _ name: SecretName, _ conflict: NameConflict, at time: Timestamp
    ) throws(VaultError) -> Metadata? {
        let note = AuditNote(.capture, name)
        return try entering(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            try store.rehearse()
            return try looking(for: .changing) { () throws(VaultError) in
                try occupant(of: name, conflict, as: .current, &note)?.metadata
            }
        }
    }

    /// Stores a secret and reads it back. When this returns, it is on disk and was opened.
    public func store(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict,
        at time: Timestamp
    ) throws(VaultError) -> Receipt {
        let note = AuditNote(.capture, draft.name)
        let packed = try entering(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            try pack(draft, secrets)
        }
        let stored = try change(note, whenBehind: .goOn, at: time) {
            (note: inout AuditNote) throws(VaultError) in
            try insert(draft, packed, secrets.names, conflict, &note, at: time)
        }
        try readBack(stored, packed)
        return receipt(for: stored, secrets)
    }

    /// Reads what was stored from the file: what SQLite still holds in memory would be there in any
    /// case.
    func readBack(
        _ stored: Stored, _ packed: borrowing PackedFields
    ) throws(VaultError) {
        store.forgetPages()
        do throws(VaultError) {
            try looking { () throws(VaultError) in try confirm(stored, packed) }
        } catch {
            guard case .tampered = error else { throw error }
            throw .readBackDiffers
        }
    }

    /// Stores one of many secrets within `importing`; it is read back before the transaction ends.
    public func storeInBatch(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict,
        at time: Timestamp
    ) throws(VaultError) {
        let packed = try pack(draft, secrets)
        var unused = AuditNote(.capture, draft.name)
        let stored = try insert(draft, packed, secrets.names, conflict, &unused, at: time)
        try confirmRows(of: stored, packed)
    }

    /// Fails as `storeInBatch` would fail now over the name or over what is said of the secret.
    /// Nothing is stored, nor entered in the log.
    public func rehearse(
        _ draft: SecretDraft, _ names: [FieldName], _ conflict: NameConflict, at time: Timestamp
    ) throws(VaultError) {
        try draft.checkBounds()
        try looking { () throws(VaultError) in
            var unused = AuditNote(.capture, draft.name)
            let before = try occupant(of: draft.name, conflict, as: .current, &unused)
            var metadata = before?.metadata ?? Metadata(name: draft.name, created: time)
            let number = (metadata.versions.last?.number ?? 0) + 1
            try metadata.take(
                draft,
                VersionSummary(number: number, state: .current, created: time, fields: names),
                at: time)
        }
    }

    /// Stores a version that is not in use yet, within a change; it is read back before that ends.
    /// It replaces nothing: `.nameTaken` if what is said of it would change what is said of a
    /// secret that is there.
    func storeBeside(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> (name: SecretName, version: UInt32) {
        let packed = try pack(draft, secrets)
        var note = AuditNote(.takeIn, draft.name)
        let stored = try insert(
            draft, packed, secrets.names, .addVersion, as: .pending, &note, at: time)
        try confirmRows(of: stored, packed)
        return (draft.name, stored.version.number)
    }

    /// Runs `body`, which stores many secrets and says how many, as one transaction: all of them or
    /// none.
    public func importing(
        at time: Timestamp, _ body: () throws(VaultError) -> Int
    ) throws(VaultError) -> Int {
        let note = AuditNote(.importing)
        return try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            let count = try body()
            note.count = UInt64(count)
            return count
        }
    }

    func pack(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields
    ) throws(VaultError) -> PackedFields {
        try draft.checkBounds()
        precondition(!secrets.isEmpty, "vault core: a credential without a secret field")
        guard secrets.names.count <= Metadata.mostEntries else { throw .metadataTooLong }
        for name in secrets.names {
            let count = secrets.count(of: name) ?? 0
            guard count > 0 else { throw .valueEmpty }
            guard count <= Keyring.longestValue else { throw .valueTooLong }
        }
        return FieldPacking.pack(secrets)
    }

    /// Who holds the name now: nil if it is free, an error if `conflict` does not allow to go on or
    /// if another version could not be added in that state.
    private func occupant(
        of name: SecretName, _ conflict: NameConflict, as state: VersionState,
        _ note: inout AuditNote
    ) throws(VaultError) -> Found? {
        guard let found = try find(name, &note) else { return nil }
        if found.metadata.removed != nil { throw .nameTakenByRemoved(name) }
        guard conflict == .addVersion else { throw .nameTaken(name) }
        if found.metadata.isManagedElsewhere { throw .managedElsewhere(name) }
        // Which versions are in use is the rotation's affair; what waits is not in use.
        if state == .current { try found.metadata.requireNoRotation() }
        guard found.metadata.mayHaveAnotherVersion else { throw .tooManyVersions(name) }
        for version in found.metadata.versions
        where version.state == .current || version.state == .previous {
            guard try store.columns(rid: found.rid, version: version.number)?.state == version.state
            else {
                throw .tampered(.record(name, version: version.number))
            }
        }
        return found
    }

    /// Draws the identifier of a new secret. It is drawn again if it falls among rows that someone
    /// tampered with: a value that is shown once is not lost over them.
    private func newRID() throws(VaultError) -> RecordID {
        for _ in 0..<8 {
            let rid = RecordID(try Randomness.identifier())
            do throws(VaultError) {
                try tree.check(rid.bucket)
                return rid
            } catch {
                guard error == .tampered(.state) else { throw error }
            }
        }
        throw .tampered(.state)
    }

    /// What was written: enough to find it again.
    struct Stored {
        let metadata: Metadata
        let version: VersionSummary
        let row: SealedMetadata
    }

    private func insert(
        _ draft: SecretDraft, _ packed: borrowing PackedFields, _ names: [FieldName],
        _ conflict: NameConflict, as state: VersionState = .current, _ note: inout AuditNote,
        at time: Timestamp
    ) throws(VaultError) -> Stored {
        let index = keyring.blindIndex(of: draft.name)
        let before = try occupant(of: draft.name, conflict, as: state, &note)
        let number = (before?.metadata.versions.last?.number ?? 0) + 1
        let rid = if let before { before.rid } else { try newRID() }
        let version = VersionSummary(number: number, state: state, created: time, fields: names)
        var metadata = before?.metadata ?? Metadata(name: draft.name, created: time)
        if state == .current { try supersede(&metadata, rid) }
        if state == .pending, before != nil {
            try metadata.wait(for: draft, version, at: time)
        } else {
            try metadata.take(draft, version, at: time)
        }
        let blob = try keyring.seal(
            record: packed.bytes.bytes, rid: rid, version: number, kind: packed.kind)
        let revision = (before?.revision ?? 0) + 1
        let row = try seal(metadata, under: index, rid: rid, revision: revision)
        if let before {
            try tree.update(row, under: index, replacing: before.revision)
        } else {
            try tree.insert(row)
        }
        let columns = RecordColumns(
            rid: rid, version: number, epoch: keyring.epoch, state: state,
            digest: tree.digest(of: blob))
        try tree.insert(SealedRecord(columns, blob: blob))
        note.rid = rid
        note.version = number
        return Stored(metadata: metadata, version: version, row: row)
    }

    /// Reads the stored version back, opens it and compares it with what was to be stored. Another
    /// session may have written a later revision of the description meanwhile.
    private func confirm(_ stored: Stored, _ packed: borrowing PackedFields) throws(VaultError) {
        guard let found = try find(stored.metadata.name), found.rid == stored.row.rid,
            found.revision > stored.row.revision || found.metadata == stored.metadata,
            let version = found.metadata.version(.number(stored.version.number))
        else { throw .readBackDiffers }
        try confirmValue(of: version, found, packed)
    }

    /// The same for one of many: the description must be the row that was sealed, byte for byte,
    /// and the value is opened and compared.
    private func confirmRows(
        of stored: Stored, _ packed: borrowing PackedFields
    ) throws(VaultError) {
        let row = stored.row
        guard try store.metadata(index: row.index) == row else { throw .readBackDiffers }
        let found = Found(
            index: row.index, rid: row.rid, revision: row.revision, metadata: stored.metadata)
        try confirmValue(of: stored.version, found, packed)
    }

    private func confirmValue(
        of version: VersionSummary, _ found: Found, _ packed: borrowing PackedFields
    ) throws(VaultError) {
        let value = try plaintext(of: version, in: found)
        guard ConstantTime.areEqual(value.bytes, packed.bytes.bytes) else { throw .readBackDiffers }
    }

    func receipt(for stored: Stored, _ secrets: borrowing SecretFields) -> Receipt {
        var lastFour: [FieldName: String] = [:]
        for name in secrets.names {
            lastFour[name] = Receipt.lastFour(of: secrets.value(of: name))
        }
        return Receipt(metadata: stored.metadata, version: stored.version, lastFour: lastFour)
    }
}

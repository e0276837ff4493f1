// A vault whose keys are here. What can be done with it stands in the files beside this one.

internal import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

/// The open vault: it can be read, searched and changed. The keys are wiped when it ends.
public struct OpenVault: ~Copyable {
    let store: Store
    let keyring: Keyring
    let slots: SlotSet
    let watch: SlotWatch
    let tree: StateTree
    let log: AuditLog
    let retired: RetiredKeys
    let policy: Policy
    let anchor: AnchorWatch
    let names = NameIndex()
    /// Where deposits for this vault go, as its head said on opening: a value that cannot be stored
    /// is sealed to it whatever a later look at the file finds.
    public let depositAddress: DepositAddress
    /// How the vault stands to what was last seen of it here.
    public let anchorState: AnchorState

    /// Reads that were sealed are brought to disk, and remembered, when the vault is let go.
    deinit { settle() }

    /// Whether the slots were not those that a coffer left in the vault. Whoever opened it must be
    /// told: the next change takes the slots over as they were found.
    public var slotsWereChanged: Bool { watch.told != nil }

    /// A secret's description and where it lies.
    struct Found {
        let index: BlindIndexValue
        let rid: RecordID
        let revision: UInt64
        var metadata: Metadata
    }

    /// The secret of that name, hidden ones too, or nil. Asked within a transaction.
    ///
    /// The description that opens must carry the name that was asked for: a row under another
    /// name's index is tampering, not a miss. And the buckets of its rows must be as they were
    /// left, found or not: a row that is gone, put back or older than it was is tampering too.
    func find(_ name: SecretName) throws(VaultError) -> Found? {
        var unused = AuditNote(.read, name)
        return try find(name, &unused)
    }

    /// The same, noted before anything is checked: the entry about a row that is damaged names it.
    func find(_ name: SecretName, _ note: inout AuditNote) throws(VaultError) -> Found? {
        let index = keyring.blindIndex(of: name)
        guard let row = try store.metadata(index: index) else {
            try tree.check(index.bucket)
            return nil
        }
        note.rid = row.rid
        let metadata = try open(row, naming: .metadata(name))
        guard metadata.name == name else { throw .tampered(.metadata(name)) }
        try tree.check(index.bucket)
        try tree.check(row.rid.bucket)
        return Found(index: index, rid: row.rid, revision: row.revision, metadata: metadata)
    }

    /// The secret of that name, noted; hidden ones are `.removed`.
    func require(_ name: SecretName, _ note: inout AuditNote) throws(VaultError) -> Found {
        guard let found = try find(name, &note) else { throw .secretMissing(name) }
        guard found.metadata.removed == nil else { throw .removed(name) }
        return found
    }

    func open(_ row: SealedMetadata, naming object: DamagedObject) throws(VaultError) -> Metadata {
        guard row.epoch == keyring.epoch else { throw .tampered(object) }
        return try keyring.open(
            metadata: row.blob.span, rid: row.rid, revision: row.revision, naming: object)
    }

    /// Seals a description under its name's index.
    func seal(
        _ metadata: Metadata, under index: BlindIndexValue, rid: RecordID, revision: UInt64
    ) throws(VaultError) -> SealedMetadata {
        SealedMetadata(
            index: index, rid: rid, revision: revision, epoch: keyring.epoch,
            blob: try keyring.seal(metadata: metadata, rid: rid, revision: revision))
    }

    /// Writes a slot again of which one copy was damaged, unless the slots were changed since they
    /// were read: a slot that was removed must not come back. What cannot be mended stays as it is;
    /// it must not keep a secret from being stored.
    func mendSlots() {
        guard slots.summaries.contains(where: \.hasDamagedCopy) else { return }
        try? store.write { () throws(VaultError) in
            guard try slots.isCurrent(in: store) else { return }
            try slots.mend(in: store)
        }
    }
}

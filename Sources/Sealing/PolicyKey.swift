// The key under which jobs and grants are sealed (spec, "Policy").

public import SecretMemory
public import VaultModel

/// A job with the key that the vault shares with it.
public struct OpenedJob: ~Copyable {
    public let job: Job
    /// 32 bytes.
    public let preShared: SecretBytes

    init(_ job: Job, _ preShared: consuming SecretBytes) {
        self.job = job
        self.preShared = preShared
    }
}

/// Seals and opens the rows of the policy that are for the vault itself; wiped when it ends.
public struct PolicyKey: ~Copyable {
    private let vault: VaultID
    private let epoch: Epoch
    private let key: Cobblestone

    public init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        let subkey = root.subkey(.policy, vault: vault, epoch: epoch)
        key = Cobblestone(key: subkey.bytes)
    }

    public borrowing func seal(
        _ job: Job, sharing preShared: Span<UInt8>
    ) throws(VaultError) -> SealedPolicy {
        let encoded = JobCoding.encode(job, preShared)
        return try seal(encoded.bytes, .job, job.id.identifier)
    }

    public borrowing func seal(_ grant: Grant) throws(VaultError) -> SealedPolicy {
        try seal(GrantCoding.encode(grant).span, .grant, grant.id.identifier)
    }

    private borrowing func seal(
        _ plaintext: Span<UInt8>, _ kind: PolicyKind, _ id: Identifier
    ) throws(VaultError) -> SealedPolicy {
        let padded = Padding.pad(plaintext)
        let blob = try key.seal(padded.bytes, context: context(kind, id))
        return SealedPolicy(PolicyColumns(kind, id, digest: SHA256.digest(blob.span)), blob: blob)
    }

    /// `.tampered(.policy)` unless the row holds exactly what was sealed there.
    public borrowing func job(_ row: SealedPolicy) throws(VaultError) -> OpenedJob {
        let plaintext = try open(row, .job)
        switch JobCoding.decode(plaintext.bytes, id: JobID(row.columns.id)) {
        case .some(let job): return job
        case .none: throw .tampered(.policy)
        }
    }

    /// The same of a grant.
    public borrowing func grant(_ row: SealedPolicy) throws(VaultError) -> Grant {
        let plaintext = try open(row, .grant)
        guard let grant = GrantCoding.decode(plaintext.bytes, id: GrantID(row.columns.id)) else {
            throw .tampered(.policy)
        }
        return grant
    }

    private borrowing func open(
        _ row: SealedPolicy, _ kind: PolicyKind
    ) throws(VaultError) -> SecretBytes {
        guard row.fitsDigest, row.columns.kind == kind else { throw .tampered(.policy) }
        switch key.open(row.blob.span, context: context(kind, row.columns.id)) {
        case .some(let padded):
            guard let place = Padding.value(in: padded.bytes) else { throw .tampered(.policy) }
            return SecretBytes(copying: padded.bytes.extracting(place))
        case .none: throw .tampered(.policy)
        }
    }

    /// D("policy") ‖ vault id ‖ u32 epoch ‖ u8 kind ‖ id.
    private borrowing func context(_ kind: PolicyKind, _ id: Identifier) -> [UInt8] {
        var context = CanonicalBytes(domain: "policy")
        context.add(vault.bytes)
        context.add(epoch.number)
        context.add(kind.rawValue)
        context.add(id.bytes)
        return context.bytes
    }
}

// The policy as one transaction sees it: its rows are those of the head before one of them counts.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

/// Checks the rows against the head, and is the one way to change them. Used within one transaction
/// at a time, from `begin` to its end.
final class Policy {
    /// Blobs up to this length are held against their digests with the rows. A longer one is a
    /// delivery: its job checks it, and so does a verification.
    static let longestGlance = 65_536

    private let store: Store
    let key: PolicyKey
    private struct Place: Hashable {
        let kind: PolicyKind
        let id: Identifier
    }

    /// The rows as they stand in this transaction.
    private var rows: [Place: PolicyColumns] = [:]
    private(set) var isChanged = false
    /// The grants of the policy with that digest: while the head names it, nothing is read.
    private var grants: (digest: [UInt8], grants: [Grant])?

    init(_ store: Store, _ key: consuming PolicyKey) {
        self.store = store
        self.key = key
    }

    /// Forgets another transaction, and fails with `.tampered(.policy)` unless the rows are those
    /// of `head`.
    func begin(after head: StateHead) throws(VaultError) {
        isChanged = false
        rows = [:]
        for glance in try store.policy(blobsAtMost: Self.longestGlance) {
            if let blob = glance.blob {
                guard SealedPolicy(glance.columns, blob: blob).fitsDigest else {
                    throw .tampered(.policy)
                }
            }
            take(glance.columns)
        }
        guard ConstantTime.areEqual(digest.span, head.policy.span) else {
            throw .tampered(.policy)
        }
    }

    /// The same, every blob against its digest however long it is, and that what lies here for
    /// jobs is what their lists say.
    func verify(after head: StateHead) throws(VaultError) {
        try begin(after: head)
        for columns in rows.values {
            guard try row(columns.kind, columns.id).fitsDigest else { throw .tampered(.policy) }
        }
        var listed: Set<Identifier> = []
        for id in ids(.job) {
            let opened = try job(id)
            for delivery in opened.job.deliveries {
                listed.insert(opened.deliveryID(of: delivery.name, in: head.vault))
            }
        }
        guard listed == Set(ids(.delivery)) else { throw .tampered(.policy) }
    }

    /// What the head says of the rows as they are now.
    var digest: [UInt8] { StateHead.digest(ofPolicy: Array(rows.values)) }

    var isEmpty: Bool { rows.isEmpty }

    func count(_ kind: PolicyKind) -> Int { rows.values.count { $0.kind == kind } }

    func ids(_ kind: PolicyKind) -> [Identifier] {
        rows.values.filter { $0.kind == kind }.map(\.id).sorted()
    }

    /// A row that is there.
    func row(_ kind: PolicyKind, _ id: Identifier) throws(VaultError) -> SealedPolicy {
        guard let known = rows[Place(kind: kind, id: id)],
            let row = try store.policy(kind, id), row.columns == known
        else { throw .tampered(.policy) }
        return row
    }

    func job(_ id: Identifier) throws(VaultError) -> OpenedJob {
        try key.job(try row(.job, id))
    }

    /// The job of that name, or `.jobMissing`.
    func job(named name: SecretName) throws(VaultError) -> OpenedJob {
        for id in ids(.job) {
            let opened = try job(id)
            if opened.job.name == name { return opened }
        }
        throw .jobMissing(name)
    }

    func grant(_ id: Identifier) throws(VaultError) -> Grant {
        try key.grant(try row(.grant, id))
    }

    /// All grants of the policy that `head` names, read only if they are not known yet.
    func grants(after head: StateHead) throws(VaultError) -> [Grant] {
        if let grants, StateTree.areEqual(grants.digest, head.policy) { return grants.grants }
        guard head.policy != StateHead.noPolicy else { return [] }
        try begin(after: head)
        var found: [Grant] = []
        for id in ids(.grant) { found.append(try grant(id)) }
        grants = (head.policy, found)
        return found
    }

    /// Writes a row and reads it back.
    func put(_ row: SealedPolicy) throws(VaultError) {
        try store.setPolicy(row)
        guard try store.policy(row.columns.kind, row.columns.id) == row else {
            throw .readBackDiffers
        }
        take(row.columns)
        isChanged = true
    }

    private func take(_ columns: PolicyColumns) {
        rows[Place(kind: columns.kind, id: columns.id)] = columns
    }

    func remove(_ kind: PolicyKind, _ id: Identifier) throws(VaultError) {
        try store.deletePolicy(kind, id)
        rows[Place(kind: kind, id: id)] = nil
        isChanged = true
    }
}

// The state tree as one transaction has looked at it: nothing is changed before it was checked.

internal import Sealing
internal import Storage
internal import VaultModel

/// Checks buckets against nodes, root and head, and is the one way to change rows: a change that
/// left the tree behind would make the vault unreadable, and one that checked nothing before would
/// take a tampered row over. Used within one transaction at a time, from `begin` to its end.
final class StateTree {
    let store: Store
    let key: StateKey
    private var current: StateHead?
    /// The newest head that fitted.
    private var opened: StateHead?
    private let path: String
    /// The code under the head.
    private(set) var headCode: [UInt8] = []
    /// The nodes' codes, which fit the head.
    private var nodes: CodeRow?
    /// By node: what was looked at of it.
    private var looked: [Node?] = []
    /// By record: the index under which a secret that was changed is described now, or nil if it
    /// is gone. Kept only where there is a policy that has to follow.
    private(set) var touched: [RecordID: BlindIndexValue?] = [:]

    init(_ store: Store, _ key: consuming StateKey, at path: String) {
        self.store = store
        self.path = path
        self.key = key
    }

    /// What the head of this transaction says.
    var head: StateHead {
        guard let current else { preconditionFailure("vault core: a tree that was not begun") }
        return current
    }

    /// Forgets another transaction and checks the head.
    func begin() throws(VaultError) {
        current = nil
        nodes = nil
        looked = [Node?](repeating: nil, count: 256)
        touched = [:]
        guard let sealed = try store.head() else { throw .tampered(.head) }
        do throws(VaultError) { current = try key.open(sealed) } catch {
            // It fitted before: another process ended this epoch.
            guard let opened, let now = StateHead(parsing: sealed.bytes), now.vault == opened.vault,
                now.epoch.number > opened.epoch.number
            else { throw error }
            throw .rekeyed(path: path)
        }
        opened = current
        headCode = sealed.code
    }

    func digest(of blob: [UInt8]) -> [UInt8] { key.digest(of: blob.span) }

    /// Fails with `.tampered(.state)` unless the rows of a bucket are those that were left in it.
    func check(_ bucket: UInt16) throws(VaultError) {
        let (node, low) = (UInt8(bucket >> 8), UInt8(bucket & 0xff))
        guard looked[Int(node)]?.leaves[Int(low)] == nil else { return }
        var known = try checked(node)
        // Held here alone while it is changed.
        looked[Int(node)] = nil
        defer { looked[Int(node)] = known }
        if known.codes.isEmpty {
            // Proved for all buckets at once: many rows that are stored in a new vault would
            // otherwise cost three searches for nothing each.
            let first = UInt16(node) << 8
            guard try readLeaves(first...first | 0xff).isEmpty else { throw .tampered(.state) }
            known.leaves = [[StateLeaf]?](repeating: [], count: 256)
        } else {
            let found = try readLeaves(bucket...bucket)
            try Self.compare(key.code(ofBucket: bucket, found[...]), known.codes[low])
            known.leaves[Int(low)] = found
        }
    }

    private func readLeaves(_ buckets: ClosedRange<UInt16>) throws(VaultError) -> [StateLeaf] {
        var found: [StateLeaf] = []
        for row in try store.columns(in: buckets) { found.append(key.leaf(row)) }
        for row in try store.metadata(in: buckets) { found.append(key.leaf(row)) }
        for row in try store.tombstones(in: buckets) { found.append(key.leaf(row)) }
        found.sort()
        return found
    }

    func checkedNodes() throws(VaultError) -> CodeRow {
        if let nodes { return nodes }
        let found = try row(.nodes)
        try Self.compare(found.root, head.root)
        nodes = found
        return found
    }

    private func checked(_ node: UInt8) throws(VaultError) -> Node {
        if let known = looked[Int(node)] { return known }
        let nodes = try checkedNodes()
        let codes = try row(.buckets(ofNode: node))
        try Self.compare(key.code(ofNode: node, codes), nodes[node])
        let found = Node(codes: codes)
        looked[Int(node)] = found
        return found
    }

    private func row(_ place: TreeRow) throws(VaultError) -> CodeRow {
        guard let packed = try store.codes(place) else { return .empty }
        guard let row = CodeRow(packed: packed) else { throw .tampered(.state) }
        return row
    }

    private static func compare(_ left: [UInt8]?, _ right: [UInt8]?) throws(VaultError) {
        guard areEqual(left, right) else { throw .tampered(.state) }
    }

    /// Both there and equal, or both absent.
    static func areEqual(_ left: [UInt8]?, _ right: [UInt8]?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (let left?, let right?): ConstantTime.areEqual(left.span, right.span)
        default: false
        }
    }
}

// Changing rows, each in the file and in the tree.
extension StateTree {
    func insert(_ row: SealedRecord) throws(VaultError) {
        try edit(row.rid.bucket) { $0.append(key.leaf(row.columns)) }
        try store.insert(row)
        current?.records += 1
    }

    func insert(_ row: SealedMetadata) throws(VaultError) {
        try edit(row.index.bucket) { $0.append(key.leaf(row)) }
        try store.insert(row)
        current?.descriptions += 1
        touch(row.rid, row.index)
    }

    private func touch(_ rid: RecordID, _ index: BlindIndexValue?) {
        guard head.policy != StateHead.noPolicy else { return }
        touched.updateValue(index, forKey: rid)
    }

    /// Replaces the description under `index`, which must still be that of `row.rid` in revision
    /// `old`.
    func update(
        _ row: SealedMetadata, under index: BlindIndexValue, replacing old: UInt64
    ) throws(VaultError) {
        try edit(index.bucket) { leaves in
            leaves.removeAll { $0.table == .metadata && $0.rid == row.rid && $0.version == old }
        }
        try edit(row.index.bucket) { $0.append(key.leaf(row)) }
        try store.update(row, under: index, replacing: old)
        touch(row.rid, row.index)
    }

    /// Moves a version, which must be there, to another state.
    func setState(
        _ rid: RecordID, _ version: UInt32, _ state: VersionState
    ) throws(VaultError) {
        guard var columns = try store.columns(rid: rid, version: version) else {
            throw .tampered(.container)
        }
        columns.state = state
        let leaf = key.leaf(columns)
        try edit(rid.bucket) { leaves in
            leaves.removeAll { $0.isInPlace(of: leaf) }
            leaves.append(leaf)
        }
        try store.setState(rid, version, state)
    }

    /// Deletes the row of one version, which must be there.
    func destroy(_ rid: RecordID, _ version: UInt32) throws(VaultError) {
        try edit(rid.bucket) { leaves in
            leaves.removeAll { $0.table == .record && $0.rid == rid && $0.version == version }
        }
        try store.deleteRecord(rid, version)
        current?.records -= 1
    }

    /// Deletes a secret's rows; a tombstone stays in their place.
    func bury(
        _ tombstone: Tombstone, under index: BlindIndexValue
    ) throws(VaultError) {
        let rid = tombstone.rid
        try edit(index.bucket) { leaves in
            leaves.removeAll { $0.table == .metadata && $0.rid == rid }
        }
        var count: UInt64 = 0
        try edit(rid.bucket) { leaves in
            count = UInt64(leaves.count { $0.table == .record && $0.rid == rid })
            leaves.removeAll { $0.table == .record && $0.rid == rid }
            leaves.append(key.leaf(tombstone))
        }
        try store.deleteRecords(rid)
        try store.deleteMetadata(index)
        try store.insert(tombstone)
        current?.records -= count
        current?.descriptions -= 1
        touch(rid, nil)
    }

    private func edit(
        _ bucket: UInt16, _ body: (inout [StateLeaf]) -> Void
    ) throws(VaultError) {
        try check(bucket)
        looked[Int(bucket >> 8)]?.edit(Int(bucket & 0xff), body)
    }

    /// Writes the codes of what was changed and the next head. `slots` and `policy` are the digests
    /// that the head names from now on, `audit` is where the log stands.
    func commit(
        slots: [UInt8], policy: [UInt8], audit: AuditTip, at time: Timestamp
    ) throws(VaultError) {
        var next = head
        if looked.contains(where: { $0?.isChanged == true }) { next.root = try writeNodes() }
        next.generation += 1
        next.slots = slots
        next.policy = policy
        next.seals = audit.seals
        next.entries = audit.entries
        next.auditTip = audit.tip
        next.time = time
        let sealed = key.seal(next)
        try store.setHead(sealed)
        current = next
        headCode = sealed.code
    }

    private func writeNodes() throws(VaultError) -> [UInt8] {
        var nodes = try checkedNodes()
        for node in UInt8.min...UInt8.max {
            guard var known = looked[Int(node)], known.isChanged else { continue }
            looked[Int(node)] = nil
            known.code(by: key, node)
            try store.setCodes(.buckets(ofNode: node), known.codes.packed)
            nodes[node] = key.code(ofNode: node, known.codes)
            looked[Int(node)] = known
        }
        try store.setCodes(.nodes, nodes.packed)
        self.nodes = nodes
        return nodes.root
    }
}

/// What was looked at of a node, and what was changed since.
private struct Node {
    /// Its buckets' codes, which fit the node's.
    var codes: CodeRow
    /// By bucket: its leaves, which fit the bucket's code; nil if they were not looked at.
    var leaves = [[StateLeaf]?](repeating: nil, count: 256)
    private var changed = [Bool](repeating: false, count: 256)
    private(set) var isChanged = false

    init(codes: CodeRow) { self.codes = codes }

    /// Changes the leaves of a bucket, which was looked at.
    mutating func edit(_ low: Int, _ body: (inout [StateLeaf]) -> Void) {
        guard var found = leaves[low] else { preconditionFailure("vault core: an unseen bucket") }
        leaves[low] = nil
        body(&found)
        leaves[low] = found
        changed[low] = true
        isChanged = true
    }

    /// Makes the codes of the buckets that were changed.
    mutating func code(by key: borrowing StateKey, _ node: UInt8) {
        for low in UInt8.min...UInt8.max where changed[Int(low)] {
            let sorted = (leaves[Int(low)] ?? []).sorted()
            leaves[Int(low)] = sorted
            codes[low] = key.code(ofBucket: UInt16(node) << 8 | UInt16(low), sorted[...])
            changed[Int(low)] = false
        }
        isChanged = false
    }
}

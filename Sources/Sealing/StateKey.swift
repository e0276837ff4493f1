// The key of the state tree: hashes of rows, codes of buckets and nodes, the sealed head (spec,
// "State tree").

internal import SecretMemory
public import VaultModel

/// Makes and compares everything in the tree; wiped when it ends.
public struct StateKey: ~Copyable {
    private let vault: VaultID
    private let epoch: Epoch
    private let mac: HMAC
    private let hash = SHA256Stream()
    private let leafStart: [UInt8]

    public init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        let key = root.subkey(.state, vault: vault, epoch: epoch)
        mac = HMAC(.sha256, key: key.bytes)
        leafStart = [0x00] + CanonicalBytes(domain: "leaf").bytes
    }

    private init(copying other: borrowing StateKey) {
        vault = other.vault
        epoch = other.epoch
        mac = other.mac.copy()
        leafStart = other.leafStart
    }

    /// The same key, for another thread.
    public borrowing func copy() -> StateKey { StateKey(copying: self) }

    /// SHA-256 of a sealed blob.
    public func digest(of blob: Span<UInt8>) -> [UInt8] { SHA256.digest(blob) }

    public func leaf(_ row: RecordColumns) -> StateLeaf {
        leaf(
            .record, row.rid, bucket: row.rid.bucket, version: UInt64(row.version),
            epoch: row.epoch, state: row.state.rawValue, row.digest.span)
    }

    public func leaf(_ row: SealedMetadata) -> StateLeaf {
        let blob = hash.digest(row.blob.span)
        var rest = CanonicalBytes(capacity: 48)
        rest.add(blob.span)
        rest.add(row.index.bytes)
        return leaf(
            .metadata, row.rid, bucket: row.index.bucket, version: row.revision,
            epoch: row.epoch, state: 0, rest.bytes.span)
    }

    public func leaf(_ row: Tombstone) -> StateLeaf {
        leaf(
            .tombstone, row.rid, bucket: row.rid.bucket, version: UInt64(row.version),
            epoch: row.epoch, state: 0, Span())
    }

    /// SHA-256(0x00 ‖ D("leaf") ‖ u8 table ‖ rid ‖ u64 version ‖ u32 epoch ‖ u8 state ‖ rest).
    private func leaf(
        _ table: StateLeaf.Table, _ rid: RecordID, bucket: UInt16, version: UInt64, epoch: Epoch,
        state: UInt8, _ rest: Span<UInt8>
    ) -> StateLeaf {
        var message = CanonicalBytes(capacity: 48)
        message.add(leafStart)
        message.add(table.rawValue)
        message.add(rid.bytes)
        message.add(version)
        message.add(epoch.number)
        message.add(state)
        let hash = hash.digest(message.bytes.span, rest)
        return StateLeaf(bucket: bucket, table: table, rid: rid, version: version, hash: hash)
    }

    /// The code of a bucket with these leaves, which are in their order; nil for an empty one.
    public func code(ofBucket number: UInt16, _ leaves: ArraySlice<StateLeaf>) -> [UInt8]? {
        guard !leaves.isEmpty else { return nil }
        begin("bucket") { start in
            start.add(number)
            start.add(UInt32(leaves.count))
        }
        for leaf in leaves { mac.update(leaf.hash.span) }
        return finish()
    }

    /// The code of a node over its buckets; nil for an empty one.
    public func code(ofNode number: UInt8, _ buckets: CodeRow) -> [UInt8]? {
        guard !buckets.isEmpty else { return nil }
        begin("node") { start in start.add(number) }
        mac.update(buckets.bytes.span)
        return finish()
    }

    private func begin(_ label: StaticString, _ more: (inout CanonicalBytes) -> Void) {
        var start = CanonicalBytes(domain: label)
        start.add(vault.bytes)
        start.add(epoch.number)
        more(&start)
        mac.begin()
        mac.update(start.bytes.span)
    }

    private func finish() -> [UInt8] {
        var code = [UInt8](repeating: 0, count: CodeRow.codeCount)
        var span = code.mutableSpan
        mac.finish(into: &span)
        return code
    }
}

// The head.
extension StateKey {
    public func seal(_ head: StateHead) -> SealedHead {
        let bytes = head.bytes
        return SealedHead(bytes: bytes, code: code(ofHead: bytes))
    }

    /// What a head says; anything but one of this vault, epoch and key is `.tampered(.head)`.
    public func open(_ sealed: SealedHead) throws(VaultError) -> StateHead {
        let code = code(ofHead: sealed.bytes)
        guard ConstantTime.areEqual(sealed.code.span, code.span),
            let head = StateHead(parsing: sealed.bytes), head.vault == vault, head.epoch == epoch
        else { throw .tampered(.head) }
        return head
    }

    private func code(ofHead bytes: [UInt8]) -> [UInt8] {
        mac.begin()
        mac.update(bytes.span)
        return finish()
    }
}

extension CodeRow {
    /// The root of the tree of which these are the nodes.
    public var root: [UInt8] { SHA256.digest(bytes.span) }
}

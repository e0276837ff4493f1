// The head of the state tree: one statement of what is in the vault (spec, "State tree").

public import VaultModel

/// What the head says. A change of the vault writes the next one.
public struct StateHead: Hashable, Sendable {
    public static let byteCount = 243
    private static let digestCount = 32

    public let vault: VaultID
    public private(set) var epoch: Epoch
    /// Counted up with every change.
    public var generation: UInt64
    public var records: UInt64
    public var descriptions: UInt64
    public var root: [UInt8]
    /// SHA-256 of the readable slots in order.
    public var slots: [UInt8]
    /// SHA-256 over the rows of the policy.
    public var policy: [UInt8]
    /// What the audit log held then.
    public var seals: UInt64
    public var entries: UInt64
    public var auditTip: [UInt8]
    /// The public key for deposits: it stays for an epoch.
    public private(set) var depositKey: [UInt8]
    public var time: Timestamp

    public var bytes: [UInt8] {
        var bytes = CanonicalBytes(domain: "head")
        bytes.add(Suite.one.number)
        bytes.add(vault.bytes)
        bytes.add(epoch.number)
        bytes.add(generation)
        bytes.add(records)
        bytes.add(descriptions)
        bytes.add(root)
        bytes.add(slots)
        bytes.add(policy)
        bytes.add(seals)
        bytes.add(entries)
        bytes.add(auditTip)
        bytes.add(depositKey)
        bytes.add(time.milliseconds)
        return bytes.bytes
    }
}

extension StateHead {
    /// The head of a vault that is about to be made, with no secret in it.
    public init(
        newVault vault: VaultID, depositKey: [UInt8], slots: [KeySlot], audit: AuditTip,
        at time: Timestamp
    ) {
        self.vault = vault
        epoch = .first
        generation = 1
        records = 0
        descriptions = 0
        root = CodeRow().root
        self.slots = Self.digest(of: slots)
        policy = Self.noPolicy
        seals = audit.seals
        entries = audit.entries
        auditTip = audit.tip
        self.depositKey = depositKey
        self.time = time
    }

    /// The public key for deposits of an epoch.
    public static func depositKey(
        of root: borrowing RootKey, vault: VaultID, epoch: Epoch
    ) -> [UInt8] {
        DepositKey.publicKey(of: root, vault: vault, epoch: epoch)
    }

    /// The head that follows in the next epoch, with that epoch's root of the tree.
    public func succeeded(
        by root: borrowing RootKey, treeRoot: [UInt8], slots: [KeySlot], policy: [UInt8],
        audit: AuditTip, at time: Timestamp
    ) -> StateHead {
        var next = self
        next.epoch = Epoch(epoch.number + 1)
        next.generation += 1
        next.root = treeRoot
        next.slots = Self.digest(of: slots)
        next.policy = policy
        next.seals = audit.seals
        next.entries = audit.entries
        next.auditTip = audit.tip
        next.depositKey = DepositKey.publicKey(of: root, vault: vault, epoch: next.epoch)
        next.time = time
        return next
    }

    /// Reads what `bytes` gives; nil if it is of another form, suite included.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        let start = CanonicalBytes(domain: "head").bytes
        guard bytes.starts(with: start) else { return nil }
        var reader = CanonicalReader(bytes.span.extracting(start.count...))
        guard reader.number(UInt16.self) == Suite.one.number,
            let vault = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let epoch = reader.number(UInt32.self), let generation = reader.number(UInt64.self),
            let records = reader.number(UInt64.self),
            let descriptions = reader.number(UInt64.self),
            let root = reader.bytes(Self.digestCount), let slots = reader.bytes(Self.digestCount),
            let policy = reader.bytes(Self.digestCount), let seals = reader.number(UInt64.self),
            let entries = reader.number(UInt64.self),
            let auditTip = reader.bytes(Self.digestCount),
            let depositKey = reader.bytes(Self.digestCount),
            let time = reader.number(UInt64.self)
        else { return nil }
        self.vault = VaultID(vault)
        self.epoch = Epoch(epoch)
        self.generation = generation
        self.records = records
        self.descriptions = descriptions
        self.root = root
        self.slots = slots
        self.policy = policy
        self.seals = seals
        self.entries = entries
        self.auditTip = auditTip
        self.depositKey = depositKey
        self.time = Timestamp(milliseconds: time)
    }

    /// SHA-256 of the slots' bytes, in the order of their numbers.
    public static func digest(of slots: [KeySlot]) -> [UInt8] {
        let bytes = slots.flatMap(\.bytes)
        return SHA256.digest(bytes.span)
    }

    /// SHA-256 over kind, id and digest of the policy's rows, in the order of kind and id.
    public static func digest(ofPolicy rows: [PolicyColumns]) -> [UInt8] {
        var bytes = CanonicalBytes(capacity: 49 * rows.count)
        let sorted = rows.sorted { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) }
        for row in sorted {
            bytes.add(row.kind.rawValue)
            bytes.add(row.id.bytes)
            bytes.add(row.digest)
        }
        return SHA256.digest(bytes.bytes.span)
    }

    /// The digest of a policy without a row.
    public static let noPolicy = digest(ofPolicy: [])
}

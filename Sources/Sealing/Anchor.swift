// What a machine remembers of a vault, as bytes (spec, "Anchor").

public import VaultModel

/// The newest state of a vault that was seen here.
public struct Anchor: Hashable, Sendable {
    public let vault: VaultID
    public let epoch: Epoch
    public let generation: UInt64
    /// The code of the head of that generation, 32 bytes.
    public let headCode: [UInt8]
    public let seals: UInt64
    public let entries: UInt64
    /// The audit chain's tip after those entries, 32 bytes.
    public let tip: [UInt8]
    /// X25519 public key for deposits, 32 bytes.
    public let depositKey: [UInt8]
    /// Ed25519 public key of the first seal, 32 bytes; zeros if it was not proved.
    public private(set) var firstKey: [UInt8]

    /// What is seen of a vault whose head fits, and whose first key is proved to be its own.
    public init(_ head: StateHead, code: [UInt8], _ tip: AuditTip) {
        vault = head.vault
        epoch = head.epoch
        generation = head.generation
        headCode = code
        seals = tip.seals
        entries = tip.entries
        self.tip = tip.tip
        depositKey = head.depositKey
        firstKey = tip.firstKey
    }

    /// D("anchor") ‖ vault id ‖ u32 epoch ‖ u64 generation ‖ head code 32 ‖ u64 seals ‖ u64 entries
    /// ‖ tip 32 ‖ deposit key 32 ‖ pk_0 32 ‖ SHA-256 of all before.
    public var bytes: [UInt8] {
        var bytes = CanonicalBytes(domain: "anchor")
        bytes.add(vault.bytes)
        bytes.add(epoch.number)
        bytes.add(generation)
        bytes.add(headCode)
        bytes.add(seals)
        bytes.add(entries)
        bytes.add(tip)
        bytes.add(depositKey)
        bytes.add(firstKey)
        let checksum = SHA256.digest(bytes.bytes.span)
        return bytes.bytes + checksum
    }

    /// The same without the first key: the tip vouches for the whole log in its place.
    public var withoutFirstKey: Anchor {
        var anchor = self
        anchor.firstKey = Self.unproved
        return anchor
    }

    private static let unproved = [UInt8](repeating: 0, count: 32)

    /// Whether a log with this first key can be the one that is remembered.
    public func isOfLog(beginningWith key: [UInt8]) -> Bool {
        firstKey == Self.unproved || firstKey == key
    }

    /// Whether this is of a later state of the same vault.
    public func isLater(than other: Anchor) -> Bool {
        vault == other.vault && (generation, entries) > (other.generation, other.entries)
    }

    /// Reads what `bytes` gives; nil if it is of another form or damaged.
    public init?(parsing bytes: [UInt8]) {
        let start = CanonicalBytes(domain: "anchor").bytes
        guard bytes.count == start.count + 204, bytes.starts(with: start) else { return nil }
        let body = bytes.span.extracting(droppingLast: SHA256.byteCount)
        let checksum = SHA256.digest(body)
        guard checksum.elementsEqual(bytes.suffix(SHA256.byteCount)) else { return nil }
        var reader = CanonicalReader(body.extracting(start.count...))
        guard let vault = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let epoch = reader.number(UInt32.self), let generation = reader.number(UInt64.self),
            let headCode = reader.bytes(32), let seals = reader.number(UInt64.self),
            let entries = reader.number(UInt64.self), let tip = reader.bytes(32),
            let depositKey = reader.bytes(32), let firstKey = reader.bytes(32), reader.isAtEnd
        else { return nil }
        self.vault = VaultID(vault)
        self.epoch = Epoch(epoch)
        self.generation = generation
        self.headCode = headCode
        self.seals = seals
        self.entries = entries
        self.tip = tip
        self.depositKey = depositKey
        self.firstKey = firstKey
    }
}

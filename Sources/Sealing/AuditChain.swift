// The chain of the audit log: every entry is hashed onto all before it, and seals sign it with
// keys that are used once (spec, `docs/spec/audit-log.md`).

public import VaultModel

/// A running chain: from its start, or resumed where it stands.
public struct AuditChain: Hashable, Sendable {
    public let vault: VaultID
    /// The tip after everything so far, 32 bytes.
    public private(set) var tip: [UInt8]
    public private(set) var entries: UInt64
    public private(set) var seals: UInt64
    /// How many entries the newest seal covers.
    public private(set) var sealedEntries: UInt64

    /// h_0 = SHA-256(D("audit0") ‖ vault id ‖ pk_0).
    public init(vault: VaultID, firstKey: [UInt8]) {
        var start = CanonicalBytes(domain: "audit0")
        start.add(vault.bytes)
        start.add(firstKey)
        self.vault = vault
        tip = SHA256.digest(start.bytes.span)
        entries = 0
        seals = 0
        sealedEntries = 0
    }

    /// A chain that goes on from a stored place.
    public init(vault: VaultID, resuming place: AuditTip) {
        self.vault = vault
        tip = place.tip
        entries = place.entries
        seals = place.seals
        sealedEntries = place.sealedEntries
    }

    /// h_i = SHA-256(0x01 ‖ h_{i−1} ‖ SHA-256(E_i)).
    public mutating func append(_ entry: AuditEntry) {
        precondition(entry.number == entries, "sealing: entries are numbered without gaps")
        let hash = SHA256.digest(entry.bytes.span)
        let link = [0x01] + tip + hash
        tip = SHA256.digest(link.span)
        entries += 1
    }

    /// Signs everything so far and moves the tip on.
    public mutating func seal(with key: borrowing SigningKey, next: [UInt8]) -> AuditSeal {
        let message = message(next: next)
        let seal = AuditSeal(nextKey: next, signature: key.sign(message.span))
        take(seal)
        return seal
    }

    /// Whether `seal` is one of `key` over everything so far; then the tip is moved on.
    public mutating func accept(_ seal: AuditSeal, by key: [UInt8]) -> Bool {
        guard entries > sealedEntries, seal.nextKey.count == 32 else { return false }
        let message = message(next: seal.nextKey)
        guard Ed25519.verify(seal.signature.span, of: message.span, by: key.span) else {
            return false
        }
        take(seal)
        return true
    }

    /// Moves the tip on behind `seal` without looking at its signature: a later tip that is known
    /// vouches for it.
    public mutating func follow(_ seal: AuditSeal) { take(seal) }

    /// D("audit-seal") ‖ vault id ‖ u64 j ‖ u64 n ‖ tip ‖ pk_{j+1}.
    private func message(next: [UInt8]) -> [UInt8] {
        var message = CanonicalBytes(domain: "audit-seal")
        message.add(vault.bytes)
        message.add(seals)
        message.add(entries)
        message.add(tip)
        message.add(next)
        return message.bytes
    }

    private mutating func take(_ seal: AuditSeal) {
        tip = Self.tip(after: seal, on: tip)
        seals += 1
        sealedEntries = entries
    }

    /// SHA-256(0x02 ‖ tip ‖ pk_{j+1} ‖ sig_j).
    public static func tip(after seal: AuditSeal, on link: [UInt8]) -> [UInt8] {
        let bytes = [0x02] + link + seal.nextKey + seal.signature
        return SHA256.digest(bytes.span)
    }
}

extension AuditRow {
    /// The chain's tip behind this row.
    public var tip: [UInt8] { seal.map { AuditChain.tip(after: $0, on: link) } ?? link }
}

extension AuditEntry {
    /// E_i: u64 number ‖ u64 time ‖ u8 operation ‖ u8 outcome ‖ u32 user ‖ u32 process ‖ object 16
    /// ‖ lp(detail).
    var bytes: [UInt8] {
        var bytes = CanonicalBytes(capacity: 46 + detail.count)
        bytes.add(number)
        bytes.add(time.milliseconds)
        bytes.add(operation)
        bytes.add(outcome)
        bytes.add(user)
        bytes.add(process)
        bytes.add(object.bytes)
        bytes.add(prefixed: detail)
        return bytes.bytes
    }
}

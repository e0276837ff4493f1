// A sealed deposit as bytes: what lies in the inbox and, written as text, in a capsule (spec,
// "Deposits").

public import VaultModel

/// `deposit id 16 ‖ u32 epoch ‖ u64 time ‖ u8 kind ‖ enc 32 ‖ ciphertext`. No secret.
public struct SealedDeposit: Hashable, Sendable {
    private static let headerCount = Identifier.byteCount + 4 + 8 + 1
    /// The plaintext is padded to at least 64 bytes.
    private static let shortest = headerCount + X25519.byteCount + 64 + AESGCM.tagCount
    /// Longest one that is read, in bytes.
    public static let longest = 35_651_584

    public let id: DepositID
    public let epoch: Epoch
    /// When it was sealed, by the depositor's clock.
    public let time: Timestamp
    public let kind: RecordKind
    let enc: [UInt8]
    let ciphertext: [UInt8]

    init(
        id: DepositID, epoch: Epoch, time: Timestamp, kind: RecordKind, sealed: HPKE.Sealed
    ) {
        self.id = id
        self.epoch = epoch
        self.time = time
        self.kind = kind
        enc = sealed.enc
        ciphertext = sealed.ciphertext
    }

    /// Reads what `bytes` gives; nil if it is of another form.
    public init?(parsing bytes: [UInt8]) {
        guard (Self.shortest...Self.longest).contains(bytes.count) else { return nil }
        var reader = CanonicalReader(bytes.span)
        guard let id = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let epoch = reader.number(UInt32.self), epoch > 0,
            let time = reader.number(UInt64.self),
            let kind = reader.number(UInt8.self).flatMap(RecordKind.init(rawValue:)),
            let enc = reader.bytes(X25519.byteCount)
        else { return nil }
        self.id = DepositID(id)
        self.epoch = Epoch(epoch)
        self.time = Timestamp(milliseconds: time)
        self.kind = kind
        self.enc = enc
        ciphertext = Array(bytes.dropFirst(Self.headerCount + X25519.byteCount))
    }

    public var bytes: [UInt8] {
        var bytes = CanonicalBytes(capacity: Self.headerCount + enc.count + ciphertext.count)
        bytes.add(id.bytes)
        bytes.add(epoch.number)
        bytes.add(time.milliseconds)
        bytes.add(kind.rawValue)
        bytes.add(enc)
        bytes.add(ciphertext)
        return bytes.bytes
    }

    /// Its fingerprint: the first ten bytes of SHA-256(D("receipt") ‖ bytes).
    public var receipt: DepositReceipt {
        var message = CanonicalBytes(domain: "receipt")
        message.add(bytes)
        return DepositReceipt(
            id: id, fingerprint: Array(SHA256.digest(message.bytes.span).prefix(10)))
    }

    /// D("deposit-aad") ‖ deposit id ‖ u64 time ‖ u8 kind.
    static func authenticated(
        _ id: DepositID, _ time: Timestamp, _ kind: RecordKind
    ) -> [UInt8] {
        var data = CanonicalBytes(domain: "deposit-aad")
        data.add(id.bytes)
        data.add(time.milliseconds)
        data.add(kind.rawValue)
        return data.bytes
    }

    /// D("deposit") ‖ vault id ‖ u32 epoch.
    static func info(_ vault: VaultID, _ epoch: Epoch) -> [UInt8] {
        var info = CanonicalBytes(domain: "deposit")
        info.add(vault.bytes)
        info.add(epoch.number)
        return info.bytes
    }
}

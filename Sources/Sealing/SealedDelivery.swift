// What is delivered to a job, as bytes (spec, "Deliveries").

internal import SecretMemory
public import VaultModel

/// `u64 time ‖ u64 expiry ‖ enc 32 ‖ ciphertext`; an expiry of 0 is none. No secret.
public struct SealedDelivery: Hashable, Sendable {
    private static let headerCount = 8 + 8
    /// The plaintext is padded to at least 64 bytes.
    private static let shortest = headerCount + X25519.byteCount + 64 + AESGCM.tagCount
    /// Longest one, in bytes.
    public static let longest = 35_651_584

    /// When it was sealed.
    public let time: Timestamp
    public let expires: Timestamp?
    let enc: [UInt8]
    let ciphertext: [UInt8]

    init(time: Timestamp, expires: Timestamp?, sealed: HPKE.Sealed) {
        self.time = time
        self.expires = expires
        enc = sealed.enc
        ciphertext = sealed.ciphertext
    }

    /// Reads what `bytes` gives; nil if it is of another form.
    public init?(parsing bytes: [UInt8]) {
        guard (Self.shortest...Self.longest).contains(bytes.count) else { return nil }
        var reader = CanonicalReader(bytes.span)
        guard let time = reader.number(UInt64.self), let expiry = reader.number(UInt64.self),
            let enc = reader.bytes(X25519.byteCount)
        else { return nil }
        self.time = Timestamp(milliseconds: time)
        expires = Timestamp(orNever: expiry)
        self.enc = enc
        ciphertext = Array(bytes.dropFirst(Self.headerCount + X25519.byteCount))
    }

    public var bytes: [UInt8] {
        var bytes = CanonicalBytes(capacity: Self.headerCount + enc.count + ciphertext.count)
        bytes.add(time.milliseconds)
        bytes.add(expires?.milliseconds ?? 0)
        bytes.add(enc)
        bytes.add(ciphertext)
        return bytes.bytes
    }

    /// The row of the policy that holds it.
    public func row(_ id: Identifier) -> SealedPolicy {
        let blob = bytes
        return SealedPolicy(
            PolicyColumns(.delivery, id, digest: SHA256.digest(blob.span)), blob: blob)
    }

    /// D("delivery-aad") ‖ id ‖ u64 time ‖ u64 expiry.
    static func authenticated(
        _ id: Identifier, _ time: Timestamp, _ expires: Timestamp?
    ) -> [UInt8] {
        var data = CanonicalBytes(domain: "delivery-aad")
        data.add(id.bytes)
        data.add(time.milliseconds)
        data.add(expires?.milliseconds ?? 0)
        return data.bytes
    }

    /// D("delivery") ‖ vault id ‖ job id.
    static func info(_ vault: VaultID, _ job: JobID) -> [UInt8] {
        var info = CanonicalBytes(domain: "delivery")
        info.add(vault.bytes)
        info.add(job.bytes)
        return info.bytes
    }

    /// Where a job finds the secret of a name, and nobody else: the first 16 bytes of
    /// HKDF-SHA-512(vault id, pre-shared key, D("delivery-id") ‖ job id ‖ lp(name)).
    static func id(
        of secret: SecretName, _ vault: VaultID, _ job: JobID, _ preShared: Span<UInt8>
    ) -> Identifier {
        var info = CanonicalBytes(domain: "delivery-id")
        info.add(job.bytes)
        info.add(prefixed: secret.text.utf8)
        let salt = vault.bytes
        let nothing: [UInt8] = []
        let okm = HKDF.expand(
            HKDF.extract(salt: salt.span, preShared), info: info.bytes.span, nothing.span,
            count: Identifier.byteCount)
        guard let id = Identifier(okm.bytes) else {
            preconditionFailure("sealing: an identifier has sixteen bytes")
        }
        return id
    }
}

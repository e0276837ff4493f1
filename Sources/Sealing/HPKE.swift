// HPKE (RFC 9180) in base mode: whoever has a public key seals, and only the private one opens. And
// in the mode of a pre-shared key: only those seal who have that too.

internal import SecretMemory
internal import VaultModel

/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, and no other suite.
enum HPKE {
    /// What the owner of the private key needs: "enc", and the ciphertext with its tag.
    typealias Sealed = (enc: [UInt8], ciphertext: [UInt8])

    /// SealBase (6.1), or SealPSK if there is a pre-shared key, under a fresh ephemeral key; nil if
    /// `publicKey` is no key.
    static func seal(
        _ plaintext: Span<UInt8>, to publicKey: [UInt8], info: [UInt8],
        authenticating data: [UInt8], sharing psk: Span<UInt8> = Span(), named pskID: [UInt8] = []
    ) throws(VaultError) -> Sealed? {
        var drawn = SecretBytes(zeros: X25519.byteCount)
        var span = drawn.mutableBytes
        try Randomness.fill(&span)
        return seal(
            plaintext, to: publicKey, info: info, authenticating: data, ephemeral: drawn.bytes,
            sharing: psk, named: pskID)
    }

    /// Seals with an ephemeral private key that must never be used twice.
    static func seal(
        _ plaintext: Span<UInt8>, to publicKey: [UInt8], info: [UInt8],
        authenticating data: [UInt8], ephemeral: Span<UInt8>,
        sharing psk: Span<UInt8> = Span(), named pskID: [UInt8] = []
    ) -> Sealed? {
        let enc = X25519.publicKey(of: ephemeral)
        switch sharedSecret(of: ephemeral, with: publicKey, context: enc + publicKey) {
        case .none: return nil
        case .some(let secret):
            var context = HPKEContext(
                sharedSecret: secret.bytes, info: info, sharing: psk, named: pskID)
            return (enc, context.seal(plaintext, authenticating: data))
        }
    }

    /// OpenBase (6.1), or OpenPSK: the plaintext, or nil if anything is another than it was sealed.
    /// It takes memory for as many bytes as there are, so whoever calls it has bounded them.
    static func open(
        _ ciphertext: Span<UInt8>, from enc: [UInt8], with privateKey: Span<UInt8>, info: [UInt8],
        authenticating data: [UInt8], sharing psk: Span<UInt8> = Span(), named pskID: [UInt8] = []
    ) -> SecretBytes? {
        let publicKey = X25519.publicKey(of: privateKey)
        switch sharedSecret(of: privateKey, with: enc, context: enc + publicKey) {
        case .none: return nil
        case .some(let secret):
            var context = HPKEContext(
                sharedSecret: secret.bytes, info: info, sharing: psk, named: pskID)
            return context.open(ciphertext, authenticating: data)
        }
    }
}

// The key encapsulation.
extension HPKE {
    private static let labels = LabeledHKDF(suite: Array("KEM".utf8) + [0x00, 0x20])

    /// DeriveKeyPair (7.1.3): the private half.
    static func privateKey(from material: Span<UInt8>) -> SecretBytes {
        let extracted = labels.extract(salt: Span(), "dkp_prk", material)
        return labels.expand(extracted.bytes, "sk", Span(), count: X25519.byteCount)
    }

    /// What Encap and Decap (4.1) have in common: the shared secret, nil if `publicKey` is no key.
    /// The context is "enc", then the recipient's public key.
    static func sharedSecret(
        of privateKey: Span<UInt8>, with publicKey: [UInt8], context: [UInt8]
    ) -> SecretBytes? {
        switch X25519.sharedSecret(of: privateKey, with: publicKey.span) {
        case .none: return nil
        case .some(let agreed):
            let extracted = labels.extract(salt: Span(), "eae_prk", agreed.bytes)
            return labels.expand(extracted.bytes, "shared_secret", context.span, count: 32)
        }
    }
}

/// What both sides derive from a shared secret (5.1), and the number of the next message (5.2).
struct HPKEContext: ~Copyable {
    private static let labels = LabeledHKDF(
        suite: Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02])

    let key, baseNonce, exporterSecret: SecretBytes
    private let cipher = AESGCM()
    private var sequence: UInt64 = 0

    /// KeySchedule: of base mode, or of that of the pre-shared key which is there.
    init(
        sharedSecret: Span<UInt8>, info: [UInt8], sharing psk: Span<UInt8> = Span(),
        named pskID: [UInt8] = []
    ) {
        precondition(psk.isEmpty == pskID.isEmpty, "sealing: a pre-shared key has a name")
        let labels = Self.labels
        var context = SecretBytes(capacity: 65)
        context.append(psk.isEmpty ? 0 : 1)
        let pskHash = labels.extract(salt: Span(), "psk_id_hash", pskID.span)
        context.append(pskHash.bytes)
        let infoHash = labels.extract(salt: Span(), "info_hash", info.span)
        context.append(infoHash.bytes)
        let secret = labels.extract(salt: sharedSecret, "secret", psk)
        key = labels.expand(secret.bytes, "key", context.bytes, count: AESGCM.keyCount)
        baseNonce = labels.expand(
            secret.bytes, "base_nonce", context.bytes, count: AESGCM.nonceCount)
        exporterSecret = labels.expand(secret.bytes, "exp", context.bytes, count: 32)
    }

    mutating func seal(_ plaintext: Span<UInt8>, authenticating data: [UInt8]) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + AESGCM.tagCount)
        var target = sealed.mutableSpan
        let nonce = AESGCM.nonce(baseNonce.bytes, sequence)
        cipher.seal(
            plaintext, key: key.bytes, nonce: nonce.span, authenticating: data.span,
            into: &target)
        sequence += 1
        return sealed
    }

    /// The plaintext of the next message, or nil; then the next one is still to come.
    mutating func open(_ sealed: Span<UInt8>, authenticating data: [UInt8]) -> SecretBytes? {
        guard sealed.count >= AESGCM.tagCount else { return nil }
        var plaintext = SecretBytes(zeros: sealed.count - AESGCM.tagCount)
        var target = plaintext.mutableBytes
        let nonce = AESGCM.nonce(baseNonce.bytes, sequence)
        let isGenuine = cipher.open(
            sealed, key: key.bytes, nonce: nonce.span, authenticating: data.span, into: &target)
        guard isGenuine else { return nil }
        sequence += 1
        return plaintext
    }

    /// A secret for another purpose (5.3).
    func export(_ purpose: [UInt8], count: Int) -> SecretBytes {
        Self.labels.expand(exporterSecret.bytes, "sec", purpose.span, count: count)
    }
}

/// HKDF-SHA-256 whose inputs say their suite and their use (4).
private struct LabeledHKDF {
    private let start: [UInt8]

    init(suite: [UInt8]) { start = Array("HPKE-v1".utf8) + suite }

    func extract(salt: Span<UInt8>, _ label: String, _ input: Span<UInt8>) -> SecretBytes {
        let labeled = start + label.utf8
        return HKDF.pseudorandomKey(salt: salt, labeled.span, input, hash: .sha256)
    }

    func expand(
        _ key: Span<UInt8>, _ label: String, _ info: Span<UInt8>, count: Int
    ) -> SecretBytes {
        let labeled = [UInt8(count >> 8), UInt8(count & 0xff)] + start + label.utf8
        return HKDF.expand(HMAC(.sha256, key: key), info: labeled.span, info, count: count)
    }
}

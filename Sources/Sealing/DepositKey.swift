// The key pair to which deposits will be sealed: derived now, for the head names its public half.

internal import SecretMemory
internal import VaultModel

/// RFC 9180, DHKEM(X25519, HKDF-SHA256).
enum DepositKey {
    /// "KEM" ‖ u16 0x0020.
    private static let suite: [UInt8] = Array("KEM".utf8) + [0x00, 0x20]

    /// The public key of an epoch's "deposit" subkey.
    static func publicKey(of root: borrowing RootKey, vault: VaultID, epoch: Epoch) -> [UInt8] {
        let material = root.subkey(.deposit, vault: vault, epoch: epoch)
        let privateKey = privateKey(from: material.bytes)
        return X25519.publicKey(of: privateKey.bytes)
    }

    /// DeriveKeyPair (RFC 9180, 7.1.3): the private half.
    static func privateKey(from material: Span<UInt8>) -> SecretBytes {
        var input = SecretBytes(capacity: 64)
        let label = labeled("dkp_prk")
        input.append(label.span)
        input.append(material)
        let nothing: [UInt8] = []
        let extracted = HKDF.extract(salt: nothing.span, input.bytes, hash: .sha256)
        let info = [0, UInt8(X25519.byteCount)] + labeled("sk")
        return HKDF.expand(extracted, info: info.span, nothing.span, count: X25519.byteCount)
    }

    private static func labeled(_ label: String) -> [UInt8] {
        Array("HPKE-v1".utf8) + suite + Array(label.utf8)
    }
}

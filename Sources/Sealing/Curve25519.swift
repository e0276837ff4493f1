// The other file that calls libcrypto: key agreement and signatures on curve 25519.

internal import COpenSSL
public import SecretMemory
public import VaultModel

/// Keys as libcrypto holds them: in locked memory, as everything it allocates, and never changed.
/// Not private, or another room's optimised code that lets go of a `SigningKey` does not link.
@safe
struct CurveKey: ~Copyable, @unchecked Sendable {
    enum Use {
        case agreement, signing

        fileprivate var type: Int32 { self == .agreement ? EVP_PKEY_X25519 : EVP_PKEY_ED25519 }
    }

    /// Both halves of every key.
    static let byteCount = 32

    let pointer: OpaquePointer

    /// Both halves, from the private one.
    init(privateKey: Span<UInt8>, for use: Use) {
        _ = OpenSSL.shared
        let pair = unsafe privateKey.withUnsafeBufferPointer { key in
            unsafe EVP_PKEY_new_raw_private_key(use.type, nil, key.baseAddress, key.count)
        }
        guard let pair = unsafe pair else { preconditionFailure("sealing: no key on the curve") }
        unsafe pointer = pair
    }

    /// The public half alone, or nil if it has another size.
    init?(publicKey: Span<UInt8>, for use: Use) {
        _ = OpenSSL.shared
        guard publicKey.count == Self.byteCount else { return nil }
        let key = unsafe publicKey.withUnsafeBufferPointer { key in
            unsafe EVP_PKEY_new_raw_public_key(use.type, nil, key.baseAddress, key.count)
        }
        guard let key = unsafe key else { return nil }
        unsafe pointer = key
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    var publicKey: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { key, count in
            count = Self.byteCount
            guard unsafe EVP_PKEY_get_raw_public_key(pointer, key.baseAddress, &count) == 1,
                count == Self.byteCount
            else { preconditionFailure("sealing: a key without its public half") }
        }
    }
}

/// X25519 (RFC 7748).
enum X25519 {
    static let byteCount = CurveKey.byteCount

    /// The public key of a private one.
    static func publicKey(of privateKey: Span<UInt8>) -> [UInt8] {
        precondition(privateKey.count == byteCount, "sealing: an X25519 key has 32 bytes")
        return CurveKey(privateKey: privateKey, for: .agreement).publicKey
    }

    /// The secret that the owners of both keys share, or nil if `publicKey` has another size or
    /// lets every private key agree on zeros (RFC 7748, 6.1; RFC 9180, 7.1.4).
    static func sharedSecret(
        of privateKey: Span<UInt8>, with publicKey: Span<UInt8>
    ) -> SecretBytes? {
        precondition(privateKey.count == byteCount, "sealing: an X25519 key has 32 bytes")
        let own = CurveKey(privateKey: privateKey, for: .agreement)
        switch CurveKey(publicKey: publicKey, for: .agreement) {
        case .none: return nil
        case .some(let other): return agree(own, other)
        }
    }

    private static func agree(
        _ own: borrowing CurveKey, _ other: borrowing CurveKey
    ) -> SecretBytes? {
        guard let context = unsafe EVP_PKEY_CTX_new(own.pointer, nil) else { endOfMemory() }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var secret = SecretBytes(zeros: byteCount)
        var bytes = secret.mutableBytes
        var count = byteCount
        let isAgreed = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe EVP_PKEY_derive_init(context) == 1
                && EVP_PKEY_derive_set_peer_ex(context, other.pointer, 0) == 1
                && EVP_PKEY_derive(context, bytes.baseAddress, &count) == 1
        }
        // libcrypto refuses zeros too, but does not promise to.
        let zeros = [UInt8](repeating: 0, count: byteCount)
        guard isAgreed, count == byteCount, !ConstantTime.areEqual(secret.bytes, zeros.span)
        else { return nil }
        return secret
    }
}

/// A key that signs (Ed25519, RFC 8032).
public struct SigningKey: ~Copyable, Sendable {
    public static let seedCount = 32

    /// The private key as RFC 8032 has it (5.1.5): 32 random bytes.
    public let seed: SecretBytes
    public let publicKey: [UInt8]
    private let pair: CurveKey

    /// Draws a new one.
    public init() throws(VaultError) {
        var drawn = SecretBytes(zeros: Self.seedCount)
        var span = drawn.mutableBytes
        try Randomness.fill(&span)
        self.init(seed: drawn)
    }

    /// The key of a seed of 32 bytes.
    public init(seed: consuming SecretBytes) {
        precondition(seed.count == Self.seedCount, "sealing: a signing key has a seed of 32 bytes")
        pair = CurveKey(privateKey: seed.bytes, for: .signing)
        publicKey = pair.publicKey
        self.seed = seed
    }

    /// The signature of `message`, 64 bytes: the same ones each time.
    public borrowing func sign(_ message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Ed25519.signatureCount) { signature, count in
            count = Ed25519.signatureCount
            // Not kept with the key, which two threads may use; beside signing it costs nothing.
            guard let context = unsafe EVP_MD_CTX_new() else { endOfMemory() }
            defer { unsafe EVP_MD_CTX_free(context) }
            let isSigned = unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestSignInit(context, nil, nil, nil, pair.pointer) == 1
                    && EVP_DigestSign(
                        context, signature.baseAddress, &count, message.baseAddress, message.count)
                        == 1
            }
            guard isSigned, count == Ed25519.signatureCount else {
                preconditionFailure("sealing: Ed25519 refused to sign")
            }
        }
    }
}

/// Signatures of Ed25519 (RFC 8032), for whoever has no key but the public one.
public enum Ed25519 {
    public static let publicKeyCount = CurveKey.byteCount
    public static let signatureCount = 64

    /// Whether `signature` is that of `message` by the owner of `publicKey` (5.1.7). What has
    /// another size is no signature, and no key.
    public static func verify(
        _ signature: Span<UInt8>, of message: Span<UInt8>, by publicKey: Span<UInt8>
    ) -> Bool {
        guard signature.count == signatureCount else { return false }
        switch CurveKey(publicKey: publicKey, for: .signing) {
        case .none: return false
        case .some(let key):
            guard let context = unsafe EVP_MD_CTX_new() else { endOfMemory() }
            defer { unsafe EVP_MD_CTX_free(context) }
            return unsafe signature.withUnsafeBufferPointer { signature in
                unsafe message.withUnsafeBufferPointer { message in
                    unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer) == 1
                        && EVP_DigestVerify(
                            context, signature.baseAddress, signature.count, message.baseAddress,
                            message.count) == 1
                }
            }
        }
    }
}

// One of the two files that call libcrypto, and the one that starts it: AES-256-GCM, HMAC, SHA-256,
// constant-time comparison; and the system's random bytes. The other is Curve25519.swift.

internal import CLinux
internal import COpenSSL
internal import Glibc
internal import SecretMemory
public import VaultModel

/// libcrypto, started without its configuration file, with every byte it allocates in locked
/// memory: its contexts hold keys and key schedules.
@safe
struct OpenSSL: @unchecked Sendable {
    /// Started at first use: commands without cryptography do not pay for it.
    static let shared = OpenSSL()

    fileprivate let aes256GCM: OpaquePointer
    fileprivate let hmac: OpaquePointer
    fileprivate let sha256: OpaquePointer

    private init() {
        coffer_relocate_rest()
        let isMemoryOurs = unsafe CRYPTO_set_mem_functions(
            { count, _, _ in unsafe ForeignMemory.allocate(count) },
            { pointer, count, _, _ in unsafe ForeignMemory.reallocate(pointer, count) },
            { pointer, _, _ in unsafe ForeignMemory.release(pointer) })
        guard isMemoryOurs == 1, coffer_openssl_init() == 1,
            let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil),
            let mac = unsafe EVP_MAC_fetch(nil, "HMAC", nil),
            let digest = unsafe EVP_MD_fetch(nil, "SHA256", nil)
        else { preconditionFailure("sealing: libcrypto does not start") }
        unsafe aes256GCM = cipher
        unsafe hmac = mac
        unsafe sha256 = digest
    }
}

/// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.
@safe
struct AESGCM: ~Copyable {
    static let keyCount = 32
    static let nonceCount = 12
    static let tagCount = 16

    private let context: OpaquePointer

    init() {
        // libcrypto takes our memory functions only before its first allocation, which this may be.
        _ = OpenSSL.shared
        guard let made = unsafe EVP_CIPHER_CTX_new() else { endOfMemory() }
        unsafe context = made
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// The nonce of one message of many under a key: `base` XOR its number, big-endian.
    static func nonce(_ base: Span<UInt8>, _ number: UInt64) -> [UInt8] {
        precondition(base.count == nonceCount)
        var nonce = [UInt8](repeating: 0, count: nonceCount)
        for index in 0..<nonceCount { nonce[index] = base[index] }
        for index in 0..<8 {
            nonce[nonceCount - 1 - index] ^= UInt8(truncatingIfNeeded: number >> (8 * index))
        }
        return nonce
    }

    /// Encrypts `plaintext` to the start of `sealed`, the tag behind it; the tag covers `data` too.
    func seal(
        _ plaintext: Span<UInt8>, key: Span<UInt8>, nonce: Span<UInt8>,
        authenticating data: Span<UInt8> = Span(), into sealed: inout MutableSpan<UInt8>
    ) {
        precondition(sealed.count == plaintext.count + Self.tagCount)
        let length = plaintext.count
        let isSealed = unsafe sealed.withUnsafeMutableBufferPointer { sealed in
            guard let out = sealed.baseAddress, begin(key, nonce, isSealing: true),
                unsafe update(data, to: nil), unsafe update(plaintext, to: out)
            else { return false }
            var written: Int32 = 0
            return unsafe EVP_EncryptFinal_ex(context, out + length, &written) == 1
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagCount), out + length) == 1
        }
        guard isSealed else { preconditionFailure("sealing: AES-256-GCM refused to encrypt") }
    }

    /// Decrypts `sealed` (ciphertext, then tag) to `plaintext`, whose bytes are worthless unless
    /// the result is true.
    func open(
        _ sealed: Span<UInt8>, key: Span<UInt8>, nonce: Span<UInt8>,
        authenticating data: Span<UInt8> = Span(), into plaintext: inout MutableSpan<UInt8>
    ) -> Bool {
        precondition(sealed.count == plaintext.count + Self.tagCount)
        let ciphertext = sealed.extracting(first: plaintext.count)
        let tag = sealed.extracting(last: Self.tagCount)
        return unsafe plaintext.withUnsafeMutableBufferPointer { plaintext in
            guard begin(key, nonce, isSealing: false), unsafe update(data, to: nil),
                unsafe update(ciphertext, to: plaintext.baseAddress)
            else { return false }
            let isExpected = unsafe tag.withUnsafeBufferPointer { tag in
                unsafe EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count),
                    UnsafeMutableRawPointer(mutating: tag.baseAddress))
            }
            var (rest, written): (UInt8, Int32) = (0, 0)
            return unsafe isExpected == 1
                && EVP_DecryptFinal_ex(context, &rest, &written) == 1
        }
    }

    private func begin(_ key: Span<UInt8>, _ nonce: Span<UInt8>, isSealing: Bool) -> Bool {
        precondition(
            key.count == Self.keyCount && nonce.count == Self.nonceCount,
            "sealing: AES-256-GCM has a key of 32 bytes and a nonce of 12")
        return unsafe key.withUnsafeBufferPointer { key in
            unsafe nonce.withUnsafeBufferPointer { nonce in
                unsafe EVP_CipherInit_ex2(
                    context, OpenSSL.shared.aes256GCM, key.baseAddress, nonce.baseAddress,
                    isSealing ? 1 : 0, nil) == 1
            }
        }
    }

    /// Takes in text that becomes as many bytes at `out`, or associated data if there is no `out`.
    private func update(_ bytes: Span<UInt8>, to out: UnsafeMutablePointer<UInt8>?) -> Bool {
        guard bytes.count > 0 else { return true }
        guard let count = Int32(exactly: bytes.count) else { return false }
        var written: Int32 = 0
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe EVP_CipherUpdate(context, out, &written, bytes.baseAddress, count) == 1
        }
    }
}

/// HMAC (RFC 2104) under one key, used again and again.
@safe
struct HMAC: ~Copyable {
    /// The hash under the HMAC.
    enum Hash {
        case sha256, sha512

        var byteCount: Int { self == .sha256 ? 32 : 64 }
        fileprivate var name: StaticString { self == .sha256 ? "SHA256" : "SHA512" }
    }

    let hash: Hash
    private let context: OpaquePointer

    init(_ hash: Hash, key: Span<UInt8>) {
        guard let made = unsafe EVP_MAC_CTX_new(OpenSSL.shared.hmac) else { endOfMemory() }
        self.hash = hash
        unsafe context = made
        // Every pointer in the parameters is to a literal: nothing that could move or end too
        // early.
        let digest: StaticString = "digest"
        var parameters = unsafe [
            OSSL_PARAM_construct_utf8_string(
                Self.text(digest), UnsafeMutablePointer(mutating: Self.text(hash.name)), 0),
            OSSL_PARAM_construct_end(),
        ]
        // An empty key is a key too; a null pointer would mean "the key of before".
        var nothing: UInt8 = 0
        let isKeyed = unsafe parameters.withUnsafeMutableBufferPointer { parameters in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe withUnsafePointer(to: &nothing) { nothing in
                    unsafe EVP_MAC_init(
                        made, key.baseAddress ?? nothing, key.count, parameters.baseAddress)
                }
            }
        }
        guard isKeyed == 1 else { preconditionFailure("sealing: HMAC refused its key") }
    }

    private init(_ hash: Hash, context: OpaquePointer) {
        self.hash = hash
        unsafe self.context = context
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    /// The same key, for another thread.
    func copy() -> HMAC {
        guard let made = unsafe EVP_MAC_CTX_dup(context) else { endOfMemory() }
        return unsafe HMAC(hash, context: made)
    }

    private static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Begins a new message.
    func begin() {
        guard unsafe EVP_MAC_init(context, nil, 0, nil) == 1 else {
            preconditionFailure("sealing: HMAC refused to begin")
        }
    }

    func update(_ bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return }
        let isFine = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe EVP_MAC_update(context, bytes.baseAddress, bytes.count)
        }
        guard isFine == 1 else { preconditionFailure("sealing: HMAC refused its message") }
    }

    func update(_ byte: UInt8) {
        var byte = byte
        guard unsafe EVP_MAC_update(context, &byte, 1) == 1 else {
            preconditionFailure("sealing: HMAC refused its message")
        }
    }

    /// Ends the message; `code` has room for exactly one authentication code.
    func finish(into code: inout MutableSpan<UInt8>) {
        precondition(code.count == hash.byteCount)
        var written = 0
        let isFine = unsafe code.withUnsafeMutableBufferPointer { code in
            unsafe EVP_MAC_final(context, code.baseAddress, &written, code.count)
        }
        guard isFine == 1 else { preconditionFailure("sealing: HMAC refused to end") }
    }
}

/// SHA-256 (FIPS 180-4) of public bytes and of keys; the digest is no secret.
@safe
enum SHA256 {
    static let byteCount = 32

    static func digest(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            let isFine = unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe EVP_Digest(
                    bytes.baseAddress, bytes.count, digest.baseAddress, nil,
                    OpenSSL.shared.sha256, nil)
            }
            guard isFine == 1 else { preconditionFailure("sealing: SHA-256 refused its message") }
            count = byteCount
        }
    }
}

/// SHA-256 of one message after another with one context: a state tree hashes several a row.
@safe
struct SHA256Stream: ~Copyable {
    private let context: OpaquePointer

    init() {
        _ = OpenSSL.shared
        guard let made = unsafe EVP_MD_CTX_new() else { endOfMemory() }
        unsafe context = made
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// The digest of `first ‖ second`.
    func digest(_ first: Span<UInt8>, _ second: Span<UInt8> = Span()) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var output = digest.mutableSpan
        let isFine = unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe first.withUnsafeBufferPointer { first in
                unsafe second.withUnsafeBufferPointer { second in
                    unsafe EVP_DigestInit_ex2(context, OpenSSL.shared.sha256, nil) == 1
                        && EVP_DigestUpdate(context, first.baseAddress, first.count) == 1
                        && EVP_DigestUpdate(context, second.baseAddress, second.count) == 1
                        && EVP_DigestFinal_ex(context, output.baseAddress, nil) == 1
                }
            }
        }
        guard isFine else { preconditionFailure("sealing: SHA-256 refused its message") }
        return digest
    }
}

/// SHA-256 of a file that is read piece by piece, for it may be larger than memory.
@safe
public struct FileDigest: ~Copyable {
    private let context: OpaquePointer

    public init() {
        let sha256 = unsafe OpenSSL.shared.sha256
        guard let made = unsafe EVP_MD_CTX_new() else { endOfMemory() }
        unsafe context = made
        guard unsafe EVP_DigestInit_ex2(context, sha256, nil) == 1 else {
            preconditionFailure("sealing: SHA-256 does not start")
        }
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    public func add(_ bytes: Span<UInt8>) {
        let isFine = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        }
        guard isFine == 1 else { preconditionFailure("sealing: SHA-256 refused its message") }
    }

    /// The 32 bytes of the digest of all that was added.
    public consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        let isFine = unsafe digest.withUnsafeMutableBufferPointer { digest in
            unsafe EVP_DigestFinal_ex(context, digest.baseAddress, nil)
        }
        guard isFine == 1 else { preconditionFailure("sealing: SHA-256 does not end") }
        return digest
    }
}

/// Random bytes of the operating system's generator.
public enum Randomness {
    /// Fills `bytes`, or fails with `.noRandomness`; never a part of it.
    static func fill(_ bytes: inout MutableSpan<UInt8>) throws(VaultError) {
        let isFine = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: largestDraw) {
                let part = unsafe UnsafeMutableBufferPointer(
                    rebasing: bytes[start..<min(start + largestDraw, bytes.count)])
                guard unsafe getentropy(part.baseAddress, part.count) == 0 else { return false }
            }
            return true
        }
        guard isFine else { throw .noRandomness }
    }

    /// What the system fills in one call, so that no signal interrupts it (getentropy(3)).
    private static let largestDraw = 256

    /// `count` random bytes that are no secret: salts and identifiers.
    static func bytes(_ count: Int) throws(VaultError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        try fill(&span)
        return bytes
    }

    /// A random identifier, 128 bits.
    public static func identifier() throws(VaultError) -> Identifier {
        guard let identifier = Identifier(try bytes(Identifier.byteCount)) else {
            preconditionFailure("sealing: an identifier has sixteen bytes")
        }
        return identifier
    }
}

/// Comparison whose time does not depend on the content.
public enum ConstantTime {
    public static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        guard left.count > 0 else { return true }
        return unsafe left.withUnsafeBufferPointer { left in
            unsafe right.withUnsafeBufferPointer { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}

func endOfMemory() -> Never { preconditionFailure("sealing: out of memory") }

// Cobblestone-256 (C2SP chunked-encryption): a fresh, committed AES-256-GCM key for every message.

internal import SecretMemory
internal import VaultModel

/// Seals messages under a 256-bit key and a context; good for 2^55 messages.
///
/// Sealed form: salt 24 ‖ commitment 32 ‖ chunks of at most 16,384 bytes of plaintext and a tag of
/// 16; the last chunk is shorter than that, possibly empty.
struct Cobblestone: ~Copyable {
    static let saltCount = 24
    static let commitmentCount = 32
    static let chunkCount = 16_384
    private static let sealedChunkCount = chunkCount + AESGCM.tagCount
    private static let okmCount = AESGCM.keyCount + AESGCM.nonceCount + commitmentCount
    private static let label: [UInt8] =
        Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM".utf8) + [0]

    private let expander: HMAC
    private let cipher = AESGCM()

    /// `key` is 32 bytes.
    init(key: Span<UInt8>) {
        precondition(key.count == 32, "sealing: a key has 32 bytes")
        expander = HMAC(.sha512, key: key)
    }

    private init(expander: consuming HMAC) { self.expander = expander }

    /// The same key, for another thread.
    func copy() -> Cobblestone { Cobblestone(expander: expander.copy()) }

    /// Number of bytes that `plaintextCount` bytes are sealed to.
    static func sealedCount(_ plaintextCount: Int) -> Int {
        saltCount + commitmentCount + plaintextCount
            + (plaintextCount / chunkCount + 1) * AESGCM.tagCount
    }

    /// Number of bytes in a sealed message of `sealedCount` bytes, or nil if there is no such
    /// message.
    static func plaintextCount(_ sealedCount: Int) -> Int? {
        let body = sealedCount - saltCount - commitmentCount
        guard body >= AESGCM.tagCount else { return nil }
        let last = body % sealedChunkCount
        guard last >= AESGCM.tagCount else { return nil }
        return body / sealedChunkCount * chunkCount + last - AESGCM.tagCount
    }

    /// Seals `plaintext` under a fresh random salt.
    func seal(_ plaintext: Span<UInt8>, context: [UInt8]) throws(VaultError) -> [UInt8] {
        seal(plaintext, context: context, salt: try Randomness.bytes(Self.saltCount))
    }

    /// Seals with a salt that must never be used twice.
    func seal(_ plaintext: Span<UInt8>, context: [UInt8], salt: [UInt8]) -> [UInt8] {
        let okm = okm(salt.span, context)
        var sealed = [UInt8](repeating: 0, count: Self.sealedCount(plaintext.count))
        sealed.replaceSubrange(0..<Self.saltCount, with: salt)
        let commitment = okm.bytes.extracting(last: Self.commitmentCount)
        for index in 0..<Self.commitmentCount { sealed[Self.saltCount + index] = commitment[index] }
        var whole = sealed.mutableSpan
        for chunk in 0...(plaintext.count / Self.chunkCount) {
            let start = chunk * Self.chunkCount
            let count = min(Self.chunkCount, plaintext.count - start)
            let place = Self.place(ofChunk: chunk)
            var target = whole._mutatingExtracting(place..<place + count + AESGCM.tagCount)
            let nonce = Self.nonce(okm.bytes, chunk)
            cipher.seal(
                plaintext.extracting(start..<start + count),
                key: okm.bytes.extracting(first: AESGCM.keyCount), nonce: nonce.span,
                into: &target)
        }
        return sealed
    }

    /// The plaintext, or nil if a byte, the key or the context is another. Nothing is released
    /// before the last chunk is verified.
    func open(_ sealed: Span<UInt8>, context: [UInt8]) -> SecretBytes? {
        guard let count = Self.plaintextCount(sealed.count) else { return nil }
        let okm = okm(sealed.extracting(first: Self.saltCount), context)
        let commitment = sealed.extracting(
            Self.saltCount..<Self.saltCount + Self.commitmentCount)
        guard
            ConstantTime.areEqual(okm.bytes.extracting(last: Self.commitmentCount), commitment)
        else { return nil }
        var plaintext = SecretBytes(zeros: count)
        for chunk in 0...(count / Self.chunkCount) {
            let start = chunk * Self.chunkCount
            let length = min(Self.chunkCount, count - start)
            let place = Self.place(ofChunk: chunk)
            let nonce = Self.nonce(okm.bytes, chunk)
            var whole = plaintext.mutableBytes
            var target = whole._mutatingExtracting(start..<start + length)
            let isGenuine = cipher.open(
                sealed.extracting(place..<place + length + AESGCM.tagCount),
                key: okm.bytes.extracting(first: AESGCM.keyCount), nonce: nonce.span,
                into: &target)
            guard isGenuine else { return nil }
        }
        return plaintext
    }

    /// AES key 32 ‖ base nonce 12 ‖ commitment 32.
    private func okm(_ salt: Span<UInt8>, _ context: [UInt8]) -> SecretBytes {
        var info = Self.label
        info.reserveCapacity(info.count + Self.saltCount)
        for index in salt.indices { info.append(salt[index]) }
        return HKDF.expand(expander, info: info.span, context.span, count: Self.okmCount)
    }

    private static func place(ofChunk chunk: Int) -> Int {
        saltCount + commitmentCount + chunk * sealedChunkCount
    }

    private static func nonce(_ okm: Span<UInt8>, _ chunk: Int) -> [UInt8] {
        let base = okm.extracting(AESGCM.keyCount..<AESGCM.keyCount + AESGCM.nonceCount)
        return AESGCM.nonce(base, UInt64(chunk))
    }
}

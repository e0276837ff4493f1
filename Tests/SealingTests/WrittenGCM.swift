// AES-GCM written out from its definition, for nonces that are longer than libcrypto takes.

/// NIST SP 800-38D over the block cipher of libcrypto: slow, and only for vectors.
struct WrittenGCM {
    private let key: [UInt8]
    /// H, the hash subkey.
    private let subkey: UInt128

    init(key: [UInt8]) {
        self.key = key
        subkey = Self.block(Libcrypto.aes(key, [UInt8](repeating: 0, count: 16)))
    }

    /// The ciphertext, then the tag (section 7.1, GCM-AE).
    func seal(_ plaintext: [UInt8], nonce: [UInt8], data: [UInt8]) -> [UInt8] {
        let first =
            nonce.count == 12
            ? Self.block(nonce + [0, 0, 0, 1]) : hash([], nonce)
        let ciphertext = Self.sum(plaintext, stream(after: first, count: plaintext.count))
        let tag = Self.sum(Self.bytes(hash(data, ciphertext)), encrypted([first]))
        return ciphertext + tag
    }

    /// GHASH of both texts, each filled up to whole blocks, and of their lengths in bits.
    private func hash(_ data: [UInt8], _ text: [UInt8]) -> UInt128 {
        var state: UInt128 = 0
        for bytes in [data, text] {
            for start in stride(from: 0, to: bytes.count, by: 16) {
                let part = Array(bytes[start..<min(start + 16, bytes.count)])
                let filled = part + [UInt8](repeating: 0, count: 16 - part.count)
                state = product(state ^ Self.block(filled))
            }
        }
        return product(state ^ (UInt128(8 * data.count) << 64 | UInt128(8 * text.count)))
    }

    /// The product with H in GF(2^128), whose lowest power is the highest bit (section 6.3).
    private func product(_ factor: UInt128) -> UInt128 {
        var (sum, shifted): (UInt128, UInt128) = (0, subkey)
        for bit in stride(from: 127, through: 0, by: -1) {
            if factor >> bit & 1 == 1 { sum ^= shifted }
            let isCarry = shifted & 1 == 1
            shifted >>= 1
            if isCarry { shifted ^= 0xe1 << 120 }
        }
        return sum
    }

    /// The encrypted counters behind `first`; only the last 32 bits of it count (section 6.2).
    private func stream(after first: UInt128, count: Int) -> [UInt8] {
        let counters = (0..<(count + 15) / 16).map { number in
            let low = UInt32(truncatingIfNeeded: first) &+ UInt32(number) &+ 1
            return (first >> 32) << 32 | UInt128(low)
        }
        return Array(encrypted(counters).prefix(count))
    }

    private func encrypted(_ blocks: [UInt128]) -> [UInt8] {
        Libcrypto.aes(key, blocks.flatMap(Self.bytes))
    }

    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        zip(left, right).map { $0 ^ $1 }
    }

    private static func block(_ bytes: [UInt8]) -> UInt128 {
        bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    private static func bytes(_ block: UInt128) -> [UInt8] {
        stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: block >> $0) }
    }
}

// HKDF (RFC 5869), with SHA-512 unless said otherwise: from a key to keys of one purpose each.

internal import SecretMemory

/// Extract and expand.
enum HKDF {
    /// PRK = HMAC(salt, input), as the key of what `expand` takes.
    static func extract(
        salt: Span<UInt8>, _ input: Span<UInt8>, hash: HMAC.Hash = .sha512
    ) -> HMAC {
        let key = pseudorandomKey(salt: salt, input, Span(), hash: hash)
        return HMAC(hash, key: key.bytes)
    }

    /// The PRK itself. The input may be in two pieces: what is public, and a secret.
    static func pseudorandomKey(
        salt: Span<UInt8>, _ input: Span<UInt8>, _ more: Span<UInt8>, hash: HMAC.Hash
    ) -> SecretBytes {
        let mac = HMAC(hash, key: salt)
        mac.begin()
        mac.update(input)
        mac.update(more)
        var key = SecretBytes(zeros: hash.byteCount)
        var code = key.mutableBytes
        mac.finish(into: &code)
        return key
    }

    /// OKM of `count` bytes, at most 255 blocks, from a PRK that keys `mac`. `info` may be in two
    /// pieces: what is the same for many keys, and the rest.
    static func expand(
        _ mac: borrowing HMAC, info: Span<UInt8>, _ more: Span<UInt8>, count: Int
    ) -> SecretBytes {
        let block = mac.hash.byteCount
        let blocks = (count + block - 1) / block
        precondition((1...255).contains(blocks), "sealing: HKDF expands to 1 to 255 blocks")
        var output = SecretBytes(zeros: blocks * block)
        for number in 0..<blocks {
            mac.begin()
            if number > 0 {
                mac.update(output.bytes.extracting((number - 1) * block..<number * block))
            }
            mac.update(info)
            mac.update(more)
            mac.update(UInt8(number + 1))
            var whole = output.mutableBytes
            var code = whole._mutatingExtracting(number * block..<(number + 1) * block)
            mac.finish(into: &code)
        }
        output.truncate(to: count)
        return output
    }
}

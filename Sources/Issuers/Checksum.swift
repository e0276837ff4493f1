// Checksums that issuers build into their tokens, so that a cut or mistyped one shows at once.

/// A checksum by the name that profiles use.
enum Checksum: String, Hashable, Sendable, CaseIterable {
    /// GitHub, npm: of the 36 characters behind the last `_`, the last six are the CRC-32 of those
    /// before them, in base 62 with leading zeros. Tokens of another length have no such checksum.
    case crc32Base62 = "crc32-base62"

    /// Whether `value` ends in the checksum of what is before it.
    func holds(for value: Span<UInt8>) -> Bool {
        var start = 0
        for index in value.indices where value[index] == UInt8(ascii: "_") { start = index + 1 }
        let body = value.extracting(start...)
        guard body.count == 36 else { return true }
        var crc = Self.crc32(body.extracting(first: body.count - 6))
        var isRight = true
        for index in stride(from: body.count - 1, through: body.count - 6, by: -1) {
            let digit = Int(crc % 62)
            crc /= 62
            if unsafe Self.alphabet.utf8Start[digit] != body[index] { isRight = false }
        }
        return isRight
    }

    private static let alphabet: StaticString =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    /// CRC-32 of IEEE 802.3, reflected.
    static func crc32(_ bytes: Span<UInt8>) -> UInt32 {
        var crc = UInt32.max
        for index in bytes.indices {
            crc ^= UInt32(bytes[index])
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return ~crc
    }
}

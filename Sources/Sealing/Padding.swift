// Padding: so that a sealed value tells its length only roughly (spec, "Padding").

internal import SecretMemory

/// `0x01 ‖ u32 length ‖ value ‖ zeros`, to a multiple of 64 up to 1,024 bytes and by Padmé above.
enum Padding {
    private static let version: UInt8 = 1
    private static let headerCount = 5

    /// Bytes that `count` bytes, header included, are padded to.
    static func bucket(_ count: Int) -> Int {
        guard count > 1_024 else { return max(64, (count + 63) / 64 * 64) }
        // Padmé: as many trailing zero bits as leave log2(log2 n) + 1 significant ones.
        let exponent = Int.bitWidth - 1 - count.leadingZeroBitCount
        let significant = Int.bitWidth - exponent.leadingZeroBitCount
        let mask = (1 << (exponent - significant)) - 1
        return (count + mask) & ~mask
    }

    /// Bytes that a value of `count` bytes is padded to.
    static func paddedCount(_ count: Int) -> Int { bucket(headerCount + count) }

    static func pad(_ value: Span<UInt8>) -> SecretBytes {
        let total = paddedCount(value.count)
        var padded = SecretBytes(capacity: total)
        padded.append(version)
        for shift in [24, 16, 8, 0] {
            padded.append(UInt8(truncatingIfNeeded: value.count >> shift))
        }
        padded.append(value)
        padded.append(zeros: total - padded.count)
        return padded
    }

    /// Where the value lies in `padded`, or nil if anything is not as `pad` writes it.
    static func value(in padded: Span<UInt8>) -> Range<Int>? {
        guard padded.count >= headerCount, padded[0] == version else { return nil }
        var length = 0
        for index in 1..<headerCount { length = length << 8 | Int(padded[index]) }
        guard length <= padded.count - headerCount, paddedCount(length) == padded.count
        else { return nil }
        var rest: UInt8 = 0
        for index in headerCount + length..<padded.count { rest |= padded[index] }
        return rest == 0 ? headerCount..<headerCount + length : nil
    }
}

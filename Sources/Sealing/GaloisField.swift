// The field of 256 elements in which a key is split: without a table and without a branch, so that
// neither the cache nor the time tells anything of a byte.

/// GF(2^8), modulo x^8 + x^4 + x^3 + x + 1. Addition is exclusive or.
enum GaloisField {
    static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (left, right, sum) = (left, right, UInt8(0))
        for _ in 0..<8 {
            sum ^= left & (0 &- (right & 1))
            left = left << 1 ^ 0x1b & (0 &- (left >> 7))
            right >>= 1
        }
        return sum
    }

    /// The element whose product with `element` is 1, its 254th power; 0 for 0, which has none.
    static func inverse(_ element: UInt8) -> UInt8 {
        var power = element
        // 254 is 0b1111_1110: square and multiply six times, square once more.
        for _ in 0..<6 { power = product(product(power, power), element) }
        return product(power, power)
    }
}

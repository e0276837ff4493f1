// How hard a value is to guess: a small estimate by length, kinds of characters and repetition.

internal import Glibc
internal import SecretMemory

/// What an honest estimate can say.
///
/// It knows no words and no dates: a value that it calls fair may be a line of a song. It is there
/// to find what nobody should store as a key, not to praise what is stored.
public enum ValueStrength: UInt8, Hashable, Sendable, CaseIterable {
    /// Fewer than 40 bits, or fewer than 8 bytes: within reach of whoever has a hash of it.
    case guessable = 0
    /// Fewer than 64 bits, or fewer than 12 bytes: no issuer makes such keys.
    case weak = 1
    case fair = 2

    /// The estimate for `value`. No byte of it is copied but to locked memory.
    public init(of value: Span<UInt8>) {
        let bits = Self.bits(of: value)
        if bits < 40 || value.count < 8 {
            self = .guessable
        } else {
            self = bits < 64 || value.count < 12 ? .weak : .fair
        }
    }

    /// How often one and the same byte adds to the estimate.
    private static let mostRepeats: UInt8 = 4
    /// A text repeated as a whole is looked for in this many bytes.
    private static let longestPeriodic = 1_024

    /// Bits by length and alphabet. What goes on as it began (`aaaa`, `1234`, `dcba`) counts with
    /// its first two bytes, a text that is repeated counts once, a byte counts four times at most.
    static func bits(of value: Span<UInt8>) -> Double {
        let once = value.extracting(first: period(of: value))
        // A histogram of a secret is as good as a piece of it, so it lies where that may lie.
        var seen = SecretBytes(zeros: 256)
        var counts = seen.mutableBytes
        var kinds = Kinds()
        var counted = 0
        for index in once.indices {
            let byte = once[index]
            kinds.insert(byte)
            if goesOn(once, at: index) || counts[Int(byte)] == mostRepeats { continue }
            counts[Int(byte)] += 1
            counted += 1
        }
        return Double(counted) * log2(Double(kinds.count))
    }

    /// The length of the text of which `value` is a whole number of copies; else all of it.
    private static func period(of value: Span<UInt8>) -> Int {
        guard (2...longestPeriodic).contains(value.count) else { return value.count }
        for period in 1...(value.count / 2) where value.count % period == 0 {
            if isPeriodic(value, period) { return period }
        }
        return value.count
    }

    private static func isPeriodic(_ value: Span<UInt8>, _ period: Int) -> Bool {
        for index in period..<value.count where value[index] != value[index - period] {
            return false
        }
        return true
    }

    /// Whether the byte follows on the two before it by the same step of -1, 0 or 1.
    private static func goesOn(_ value: Span<UInt8>, at index: Int) -> Bool {
        guard index >= 2 else { return false }
        let step = Int(value[index]) - Int(value[index - 1])
        return abs(step) <= 1 && Int(value[index - 1]) - Int(value[index - 2]) == step
    }

    /// The kinds of characters that were seen.
    private struct Kinds {
        private var isHexadecimal = true
        private var lower = false
        private var upper = false
        private var digit = false
        private var mark = false
        private var other = false

        mutating func insert(_ byte: UInt8) {
            switch byte {
            case 0x30...0x39: digit = true
            case 0x61...0x7a:
                lower = true
                if byte > 0x66 { isHexadecimal = false }
            case 0x41...0x5a:
                upper = true
                if byte > 0x46 { isHexadecimal = false }
            case 0x20...0x7e, 0x09, 0x0a, 0x0d:
                mark = true
                // UUIDs have dashes.
                if byte != 0x2d { isHexadecimal = false }
            default:
                other = true
                isHexadecimal = false
            }
        }

        /// How many characters there are of these kinds; 1 of none.
        var count: Int {
            if isHexadecimal, digit, !(lower && upper) { return lower || upper ? 16 : 10 }
            let count =
                (lower ? 26 : 0) + (upper ? 26 : 0) + (digit ? 10 : 0) + (mark ? 33 : 0)
                + (other ? 128 : 0)
            return max(1, count)
        }
    }
}

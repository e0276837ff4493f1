// Signals, as the bits of a number: an array would cost every program that we start a part of its
// start (docs/decisions/0002-static-pie.md).

internal import Glibc

struct SignalSet: Sendable {
    private var bits: UInt64 = 0

    /// The same with another one.
    func with(_ number: Int32) -> SignalSet {
        var set = self
        set.bits |= Self.bit(number)
        return set
    }

    func contains(_ number: Int32) -> Bool { bits & Self.bit(number) != 0 }

    /// Runs `body` for each, from the lowest number on.
    func forEach(_ body: (Int32) -> Void) {
        var left = bits
        while left != 0 {
            body(Int32(left.trailingZeroBitCount) + 1)
            left &= left - 1
        }
    }

    private static func bit(_ number: Int32) -> UInt64 { 1 << UInt64(number - 1) }
}

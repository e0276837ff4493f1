// Signals, as the bits of a number: an array would cost every program that we start a part of its
// start (docs/decisions/0002-static-pie.md).

internal import Glibc

/// It is gone through from the lowest number on.
struct SignalSet: Sequence, IteratorProtocol, Sendable {
    private var bits: UInt64 = 0

    /// The same with another one.
    func with(_ number: Int32) -> SignalSet {
        var set = self
        set.bits |= Self.bit(number)
        return set
    }

    func contains(_ number: Int32) -> Bool { bits & Self.bit(number) != 0 }

    mutating func next() -> Int32? {
        guard bits != 0 else { return nil }
        defer { bits &= bits - 1 }
        return Int32(bits.trailingZeroBitCount) + 1
    }

    private static func bit(_ number: Int32) -> UInt64 { 1 << UInt64(number - 1) }
}

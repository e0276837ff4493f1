// A raw key in several hands: any few of them give it back, fewer nothing (Shamir's sharing).
//
// Each byte of the key is the value at 0 of a polynomial of its own over GF(256); a share is the
// values at its index. Written down, a share says of itself to which set it belongs and how many
// are needed.

public import SecretMemory
public import VaultModel

/// A new set of shares of a key.
public struct KeyShares: ~Copyable {
    /// Set 5 ‖ threshold u8 ‖ index u8 ‖ value 32 ‖ the first 48 bits of
    /// SHA-256(D("key-share") ‖ all before): 45 bytes, 72 characters.
    enum Layout {
        static let setCount = 5
        static let headCount = setCount + 2
        static let bodyCount = headCount + RawKey.byteCount
        static let checksumCount = 6
        static let byteCount = bodyCount + checksumCount
        static let groupCount = 8
    }

    /// Most shares of a set.
    public static let most = 16
    public let count: Int
    public let threshold: Int
    private let set: [UInt8]
    /// Of each polynomial the value at 0, then the other coefficients: a key's length of each.
    private let coefficients: SecretBytes

    /// Draws the polynomials: `threshold` of `count` shares give `key` back.
    public init(
        of key: borrowing RawKey, count: Int, threshold: Int
    ) throws(VaultError) {
        precondition((2...Self.most).contains(count), "sealing: too few or too many shares")
        precondition((2...count).contains(threshold), "sealing: a threshold that no set has")
        let set = try Randomness.bytes(Layout.setCount)
        var drawn = SecretBytes(zeros: (threshold - 1) * RawKey.byteCount)
        var span = drawn.mutableBytes
        try Randomness.fill(&span)
        var coefficients = SecretBytes(copying: key.bytes.bytes)
        coefficients.append(drawn.bytes)
        self.set = set
        self.count = count
        self.threshold = threshold
        self.coefficients = coefficients
    }

    /// The share of that number, from 1, as text in groups.
    public func text(of index: Int) -> SecretBytes {
        precondition((1...count).contains(index), "sealing: a share that no set has")
        let point = UInt8(index)
        var share = SecretBytes(capacity: Layout.byteCount)
        share.append(set.span)
        share.append(UInt8(threshold))
        share.append(point)
        for place in 0..<RawKey.byteCount {
            var value: UInt8 = 0
            for power in (0..<threshold).reversed() {
                let coefficient = coefficients.bytes[power * RawKey.byteCount + place]
                value = GaloisField.product(value, point) ^ coefficient
            }
            share.append(value)
        }
        let checksum = Self.checksum(of: share.bytes)
        share.append(checksum.span)
        return Crockford.grouped(Crockford.encoded(share.bytes), by: Layout.groupCount)
    }

    static func checksum(of body: Span<UInt8>) -> [UInt8] {
        var message = SecretBytes(capacity: 64)
        message.append(CanonicalBytes(domain: "key-share").bytes.span)
        message.append(body)
        return Array(SHA256.digest(message.bytes).prefix(Layout.checksumCount))
    }
}

/// Shares that come in one after another, until there are enough.
public struct ShareCollection: ~Copyable {
    private typealias Layout = KeyShares.Layout

    private var set: [UInt8] = []
    /// How many are needed; nil before the first.
    public private(set) var threshold: Int?
    private var indexes: [UInt8] = []
    private var values = SecretBytes()

    public init() {}

    public var count: Int { indexes.count }
    public var isComplete: Bool { threshold.map { indexes.count >= $0 } ?? false }

    /// Takes a share as it was typed or read: either case, blanks and dashes anywhere.
    public mutating func add(_ text: Span<UInt8>) throws(ShareDefect) {
        guard text.count <= 1_024,
            let share = Crockford.decoded(text, count: Layout.byteCount)
        else { throw .unreadable }
        let body = share.bytes.extracting(first: Layout.bodyCount)
        let checksum = KeyShares.checksum(of: body)
        guard
            ConstantTime.areEqual(
                checksum.span, share.bytes.extracting(last: Layout.checksumCount))
        else { throw .unreadable }
        let head = (0..<Layout.headCount).map { body[$0] }
        let set = Array(head.prefix(Layout.setCount))
        let (needed, index) = (Int(head[Layout.setCount]), head[Layout.setCount + 1])
        // At 0 lies the key itself, and one point would be it.
        guard index > 0, (2...KeyShares.most).contains(needed) else { throw .unreadable }
        guard threshold == nil || set == self.set && needed == threshold else { throw .otherSet }
        guard !indexes.contains(index) else { throw .twice(index) }
        self.set = set
        threshold = needed
        indexes.append(index)
        values.append(body.extracting(Layout.headCount...))
    }

    /// The key. Every share must be one of its set: what is made of others opens nothing.
    public func key() -> RawKey {
        precondition(isComplete, "sealing: too few shares")
        let count = threshold ?? 0
        var key = SecretBytes(zeros: RawKey.byteCount)
        for number in 0..<count {
            let weight = weight(of: number, among: count)
            for place in 0..<RawKey.byteCount {
                let value = values.bytes[number * RawKey.byteCount + place]
                var span = key.mutableBytes
                span[place] ^= GaloisField.product(weight, value)
            }
        }
        return RawKey(key)
    }

    /// What a share's value counts for at 0 (Lagrange).
    private func weight(of number: Int, among count: Int) -> UInt8 {
        var weight: UInt8 = 1
        for other in 0..<count where other != number {
            let distance = GaloisField.inverse(indexes[other] ^ indexes[number])
            weight = GaloisField.product(weight, GaloisField.product(indexes[other], distance))
        }
        return weight
    }
}

// Numbers and texts as bytes, in the one way in which the format writes them (spec, "Conventions").

/// Big-endian numbers and length-prefixed strings, appended. For what is no secret.
public struct CanonicalBytes {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// D(label): `"coffer1/" ‖ label ‖ 0x00`.
    public init(domain label: StaticString) {
        bytes.reserveCapacity(80)
        bytes += "coffer1/".utf8
        unsafe bytes += UnsafeBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount)
        bytes.append(0)
    }

    public mutating func add(_ number: UInt8) { bytes.append(number) }

    public mutating func add(_ number: some FixedWidthInteger & UnsignedInteger) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func add(_ raw: some Collection<UInt8>) { bytes += raw }

    public mutating func add(_ raw: Span<UInt8>) {
        unsafe raw.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// lp(x): u32 length ‖ x.
    public mutating func add(prefixed raw: some Collection<UInt8>) {
        add(UInt32(raw.count))
        bytes += raw
    }
}

/// Reads what `CanonicalBytes` writes. Every number is bounded by the bytes that are there; nil is
/// the end of a parse that has failed.
public struct CanonicalReader: ~Copyable, ~Escapable {
    private var rest: Span<UInt8>

    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { rest = bytes }

    public var isAtEnd: Bool { rest.isEmpty }

    @_lifetime(self: copy self)
    public mutating func number<N: FixedWidthInteger & UnsignedInteger>(_ type: N.Type = N.self)
        -> N?
    {
        let count = N.bitWidth / 8
        guard rest.count >= count else { return nil }
        var number: N = 0
        for index in 0..<count { number = (count == 1 ? 0 : number << 8) | N(rest[index]) }
        rest = rest.extracting(count...)
        return number
    }

    /// The next `count` bytes, copied; for what is no secret.
    @_lifetime(self: copy self)
    public mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count >= 0, rest.count >= count else { return nil }
        let copied = unsafe rest.extracting(first: count).withUnsafeBufferPointer {
            unsafe Array($0)
        }
        rest = rest.extracting(count...)
        return copied
    }

    /// lp(x) with a length of at most `longest`: where the next bytes begin, as a view of them.
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    public mutating func prefixed(atMost longest: Int) -> Span<UInt8>? {
        guard let length = number(UInt32.self), Int(length) <= longest, Int(length) <= rest.count
        else { return nil }
        let span = rest.extracting(first: Int(length))
        rest = rest.extracting(Int(length)...)
        return span
    }

    /// lp(x) as text; nil unless it is valid UTF-8. For what is no secret.
    @_lifetime(self: copy self)
    public mutating func text(atMost longest: Int) -> String? {
        guard let length = number(UInt32.self), Int(length) <= longest, Int(length) <= rest.count
        else { return nil }
        let bytes = rest.extracting(first: Int(length))
        rest = rest.extracting(Int(length)...)
        return String(validUTF8: bytes)
    }
}

// One layer of the state tree: 256 codes side by side.

internal import VaultModel

/// The codes of the buckets of one node, or of all nodes; zeros where there is nothing.
public struct CodeRow: Sendable {
    static let codeCount = 32
    private static let mapCount = 32
    /// Nothing in any place.
    public static let empty = CodeRow()

    /// 256 times 32 bytes, as they are hashed.
    private(set) var bytes = [UInt8](repeating: 0, count: 256 * codeCount)
    /// A bit for each place that holds a code, the first one the highest of its byte.
    private var map = [UInt8](repeating: 0, count: mapCount)

    public init() {}

    /// Whether there is nothing below any of them.
    public var isEmpty: Bool { map.allSatisfy { $0 == 0 } }

    /// The code of a bucket or node; nil is an empty one.
    public subscript(number: UInt8) -> [UInt8]? {
        get { holds(number) ? Array(bytes[Self.place(of: number)]) : nil }
        set {
            let code = newValue ?? [UInt8](repeating: 0, count: Self.codeCount)
            precondition(code.count == Self.codeCount, "sealing: a code has 32 bytes")
            bytes.replaceSubrange(Self.place(of: number), with: code)
            let bit: UInt8 = 0x80 >> (number & 7)
            if newValue == nil {
                map[Int(number >> 3)] &= ~bit
            } else {
                map[Int(number >> 3)] |= bit
            }
        }
    }

    private func holds(_ number: UInt8) -> Bool {
        map[Int(number >> 3)] & 0x80 >> (number & 7) != 0
    }

    private static func place(of number: UInt8) -> Range<Int> {
        Int(number) * codeCount..<(Int(number) + 1) * codeCount
    }

    /// The places that do not hold the same code in both.
    public func differences(from other: CodeRow) -> [UInt8] {
        if ConstantTime.areEqual(bytes.span, other.bytes.span) { return [] }
        return (UInt8.min...UInt8.max).filter { number in
            let place = Self.place(of: number)
            return !ConstantTime.areEqual(
                bytes.span.extracting(place), other.bytes.span.extracting(place))
        }
    }
}

// As it lies in the file.
extension CodeRow {
    /// The map, and the codes of the places in it; nil if there is none.
    public var packed: [UInt8]? {
        guard !isEmpty else { return nil }
        var packed = map
        packed.reserveCapacity(Self.mapCount + bytes.count)
        for number in UInt8.min...UInt8.max where holds(number) {
            packed += bytes[Self.place(of: number)]
        }
        return packed
    }

    /// Reads what `packed` gives; nil is a row that nobody writes.
    public init?(packed: [UInt8]) {
        guard packed.count > Self.mapCount else { return nil }
        map = Array(packed[..<Self.mapCount])
        let count = map.reduce(0) { $0 + $1.nonzeroBitCount }
        guard packed.count == Self.mapCount + count * Self.codeCount else { return nil }
        var start = Self.mapCount
        for number in UInt8.min...UInt8.max where holds(number) {
            let code = packed[start..<start + Self.codeCount]
            guard code.contains(where: { $0 != 0 }) else { return nil }
            bytes.replaceSubrange(Self.place(of: number), with: code)
            start += Self.codeCount
        }
    }
}

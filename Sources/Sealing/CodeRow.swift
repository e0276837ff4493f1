// One layer of the state tree: 256 codes side by side.

/// The codes of the buckets of one node, or of all nodes; zeros where there is nothing.
public struct CodeRow: Sendable {
    static let codeCount = 32
    private static let mapCount = 32
    /// Nothing in any place.
    public static let empty = CodeRow()

    /// 256 times 32 bytes, as they are hashed.
    private(set) var bytes = [UInt8](repeating: 0, count: 256 * codeCount)

    public init() {}

    /// Whether there is nothing below any of them.
    public var isEmpty: Bool { bytes.allSatisfy { $0 == 0 } }

    /// The code of a bucket or node; nil is an empty one.
    public subscript(number: UInt8) -> [UInt8]? {
        get {
            let code = bytes[Self.place(of: number)]
            return code.contains { $0 != 0 } ? Array(code) : nil
        }
        set {
            let code = newValue ?? [UInt8](repeating: 0, count: Self.codeCount)
            precondition(code.count == Self.codeCount, "sealing: a code has 32 bytes")
            bytes.replaceSubrange(Self.place(of: number), with: code)
        }
    }

    private static func place(of number: UInt8) -> Range<Int> {
        Int(number) * codeCount..<(Int(number) + 1) * codeCount
    }

    /// Whether both hold the same codes.
    public func isEqual(to other: CodeRow) -> Bool {
        ConstantTime.areEqual(bytes.span, other.bytes.span)
    }
}

// As it lies in the file.
extension CodeRow {
    /// A bit for each place, the first one the highest of its byte, and the codes of those that
    /// hold one, in their order; nil if none does.
    public var packed: [UInt8]? {
        var packed = [UInt8](repeating: 0, count: Self.mapCount)
        packed.reserveCapacity(Self.mapCount + bytes.count)
        for number in UInt8.min...UInt8.max {
            let code = bytes[Self.place(of: number)]
            guard code.contains(where: { $0 != 0 }) else { continue }
            packed[Int(number >> 3)] |= 0x80 >> (number & 7)
            packed += code
        }
        return packed.count > Self.mapCount ? packed : nil
    }

    /// Reads what `packed` gives; nil is a row that nobody writes.
    public init?(packed: [UInt8]) {
        guard packed.count > Self.mapCount, packed.count <= Self.mapCount + bytes.count else {
            return nil
        }
        var rest = packed[Self.mapCount...]
        for number in UInt8.min...UInt8.max
        where packed[Int(number >> 3)] & 0x80 >> (number & 7) != 0 {
            let code = rest.prefix(Self.codeCount)
            guard code.count == Self.codeCount, code.contains(where: { $0 != 0 }) else {
                return nil
            }
            bytes.replaceSubrange(Self.place(of: number), with: code)
            rest = rest.dropFirst(Self.codeCount)
        }
        guard rest.isEmpty else { return nil }
    }
}

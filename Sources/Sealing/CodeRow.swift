// One layer of the state tree: 256 codes side by side.

/// The codes of the buckets of one node, or of all nodes; zeros where there is nothing.
public struct CodeRow: Sendable {
    static let codeCount = 32
    /// Nothing in any place.
    public static let empty = CodeRow()

    private(set) var bytes = [UInt8](repeating: 0, count: 256 * codeCount)
    /// Places that hold a code.
    private var filled = 0

    public init() {}

    /// Whether there is nothing below any of them.
    var isEmpty: Bool { filled == 0 }

    /// The code of a bucket or node; nil is an empty one.
    public subscript(number: UInt8) -> [UInt8]? {
        get { isFilled(number) ? Array(bytes[Self.range(number)]) : nil }
        set {
            let code = newValue ?? [UInt8](repeating: 0, count: Self.codeCount)
            set(number, code.span)
        }
    }

    /// Puts a code of 32 bytes into its place.
    public mutating func set(_ number: UInt8, _ code: Span<UInt8>) {
        precondition(code.count == Self.codeCount, "sealing: a code has 32 bytes")
        if isFilled(number) { filled -= 1 }
        var place = Int(number) * Self.codeCount
        for index in code.indices {
            bytes[place] = code[index]
            place += 1
        }
        if isFilled(number) { filled += 1 }
    }

    /// Whether both hold the same codes.
    public func isEqual(to other: CodeRow) -> Bool {
        ConstantTime.areEqual(bytes.span, other.bytes.span)
    }

    private func isFilled(_ number: UInt8) -> Bool {
        bytes[Self.range(number)].contains { $0 != 0 }
    }

    private static func range(_ number: UInt8) -> Range<Int> {
        Int(number) * codeCount..<(Int(number) + 1) * codeCount
    }
}

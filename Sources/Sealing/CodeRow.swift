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
        get {
            let start = Int(number) * Self.codeCount
            let code = Array(bytes[start..<start + Self.codeCount])
            return code.contains { $0 != 0 } ? code : nil
        }
        set {
            let code = newValue ?? [UInt8](repeating: 0, count: Self.codeCount)
            set(number, code.span)
        }
    }

    /// Puts a code of 32 bytes into its place.
    public mutating func set(_ number: UInt8, _ code: Span<UInt8>) {
        precondition(code.count == Self.codeCount, "sealing: a code has 32 bytes")
        var whole = bytes.mutableSpan
        let start = Int(number) * Self.codeCount
        var before: UInt8 = 0
        var after: UInt8 = 0
        for index in code.indices {
            before |= whole[start + index]
            after |= code[index]
            whole[start + index] = code[index]
        }
        filled += (after == 0 ? 0 : 1) - (before == 0 ? 0 : 1)
    }

    /// Whether both hold the same codes.
    public func isEqual(to other: CodeRow) -> Bool {
        ConstantTime.areEqual(bytes.span, other.bytes.span)
    }
}

// The proof that a secret is stored: what may be shown of it.

/// Made only after the stored secret was read back and opened.
public struct Receipt: Hashable, Sendable {
    public let metadata: Metadata
    public let version: VersionSummary
    /// The last four characters by field: only of values longer than sixteen printable ones.
    public let lastFour: [FieldName: String]

    public init(metadata: Metadata, version: VersionSummary, lastFour: [FieldName: String]) {
        self.metadata = metadata
        self.version = version
        self.lastFour = lastFour
    }

    /// The last four characters of `value`, if it is longer than sixteen printable ASCII
    /// characters.
    public static func lastFour(of value: Span<UInt8>) -> String? {
        guard value.count > 16 else { return nil }
        var tail = ""
        for index in (value.count - 4)..<value.count {
            guard (0x21...0x7e).contains(value[index]) else { return nil }
            tail.unicodeScalars.append(Unicode.Scalar(value[index]))
        }
        return tail
    }
}

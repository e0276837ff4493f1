// What is wrong with the file of a profile, and where.

/// One finding; lines and columns count from 1.
public struct ProfileDiagnostic: Error, Hashable, Sendable {
    public let line: Int
    public let column: Int
    public let words: String

    /// A finding about a whole file has line 0.
    init(line: Int = 0, column: Int = 0, _ words: String) {
        self.line = line
        self.column = column
        self.words = words
    }

    /// A finding at an offset of the text.
    init(_ text: Span<UInt8>, at offset: Int, _ words: String) {
        var (line, column) = (1, 1)
        for index in 0..<min(offset, text.count) {
            if text[index] == 0x0a {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        self.init(line: line, column: column, words)
    }
}

/// Why there is no such profile.
public enum ProfileError: Error, Hashable, Sendable {
    case unknown(String)
    case unusable(path: String, ProfileDiagnostic)
}

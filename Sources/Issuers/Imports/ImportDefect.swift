// Why the export of another store is not read: a line of it and words of ours.

/// One finding. Its words are written in the program's text, so that no byte of the source can be
/// among them.
public struct ImportDefect: Error, Hashable, Sendable {
    /// From 1; 0 if it is about the whole.
    public let line: Int
    public let words: String

    init(_ words: StaticString, line: Int = 0) {
        self.line = line
        self.words = words.description
    }

    /// About what stands at an offset of the text.
    init(_ words: StaticString, at offset: Int, in text: Span<UInt8>) {
        self.init(words, line: Self.line(of: offset, in: text))
    }

    init(_ defect: JSONDefect, in text: Span<UInt8>) {
        line = Self.line(of: defect.offset ?? text.count, in: text)
        words = "it is not JSON: \(defect.words)"
    }

    init(_ defect: CSVDefect, line: Int) {
        self.line = line
        words = "it is not CSV: \(defect.words)"
    }

    private static func line(of offset: Int, in text: Span<UInt8>) -> Int {
        var line = 1
        for index in 0..<min(offset, text.count) where text[index] == 0x0a { line += 1 }
        return line
    }
}

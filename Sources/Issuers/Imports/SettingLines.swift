// Settings in lines: `[section]`, `key = value`, comments; what AWS, npm and Python's tools write.

internal import VaultModel

/// Goes through the lines and gives places in the text. Strict: a line that is none of these is a
/// defect, and an indented one is told apart, since some readers join it to the line before.
struct SettingLines: ~Copyable, ~Escapable {
    enum Line {
        case section(Range<Int>)
        case setting(key: Range<Int>, value: Range<Int>)
        /// A line that begins with a blank.
        case indented(Range<Int>)
        case end
    }

    private let text: Span<UInt8>
    private var place = 0
    private let separators: [UInt8]
    /// Number of the current line, from 1.
    private(set) var number = 0
    /// Whether a comment that says something was passed.
    private(set) var hasComments = false

    /// `separators` are the characters one of which ends a key.
    @_lifetime(copy text)
    init(_ text: Span<UInt8>, separators: [UInt8] = [UInt8(ascii: "=")]) {
        self.text = text
        self.separators = separators
        place = CSVDocument.start(of: text)
    }

    /// The next line that says something.
    @_lifetime(self: copy self)
    mutating func next() throws(ImportDefect) -> Line {
        while place < text.count {
            let start = place
            while place < text.count, text[place] != 0x0a { place += 1 }
            let line = Self.trimmed(start..<place, in: text)
            place += 1
            number += 1
            guard !line.isEmpty else { continue }
            if isComment(text[line.lowerBound]) {
                hasComments = hasComments || Self.saysSomething(line, in: text)
                continue
            }
            if line.lowerBound > start { return .indented(line) }
            return try read(line)
        }
        return .end
    }

    /// Whether there is a letter or a digit in a comment.
    static func saysSomething(_ comment: Range<Int>, in text: Span<UInt8>) -> Bool {
        comment.contains { index in
            switch text[index] {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...: true
            default: false
            }
        }
    }

    private func isComment(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";")
    }

    private func read(_ line: Range<Int>) throws(ImportDefect) -> Line {
        if text[line.lowerBound] == UInt8(ascii: "[") {
            guard line.count > 2, text[line.upperBound - 1] == UInt8(ascii: "]") else {
                throw ImportDefect("a section is not closed", line: number)
            }
            let name = line.lowerBound + 1..<line.upperBound - 1
            return .section(Self.trimmed(name, in: text))
        }
        return try Self.setting(line, in: text, separators, number)
    }

    /// Splits a line at its first separator.
    static func setting(
        _ line: Range<Int>, in text: Span<UInt8>, _ separators: [UInt8], _ number: Int
    ) throws(ImportDefect) -> Line {
        guard let end = line.first(where: { separators.contains(text[$0]) }), end > line.lowerBound
        else { throw ImportDefect("this is no setting", line: number) }
        return .setting(
            key: trimmed(line.lowerBound..<end, in: text),
            value: trimmed(end + 1..<line.upperBound, in: text))
    }

    /// Without blanks, and the carriage return of a line end, at both ends.
    static func trimmed(_ range: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return start..<end
    }

    /// A key or the name of a section, which is no secret.
    static func word(
        _ range: Range<Int>, in text: Span<UInt8>, _ number: Int
    ) throws(ImportDefect) -> String {
        guard range.count <= 1_024, let word = String(validUTF8: text.extracting(range)),
            !word.isEmpty
        else { throw ImportDefect("a name is empty, too long or not valid UTF-8", line: number) }
        return word
    }
}

// A template: text with references to secrets in it, `{{ coffer://NAME#FIELD | FILTER }}`.

internal import SecretMemory
internal import VaultModel

/// A template as it was read. Its text may hold secrets of its own: it stays in locked memory, and
/// no message repeats any of it. There is no logic in it, and what is put in is not looked at
/// again.
struct Template: ~Copyable {
    /// Where a value belongs.
    struct Placeholder: Hashable, Sendable {
        let reference: Reference
        let filter: ValueFilter?
        let place: Place
    }

    /// A line and a column of characters, both from 1.
    struct Place: Hashable, Sendable {
        var line = 1
        var column = 1

        var words: String { "line \(line), column \(column)" }

        func complaint(_ words: String, hint: String) -> Complaint {
            Complaint(.usage, "the template, \(self.words): \(words)", hint: hint)
        }
    }

    enum Piece: Hashable, Sendable {
        case text(Range<Int>)
        case value(Placeholder)
    }

    /// Longest template, in bytes: 16 MiB.
    static let longest = 16 * 1_024 * 1_024
    private static let mostPlaceholders = 65_536
    /// Longest inside of two pairs of braces, in bytes.
    private static let longestInside = 512

    private let bytes: SecretBytes
    let pieces: [Piece]

    init(_ bytes: consuming SecretBytes) throws(Complaint) {
        pieces = try Self.parse(bytes.bytes)
        self.bytes = bytes
    }

    @_lifetime(borrow self)
    func text(_ range: Range<Int>) -> Span<UInt8> { bytes.bytes.extracting(range) }

    var placeholders: [Placeholder] {
        pieces.compactMap { piece in
            if case .value(let placeholder) = piece { placeholder } else { nil }
        }
    }

    private static func parse(_ bytes: Span<UInt8>) throws(Complaint) -> [Piece] {
        var pieces: [Piece] = []
        var (start, index, count) = (0, 0, 0)
        var place = Place()
        while index < bytes.count {
            guard isPair(UInt8(ascii: "{"), at: index, in: bytes) else {
                place.pass(bytes[index])
                index += 1
                continue
            }
            if start < index { pieces.append(.text(start..<index)) }
            let end = try end(of: index, in: bytes, place)
            pieces.append(try piece(index + 2..<end - 2, in: bytes, place))
            count += 1
            guard count <= mostPlaceholders else {
                throw place.complaint(
                    "there are too many references", hint: "\(mostPlaceholders) is the most")
            }
            for passed in index..<end { place.pass(bytes[passed]) }
            (start, index) = (end, end)
        }
        if start < bytes.count { pieces.append(.text(start..<bytes.count)) }
        return pieces
    }

    private static func isPair(_ brace: UInt8, at index: Int, in bytes: Span<UInt8>) -> Bool {
        index + 1 < bytes.count && bytes[index] == brace && bytes[index + 1] == brace
    }

    /// Where what begins at `start` with two braces ends.
    private static func end(
        of start: Int, in bytes: Span<UInt8>, _ place: Place
    ) throws(Complaint) -> Int {
        for index in start + 2..<min(bytes.count, start + longestInside)
        where isPair(UInt8(ascii: "}"), at: index, in: bytes) {
            return index + 2
        }
        throw place.complaint("`{{` is not closed by `}}`", hint: grammar)
    }

    /// What the inside of the braces means.
    private static func piece(
        _ range: Range<Int>, in bytes: Span<UInt8>, _ place: Place
    ) throws(Complaint) -> Piece {
        let inside = trimmed(range, of: bytes)
        if inside.count == 4, equal(bytes.extracting(inside), #""{{""#) {
            return .text(inside.lowerBound + 1..<inside.upperBound - 1)
        }
        let scheme = "coffer://"
        guard inside.count > scheme.utf8.count,
            equal(bytes.extracting(inside).extracting(first: scheme.utf8.count), scheme)
        else { throw place.complaint("`{{` begins no reference to a secret", hint: grammar) }
        let bar = inside.first { bytes[$0] == UInt8(ascii: "|") }
        guard let text = word(inside.lowerBound..<(bar ?? inside.upperBound), in: bytes),
            let reference = Reference(text)
        else { throw place.complaint("this is no reference to a secret", hint: grammar) }
        var filter: ValueFilter?
        if let bar {
            filter = word(bar + 1..<inside.upperBound, in: bytes).flatMap(ValueFilter.init)
            guard filter != nil else {
                throw place.complaint(
                    "there is no such filter", hint: "one of \(ValueFilter.names)")
            }
        }
        return .value(Placeholder(reference: reference, filter: filter, place: place))
    }

    private static let grammar =
        #"write {{ coffer://NAME#FIELD }}, or {{ "{{" }} for two braces themselves"#

    private static func equal(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        guard bytes.count == text.utf8.count else { return false }
        for (index, byte) in text.utf8.enumerated() where bytes[index] != byte { return false }
        return true
    }

    private static func trimmed(_ range: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// A word of the grammar; nil if it holds what no such word has.
    private static func word(_ range: Range<Int>, in bytes: Span<UInt8>) -> String? {
        let range = trimmed(range, of: bytes)
        for index in range where !(0x21...0x7e).contains(bytes[index]) { return nil }
        return String(validUTF8: bytes.extracting(range))
    }
}

extension Template.Place {
    /// Goes on behind a byte.
    fileprivate mutating func pass(_ byte: UInt8) {
        if byte == 0x0a {
            (line, column) = (line + 1, 1)
        } else if byte & 0xc0 != 0x80 {
            // The other bytes of a character begin no column.
            column += 1
        }
    }
}

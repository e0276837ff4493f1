// CSV (RFC 4180): a header line and the first line of values, as places in the text.

internal import SecretMemory
internal import VaultModel

/// Why a text is not CSV that we read.
public enum CSVDefect: Hashable, Sendable {
    case openQuote, tooManyColumns, noValues, severalRows, columnsDiffer
}

struct CSVDocument {
    /// One cell: where it stands, without its quotes.
    struct Cell {
        let range: Range<Int>
        /// What stands before a quote in it, or nil if there is none.
        let escape: UInt8?
    }

    private static let mostColumns = 256

    let header: [Cell]
    let values: [Cell]

    /// Reads a text of one header and exactly one row. A byte order mark in front is skipped.
    init(_ text: Span<UInt8>) throws(CSVReading) {
        var place = Self.start(of: text)
        header = try Self.row(text, &place)
        guard place < text.count else { throw CSVReading(.noValues) }
        values = try Self.row(text, &place)
        guard header.count == values.count else { throw CSVReading(.columnsDiffer) }
        while place < text.count {
            guard text[place] == 0x0a || text[place] == 0x0d else {
                throw CSVReading(.severalRows)
            }
            place += 1
        }
    }

    /// Where a text begins behind a byte order mark.
    static func start(of text: Span<UInt8>) -> Int {
        text.count >= 3 && text[0] == 0xef && text[1] == 0xbb && text[2] == 0xbf ? 3 : 0
    }

    /// Reads one row and its line end. `escape` is what stands before a quote within quotes.
    static func row(
        _ text: Span<UInt8>, _ place: inout Int, escape: UInt8 = UInt8(ascii: "\"")
    ) throws(CSVReading) -> [Cell] {
        var cells: [Cell] = []
        while true {
            guard cells.count < mostColumns else { throw CSVReading(.tooManyColumns) }
            cells.append(try cell(text, &place, escape))
            guard place < text.count else { return cells }
            switch text[place] {
            case UInt8(ascii: ","): place += 1
            case 0x0d where place + 1 < text.count && text[place + 1] == 0x0a:
                place += 2
                return cells
            default:
                place += 1
                return cells
            }
        }
    }

    private static func cell(
        _ text: Span<UInt8>, _ place: inout Int, _ escape: UInt8
    ) throws(CSVReading) -> Cell {
        let quote = UInt8(ascii: "\"")
        guard place < text.count, text[place] == quote else {
            let start = place
            while place < text.count, !isEnd(text, place) { place += 1 }
            return Cell(range: start..<place, escape: nil)
        }
        let start = place + 1
        var hasEscapes = false
        place = start
        while place < text.count {
            if isEscaped(text, place, escape) {
                hasEscapes = true
                place += 2
                continue
            }
            guard text[place] == quote else {
                place += 1
                continue
            }
            let range = start..<place
            place += 1
            guard place == text.count || isEnd(text, place) else { throw CSVReading(.openQuote) }
            return Cell(range: range, escape: hasEscapes ? escape : nil)
        }
        throw CSVReading(.openQuote)
    }

    /// Whether two bytes stand for one: a quote, or the escape itself.
    private static func isEscaped(_ text: Span<UInt8>, _ place: Int, _ escape: UInt8) -> Bool {
        guard text[place] == escape, place + 1 < text.count else { return false }
        return text[place + 1] == UInt8(ascii: "\"") || text[place + 1] == escape
    }

    private static func isEnd(_ text: Span<UInt8>, _ place: Int) -> Bool {
        switch text[place] {
        case UInt8(ascii: ","), 0x0a: true
        case 0x0d: place + 1 == text.count || text[place + 1] == 0x0a
        default: false
        }
    }

    /// The column under a heading, in any case, or nil.
    func column(_ heading: String, in text: Span<UInt8>) -> Int? {
        header.indices.first { self.heading($0, in: text)?.lowercased() == heading.lowercased() }
    }

    /// The heading of a column, or nil if it is no text.
    func heading(_ column: Int, in text: Span<UInt8>) -> String? {
        Self.heading(header[column], in: text)
    }

    static func heading(_ cell: Cell, in text: Span<UInt8>) -> String? {
        string(cell, in: text)?.trimmed
    }

    /// The headings of all columns that have a value, but for the `known` ones.
    func headings(outside known: [String], in text: Span<UInt8>) -> [String] {
        let known = Set(known.map { $0.lowercased() })
        return header.indices.filter { !values[$0].range.isEmpty }
            .map { heading($0, in: text) ?? "column \($0 + 1)" }
            .filter { !known.contains($0.lowercased()) }
    }

    /// A value in locked memory.
    func secret(_ column: Int, in text: Span<UInt8>) -> SecretBytes {
        Self.secret(values[column], in: text)
    }

    static func secret(_ cell: Cell, in text: Span<UInt8>) -> SecretBytes {
        var value = SecretBytes(capacity: cell.range.count)
        var index = cell.range.lowerBound
        while index < cell.range.upperBound {
            if let escape = cell.escape, isEscaped(text, index, escape) { index += 1 }
            value.append(text[index])
            index += 1
        }
        return value
    }

    /// A value that is no secret.
    func string(_ cell: Cell, in text: Span<UInt8>) -> String? { Self.string(cell, in: text) }

    static func string(_ cell: Cell, in text: Span<UInt8>) -> String? {
        guard cell.escape != nil else { return String(validUTF8: text.extracting(cell.range)) }
        let value = secret(cell, in: text)
        return String(validUTF8: value.bytes)
    }
}

extension String {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        let kept = drop { $0 == " " || $0 == "\t" }
        return String(kept.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

/// A defect on its way out.
struct CSVReading: Error {
    let defect: CSVDefect
    init(_ defect: CSVDefect) { self.defect = defect }
}

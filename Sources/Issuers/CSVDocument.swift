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
        /// Whether it holds doubled quotes.
        let hasQuotes: Bool
    }

    private static let mostColumns = 256

    let header: [Cell]
    let values: [Cell]

    /// Reads a text of one header and exactly one row. A byte order mark in front is skipped.
    init(_ text: Span<UInt8>) throws(CSVReading) {
        var place = 0
        if text.count >= 3, text[0] == 0xef, text[1] == 0xbb, text[2] == 0xbf { place = 3 }
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

    private static func row(_ text: Span<UInt8>, _ place: inout Int) throws(CSVReading) -> [Cell] {
        var cells: [Cell] = []
        while true {
            guard cells.count < mostColumns else { throw CSVReading(.tooManyColumns) }
            cells.append(try cell(text, &place))
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

    private static func cell(_ text: Span<UInt8>, _ place: inout Int) throws(CSVReading) -> Cell {
        guard place < text.count, text[place] == UInt8(ascii: "\"") else {
            let start = place
            while place < text.count, !isEnd(text, place) { place += 1 }
            return Cell(range: start..<place, hasQuotes: false)
        }
        let start = place + 1
        var hasQuotes = false
        place = start
        while place < text.count {
            guard text[place] == UInt8(ascii: "\"") else {
                place += 1
                continue
            }
            if place + 1 < text.count, text[place + 1] == UInt8(ascii: "\"") {
                hasQuotes = true
                place += 2
                continue
            }
            let range = start..<place
            place += 1
            guard place == text.count || isEnd(text, place) else { throw CSVReading(.openQuote) }
            return Cell(range: range, hasQuotes: hasQuotes)
        }
        throw CSVReading(.openQuote)
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
        string(header[column], in: text)?.trimmed
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
        let cell = values[column]
        var value = SecretBytes(capacity: cell.range.count)
        var index = cell.range.lowerBound
        while index < cell.range.upperBound {
            value.append(text[index])
            index += cell.hasQuotes && text[index] == UInt8(ascii: "\"") ? 2 : 1
        }
        return value
    }

    /// A value or heading that is no secret.
    func string(_ cell: Cell, in text: Span<UInt8>) -> String? {
        let raw = text.extracting(cell.range)
        let read = String(validUTF8: raw)
        guard let read, cell.hasQuotes else { return read }
        return read.split(separator: "\"\"", omittingEmptySubsequences: false)
            .joined(separator: "\"")
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

// CSV of many rows: a header, then one credential a row.

internal import SecretMemory

/// Goes through the rows one at a time; the text stays with whoever reads it.
struct CSVTable {
    /// Headings in lower case.
    let headings: [String]
    /// What stands before a quote within quotes: another quote, or a backslash.
    var escape = UInt8(ascii: "\"")
    private var place = 0
    /// The line on which the current row begins, from 1.
    private(set) var line = 1
    private var nextLine = 1
    private(set) var cells: [CSVDocument.Cell] = []

    init(_ text: Span<UInt8>) throws(ImportDefect) {
        var place = CSVDocument.start(of: text)
        let header: [CSVDocument.Cell]
        do throws(CSVReading) { header = try CSVDocument.row(text, &place) } catch {
            throw ImportDefect(error.defect, line: 1)
        }
        var headings: [String] = []
        for cell in header {
            guard let heading = CSVDocument.heading(cell, in: text) else {
                throw ImportDefect("a heading is not valid UTF-8", line: 1)
            }
            headings.append(heading.lowercased())
        }
        guard Set(headings).count == headings.count else {
            throw ImportDefect("two columns have the same heading", line: 1)
        }
        self.headings = headings
        self.place = place
        nextLine = 1 + Self.lines(in: text, 0..<place)
    }

    /// Goes to the next row; false at the end. Empty lines are skipped.
    mutating func next(in text: Span<UInt8>) throws(ImportDefect) -> Bool {
        while place < text.count, text[place] == 0x0a || text[place] == 0x0d {
            nextLine += text[place] == 0x0a ? 1 : 0
            place += 1
        }
        guard place < text.count else { return false }
        line = nextLine
        let start = place
        do throws(CSVReading) {
            cells = try CSVDocument.row(text, &place, escape: escape)
        } catch {
            throw ImportDefect(error.defect, line: line)
        }
        nextLine += Self.lines(in: text, start..<place)
        guard cells.count == headings.count else { throw ImportDefect(.columnsDiffer, line: line) }
        return true
    }

    /// The column under one of several headings, or nil.
    func column(_ names: String...) -> Int? { headings.firstIndex { names.contains($0) } }

    /// The value of a column in the current row, in locked memory.
    func value(_ column: Int, in text: Span<UInt8>) -> SecretBytes {
        CSVDocument.secret(cells[column], in: text)
    }

    /// The same for what is no secret; nil if it is not valid UTF-8.
    func string(_ column: Int, in text: Span<UInt8>) -> String? {
        CSVDocument.string(cells[column], in: text)
    }

    private static func lines(in text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var count = 0
        for index in range where text[index] == 0x0a { count += 1 }
        return count
    }
}

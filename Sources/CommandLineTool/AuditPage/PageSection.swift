// The parts of the page, and the forms that they share.

/// A part with a heading of its own, to which the contents lead.
struct PageSection {
    let id: String
    let title: String
    let content: [HTMLText]

    init(_ id: String, _ title: String, _ content: [HTMLText]) {
        self.id = id
        self.title = title
        self.content = content
    }

    private var heading: String { "\(id)-title" }

    var html: HTMLText {
        .element(
            "section", ["id": id, "aria-labelledby": heading],
            [.element("h2", ["id": heading], .text(title))] + content)
    }

    var link: HTMLText { .element("a", ["href": "#\(id)"], .text(title)) }

    static func paragraph(_ words: String) -> HTMLText { .element("p", .text(words)) }

    static func note(_ words: String) -> HTMLText {
        .element("p", ["class": "note"], .text(words))
    }

    /// A second line in a cell.
    static func small(_ words: String) -> HTMLText {
        .element("span", ["class": "small"], .text(words))
    }

    /// A line with its commands, which stand between backquotes, set apart.
    static func commands(in line: String) -> [HTMLText] {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.isEmpty }
            .map { index, part in
                index % 2 == 0 ? .text(String(part)) : .element("code", .text(String(part)))
            }
    }
}

/// A table that says what it is, and which of its cells are headings.
struct PageTable {
    struct Column {
        let title: String
        /// How its cells look; empty: as any other.
        var style = ""
    }

    let caption: String
    let columns: [Column]
    /// A class of the table; empty: none.
    var style = ""

    private static let right: Set = ["number", "session"]

    /// What is too wide for a telephone is moved with a finger, or with arrow keys once it has the
    /// focus.
    func html(_ bodies: [HTMLText]) -> HTMLText {
        let head = columns.map { column in
            // Of the looks of its cells, a heading shares the side on which they stand.
            HTMLText.element(
                "th", ["scope": "col", "class": Self.right.contains(column.style) ? "number" : ""],
                .text(column.title))
        }
        return .element(
            "div", ["class": "wide", "role": "region", "aria-label": caption, "tabindex": "0"],
            .element(
                "table", ["class": style],
                [.element("caption", .text(caption))]
                    + [.element("thead", .element("tr", head))] + bodies))
    }

    func html(rows: [HTMLText]) -> HTMLText { html([.element("tbody", rows)]) }

    /// A row whose first cell says what the others are about.
    func row(_ heading: HTMLText, _ cells: [HTMLText]) -> HTMLText {
        .element("tr", [.element("th", ["scope": "row"], heading)] + self.cells(cells, from: 1))
    }

    /// Cells of the columns from this one on.
    func cells(_ cells: [HTMLText], from first: Int) -> [HTMLText] {
        precondition(cells.count == columns.count - first, "page: a ragged row")
        return cells.enumerated().map { index, cell in
            let style = columns[first + index].style
            return style.isEmpty
                ? .element("td", cell) : .element("td", ["class": style], cell)
        }
    }
}

/// Numbers in words for people.
enum Count {
    /// `1,234`.
    static func digits(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            let left = digits.count - index
            if index > 0, left % 3 == 0, digits[index - 1] != "-" { text += "," }
            text.append(digit)
        }
        return text
    }

    static func digits(_ number: UInt64) -> String { digits(Int(clamping: number)) }

    /// `1 key`, `2,000 keys`.
    static func of(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(digits(number)) \(plural(noun))"
    }

    static func of(_ number: UInt64, _ noun: String) -> String { of(Int(clamping: number), noun) }

    private static func plural(_ noun: String) -> String {
        noun.hasSuffix("ry") ? noun.dropLast() + "ies" : noun + "s"
    }
}

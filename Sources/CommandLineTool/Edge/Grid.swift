// A table of text for people: as many columns as the terminal has room for.

/// Columns with headings. On a terminal long cells lose their middle where that is enough; where it
/// is not, the least important columns are left out first. Elsewhere nothing is cut.
struct Grid: Sendable {
    struct Column: Sendable {
        let title: String
        /// What is left out first has the highest number; 0 is never left out.
        let rank: Int
        var alignment = Alignment.left
        /// To how many characters a cell is cut before another column is left out; nil: to none.
        var least: Int?
    }

    enum Alignment: Hashable, Sendable {
        case left, right
    }

    enum Medium: Hashable, Sendable {
        /// A terminal of so many columns.
        case terminal(columns: Int)
        case file

        static var standardOutput: Medium {
            guard Console.isTerminal else { return .file }
            return .terminal(columns: Console.columns)
        }
    }

    private let columns: [Column]
    private let rows: [[String]]

    /// No cell becomes shorter than this when there is no column left to leave out.
    private static let leastWidth = 8
    private static let gap = 2

    /// Every row must have a cell for each column. Cells are escaped already.
    init(_ columns: [Column], _ rows: [[String]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "grid: a ragged row")
        self.columns = columns
        self.rows = rows
    }

    /// The lines, and the titles of columns that had no room.
    func text(for medium: Medium) -> (text: String, omitted: [String]) {
        var shown = Array(columns.indices)
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
        }
        if case .terminal(let room) = medium {
            let least = columns.indices.map { min(widths[$0], columns[$0].least ?? widths[$0]) }
            while total(shown, least) > room,
                let last = shown.filter({ columns[$0].rank > 0 })
                    .max(by: { columns[$0].rank < columns[$1].rank })
            {
                shown.removeAll { $0 == last }
            }
            shrink(&widths, of: shown, to: room, least: least)
        }
        let lines = ([columns.map(\.title)] + rows).map { line($0, shown, widths) }
        let omitted = columns.indices.filter { !shown.contains($0) }.map { columns[$0].title }
        return (lines.joined(), omitted)
    }

    private func total(_ shown: [Int], _ widths: [Int]) -> Int {
        shown.reduce(Self.gap * (shown.count - 1)) { $0 + widths[$1] }
    }

    /// Takes from the widest column that may be cut as long as there is too little room.
    private func shrink(
        _ widths: inout [Int], of shown: [Int], to room: Int, least: [Int]
    ) {
        // Columns that are never left out are cut further if they alone have too little room.
        let isTooNarrow = total(shown, least) > room
        var excess = total(shown, widths) - room
        while excess > 0 {
            let cuttable = shown.filter {
                widths[$0] > (isTooNarrow ? min(Self.leastWidth, least[$0]) : least[$0])
            }
            guard let widest = cuttable.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
            excess -= 1
        }
    }

    private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
        var line = ""
        for column in shown {
            let cell = Self.cut(cells[column], to: widths[column])
            let pad = String(repeating: " ", count: widths[column] - cell.count)
            if column != shown.first { line += String(repeating: " ", count: Self.gap) }
            line += columns[column].alignment == .left ? cell + pad : pad + cell
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    /// Names and paths differ at both ends, so what goes is the middle.
    static func cut(_ cell: String, to width: Int) -> String {
        guard cell.count > width else { return cell }
        let front = (width - 1) / 2
        return cell.prefix(front) + "…" + cell.suffix(width - 1 - front)
    }
}

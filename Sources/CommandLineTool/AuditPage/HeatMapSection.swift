// The uses of each day: as a map for the eye, and as a table.

struct HeatMapSection {
    /// Nil: there is no log.
    let map: HeatMap?

    /// From one day to the next, in pixels.
    private static let step = 14
    private static let left = 34
    private static let top = 20

    var section: PageSection {
        PageSection("uses", "Uses by day", content)
    }

    private var content: [HTMLText] {
        guard let map else {
            return [PageSection.paragraph("The log has no entry yet: nothing is known of uses.")]
        }
        var content = [PageSection.paragraph(summary(map))]
        if map.later > 0 {
            content.append(
                PageSection.note(
                    "Not shown: \(Count.of(map.later, "use")) with a later date, from before the"
                        + " clock was set back."))
        }
        guard map.total > 0 else { return content }
        return content + [drawing(map), key(map), table(map)]
    }

    private func summary(_ map: HeatMap) -> String {
        let since = "from \(HeatMap.date(map.first)) to \(HeatMap.date(map.last))"
        guard let busiest = map.busiest else { return "No key was used \(since)." }
        return "\(Count.of(map.total, "use")) on \(Count.of(map.used, "day")), \(since);"
            + " the most on one day were \(Count.digits(busiest.count)), on"
            + " \(HeatMap.date(busiest.day))."
    }

    // The map. How often shows in the size of a square as well as in its colour.

    private func drawing(_ map: HeatMap) -> HTMLText {
        let mondays = map.mondays
        let width = Self.left + Self.step * mondays.count + 8
        let height = Self.top + 7 * Self.step
        let shapes = months(mondays) + weekdays + mondays.enumerated().flatMap { week($0, $1, map) }
        return .element(
            "div",
            ["class": "days", "role": "region", "aria-label": "Map of uses", "tabindex": "0"],
            .element(
                "svg",
                [
                    "role": "img", "aria-labelledby": "map-title map-text",
                    "width": "\(width)", "height": "\(height)",
                    "viewBox": "0 0 \(width) \(height)",
                ],
                [
                    .element("title", ["id": "map-title"], .text("Uses by day")),
                    .element(
                        "desc", ["id": "map-text"],
                        .text(summary(map) + " The table below has every day.")),
                ] + shapes))
    }

    /// Where a week begins another month than the one before; not where two names would touch.
    private func months(_ mondays: [Int]) -> [HTMLText] {
        var shown = (month: "", column: -3)
        return mondays.enumerated().compactMap { column, monday in
            let date = HeatMap.date(monday)
            let month = String(date.prefix(7))
            guard month != shown.month else { return nil }
            let isClose = column - shown.column < 3
            shown.month = month
            guard !isClose, let number = Int(month.suffix(2)) else { return nil }
            shown.column = column
            let name = number == 1 ? String(month.prefix(4)) : TimeScale.months[number - 1]
            return .element(
                "text", ["x": "\(Self.left + Self.step * column)", "y": "12"], .text(name))
        }
    }

    private var weekdays: [HTMLText] {
        [0, 2, 4].map { day in
            .element(
                "text", ["x": "0", "y": "\(Self.top + Self.step * day + 10)"],
                .text(HeatMap.weekdays[day]))
        }
    }

    private func week(_ column: Int, _ monday: Int, _ map: HeatMap) -> [HTMLText] {
        (0..<7).compactMap { day in
            map.count(on: monday + day).map { count in
                Self.square(
                    map.level(count), x: Self.left + Self.step * column,
                    y: Self.top + Self.step * day,
                    "\(HeatMap.date(monday + day)): \(Count.of(count, "use"))")
            }
        }
    }

    /// A browser shows the title under the pointer.
    private static func square(_ level: Int, x: Int, y: Int, _ title: String?) -> HTMLText {
        let side = [11, 5, 7, 9, 12][level]
        let inset = (12 - side) / 2
        // A line is drawn half outside.
        let shift = level == 0 ? ".5" : ""
        return .element(
            "rect",
            [
                "class": "h\(level)", "x": "\(x + inset)\(shift)", "y": "\(y + inset)\(shift)",
                "width": "\(side)", "height": "\(side)",
            ],
            title.map { [.element("title", .text($0))] } ?? [])
    }

    private func key(_ map: HeatMap) -> HTMLText {
        let ranges = map.bounds.enumerated().map { index, bound in
            let low = index == 0 ? 1 : map.bounds[index - 1] + 1
            return low == bound
                ? Count.digits(bound) : "\(Count.digits(low)) to \(Count.digits(bound))"
        }
        let entries = [(0, "none")] + zip(map.bounds.map(map.level), ranges)
        return .element(
            "ul", ["class": "key", "aria-hidden": "true"],
            entries.map { level, words in
                .element(
                    "li",
                    .element(
                        "svg", ["class": "cell", "aria-hidden": "true"],
                        Self.square(level, x: 1, y: 2, nil)), .text(words))
            })
    }

    // The table.

    private func table(_ map: HeatMap) -> HTMLText {
        let days = HeatMap.weekdays.map { PageTable.Column(title: $0, style: "number") }
        let table = PageTable(
            caption: "Uses on each day, the newest week first",
            columns: [PageTable.Column(title: "Week from")] + days
                + [PageTable.Column(title: "Week", style: "number")],
            style: "week")
        let rows = map.mondays.reversed().map { monday in
            let counts = (0..<7).map { map.count(on: monday + $0) }
            let total = counts.reduce(0) { $0 + ($1 ?? 0) }
            return table.row(
                .text(HeatMap.date(monday)),
                counts.map { .text($0.map(Count.digits) ?? "–") } + [.text(Count.digits(total))])
        }
        return .element(
            "details", .element("summary", .text("Every day in a table")),
            table.html(rows: rows))
    }
}

// Which programs used which key.

internal import VaultModel

struct ProgramsSection {
    let keys: [InventoryKey]

    /// Most programs that are listed for one key.
    static let mostPrograms = 12

    private static let table = PageTable(
        caption: "Programs by key, the most frequent first, as far as the log goes",
        columns: [
            PageTable.Column(title: "Key"), PageTable.Column(title: "Program", style: "path"),
            PageTable.Column(title: "Uses", style: "number"),
            PageTable.Column(title: "Last use", style: "date"),
        ])

    var section: PageSection {
        let used = keys.filter(\.usage.wasUsed)
        let content: [HTMLText] =
            used.isEmpty
            ? [PageSection.paragraph("The log shows no use of a key.")]
            : [Self.table.html(used.map(body))]
        return PageSection("programs", "Programs by key", content)
    }

    /// A body of its own for each key, so that paper keeps it together.
    private func body(_ key: InventoryKey) -> HTMLText {
        let programs = KeyTable.programs(key.usage)
        var rows = programs.prefix(Self.mostPrograms).map { program in
            [
                program.path.isEmpty
                    ? .element("span", ["class": "soft"], .text("not told by the log"))
                    : HTMLText.path(program.path),
                .text(Count.digits(program.reads.count)), .text(program.reads.last.date),
            ]
        }
        let others = programs.dropFirst(Self.mostPrograms)
        if let last = others.map(\.reads.last).max() {
            let count = others.reduce(0) { $0 + $1.reads.count }
            rows.append([
                .element("span", ["class": "soft"], .text("\(Count.of(others.count, "other"))")),
                .text(Count.digits(count)), .text(last.date),
            ])
        }
        let heading = HTMLText.element(
            "th", ["scope": "rowgroup", "class": "name", "rowspan": "\(rows.count)"],
            .path(key.secret.name.text))
        return .element(
            "tbody",
            rows.enumerated().map { index, row in
                .element(
                    "tr", (index == 0 ? [heading] : []) + Self.table.cells(row, from: 1))
            })
    }
}

// What opens the vault.

internal import VaultModel

struct SlotsSection {
    let vault: VaultFacts

    private static let table = PageTable(
        caption: "Key slots of the vault; what is in any of them opens it",
        columns: [
            PageTable.Column(title: "Slot"), PageTable.Column(title: "Opens with"),
            PageTable.Column(title: "Cost of a guess"),
            PageTable.Column(title: "Made", style: "date"),
            PageTable.Column(title: "Copies", style: "word"),
        ],
        style: "slots")

    var section: PageSection {
        PageSection(
            "vault", "What opens the vault", [Self.table.html(rows: vault.slots.map(row))])
    }

    private func row(_ slot: KeySlotSummary) -> HTMLText {
        Self.table.row(
            .text("\(slot.number)"),
            [
                .text(slot.kind.description), .text(cost(slot)), .text(slot.created.date),
                slot.hasDamagedCopy
                    ? .element("span", ["class": "high"], .text("✕ one is damaged"))
                    : .text("both good"),
            ])
    }

    private func cost(_ slot: KeySlotSummary) -> String {
        switch slot.kind {
        case .rawKey: "256 random bits"
        case .passphrase:
            "\(slot.parameters.memory / 1_024) MiB, \(slot.parameters.passes) passes,"
                + " \(slot.parameters.lanes) lanes"
        }
    }
}

// The inventory: every key in one row.

internal import VaultModel

struct KeysSection {
    let keys: [InventoryKey]
    let hidden: Int

    private static let table = PageTable(
        caption: "Every key by name, with what is known of its current version and its uses",
        columns: [
            PageTable.Column(title: "Key"), PageTable.Column(title: "Issuer"),
            PageTable.Column(title: "Status", style: "word"),
            PageTable.Column(title: "Role", style: "role"),
            PageTable.Column(title: "Session", style: "session"),
            PageTable.Column(title: "Stored", style: "date"),
            PageTable.Column(title: "Max. age", style: "number"),
            PageTable.Column(title: "Expires", style: "date"),
            PageTable.Column(title: "Versions", style: "number"),
            PageTable.Column(title: "Last use", style: "last"),
            PageTable.Column(title: "Uses 30 d", style: "number"),
        ])

    var section: PageSection {
        var content: [HTMLText] = []
        if hidden > 0 {
            content.append(
                PageSection.note("Removed, and not listed: \(Count.of(hidden, "key"))."))
        }
        content.append(
            keys.isEmpty
                ? PageSection.paragraph("There are no keys.")
                : Self.table.html(rows: keys.map(row)))
        return PageSection("keys", "Keys", content)
    }

    private func row(_ key: InventoryKey) -> HTMLText {
        let (secret, usage) = (key.secret, key.usage)
        let stored = secret.version(.current)?.created
        return Self.table.row(
            name(secret),
            [
                .text(secret.issuer.text), status(secret), Self.outside(key.role),
                Self.outside(key.sessionValidity),
                Self.text(stored?.date)
                    + (key.age.map { PageSection.small(Age.long($0)) } ?? .empty),
                Self.text(secret.maximumAge.map(Age.short)), Self.text(secret.expires?.date),
                .text(Count.digits(secret.versions.count)), lastUse(usage),
                .text(Count.digits(usage.recentCount)),
            ])
    }

    private func name(_ secret: Metadata) -> HTMLText {
        var name = HTMLText.element("span", ["class": "name"], .path(secret.name.text))
        if !secret.label.isEmpty {
            name = name + .element("span", ["class": "small"], .outside(secret.label))
        }
        guard !secret.tags.isEmpty else { return name }
        let tags = secret.tags.map { HTMLText.outside($0) }
        let list = tags.dropFirst().reduce(tags[0]) { $0 + .text(", ") + $1 }
        return name + .element("span", ["class": "small"], .text("tags: ") + list)
    }

    private func status(_ secret: Metadata) -> HTMLText {
        let word = HTMLText.text(secret.status == .enabled ? "enabled" : "○ disabled")
        return secret.isManagedElsewhere ? word + PageSection.small("managed elsewhere") : word
    }

    private func lastUse(_ usage: KeyUsage) -> HTMLText {
        guard let last = usage.last else {
            return .element("span", ["class": "soft"], .text("never"))
        }
        guard let program = usage.lastProgram else { return .text(last.date) }
        return .text(last.date)
            + .element("span", ["class": "small path"], .path(program))
    }

    /// A dash says to the eye that there is nothing; an empty cell would look forgotten.
    private static func text(_ text: String?) -> HTMLText { .text(text ?? "–") }

    private static func outside(_ text: String?) -> HTMLText {
        guard let text, !text.isEmpty else { return .text("–") }
        return .outside(text)
    }
}

// `audit report --html`: the page as a whole. Pure: everything on it is given.

internal import VaultModel

/// A page that stands for itself: no script, no address of anything outside, and no secret. It
/// holds descriptions, and what the log says of them.
struct HTMLReport: Sendable {
    let vault: VaultFacts
    /// By name, without those that are hidden.
    let keys: [InventoryKey]
    /// How many `rm` hid.
    let hidden: Int
    let ledger: UsageLedger
    let findings: HealthReport
    let verification: LogVerification
    /// The line that `audit receipt` prints.
    let receipt: String
    let profiles: KnownProfiles
    let now: Timestamp

    /// `findings` should be of all severities. `profiles` are needed for dates that follow from an
    /// issuer's limit alone.
    init(
        _ vault: VaultFacts, _ secrets: [(RecordID, Metadata)], _ ledger: UsageLedger,
        _ findings: HealthReport, _ verification: LogVerification, receipt: String,
        profiles: KnownProfiles = KnownProfiles(), now: Timestamp
    ) {
        self.vault = vault
        keys = KeyOrder.name.sorted(KeyInventory(secrets, ledger, now: now).keys)
        hidden = secrets.count - keys.count
        self.ledger = ledger
        self.findings = findings
        self.verification = verification
        self.receipt = receipt
        self.profiles = profiles
        self.now = now
    }

    /// The page, in UTF-8.
    var text: String {
        HTMLText.document(
            ["lang": "en"], head,
            .element(
                "body", .element("a", ["class": "skip", "href": "#main"], .text("To the report")),
                header, contents, .element("main", ["id": "main"], sections.map(\.html)), footer))
    }

    private var sections: [PageSection] {
        let timeline = Timeline(keys, profiles, now: now)
        return [
            OverviewSection(report: self, timeline: timeline).section,
            FindingsSection(findings: findings).section,
            TimelineSection(timeline: timeline).section,
            HeatMapSection(map: HeatMap(ledger, now: now)).section,
            ProgramsSection(keys: keys).section,
            KeysSection(keys: keys, hidden: hidden).section,
            SlotsSection(vault: vault).section,
            LogSection(verification: verification, receipt: receipt).section,
        ]
    }

    /// The policy lets nothing in but the one style: neither a fault in the escaping nor a change
    /// of the file in an editor makes a browser run or fetch anything.
    private var head: HTMLText {
        .element(
            "head",
            .void("meta", ["charset": "utf-8"]),
            .void(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": "default-src 'none'; style-src 'sha256-\(PageStyle.digest)';"
                        + " base-uri 'none'; form-action 'none'",
                ]),
            .void(
                "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .void("meta", ["name": "referrer", "content": "no-referrer"]),
            .void("meta", ["name": "robots", "content": "noindex"]),
            .void("meta", ["name": "color-scheme", "content": "light dark"]),
            .element("title", .text("Keys and their use, \(now.date) · coffer audit report")),
            .style(PageStyle.rules))
    }

    private var header: HTMLText {
        .element(
            "header",
            .element("p", ["class": "kicker"], .text("coffer audit report")),
            .element("h1", .text("Keys and their use")),
            .element(
                "dl", ["class": "facts"],
                fact("Vault", .element("code", .text(vault.vault.identifier.hexadecimal))),
                fact(
                    "Made",
                    .element("time", ["datetime": now.description], .text(now.description)))))
    }

    private func fact(_ title: String, _ content: HTMLText) -> HTMLText {
        .element("div", .element("dt", .text(title)), .element("dd", content))
    }

    private var contents: HTMLText {
        .element(
            "nav", ["aria-label": "Contents"],
            .element("ul", sections.map { .element("li", $0.link) }))
    }

    private var footer: HTMLText {
        .element(
            "footer",
            .element(
                "p",
                .text(
                    "Days and times are in UTC. There is no secret on this page, but who reads it"
                        + " learns which keys exist, where they are used and what is wrong with"
                        + " them: keep it as you would keep the list of your locks.")))
    }
}

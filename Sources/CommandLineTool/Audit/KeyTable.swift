// The inventory as a table, as JSON and as CSV.

internal import VaultModel

/// Forms of a list of keys. The members of the JSON are in `JSONReference`.
enum KeyTable {
    private static let columns = [
        Grid.Column(title: "NAME", rank: 0, least: 28), Grid.Column(title: "ISSUER", rank: 3),
        Grid.Column(title: "STATUS", rank: 2), Grid.Column(title: "ROLE", rank: 8, least: 12),
        Grid.Column(title: "SESSION", rank: 9, alignment: .right),
        Grid.Column(title: "AGE", rank: 1, alignment: .right),
        Grid.Column(title: "EXPIRES", rank: 4),
        Grid.Column(title: "VERSIONS", rank: 10, alignment: .right),
        Grid.Column(title: "LAST USED", rank: 5), Grid.Column(title: "BY", rank: 7, least: 16),
        Grid.Column(title: "USES 30D", rank: 6, alignment: .right),
    ]

    static func report(_ keys: [InventoryKey], for medium: Grid.Medium) -> Report {
        guard !keys.isEmpty else { return Report(text: "", notes: ["no key is like that"]) }
        let (text, omitted) = Grid(columns, keys.map(cells)).text(for: medium)
        guard !omitted.isEmpty else { return Report(text: text) }
        let names = omitted.map { $0.lowercased() }.joined(separator: ", ")
        return Report(text: text, notes: ["no room for: \(names); --json has everything"])
    }

    private static func cells(_ key: InventoryKey) -> [String] {
        let (secret, usage) = (key.secret, key.usage)
        return [
            secret.name.text, secret.issuer.text, status(secret), shown(key.role),
            shown(key.sessionValidity), key.age.map(Age.short) ?? "-",
            secret.expires?.date ?? "-", "\(secret.versions.count)",
            usage.last?.date ?? "never", shown(usage.lastProgram), "\(usage.recentCount)",
        ]
    }

    private static func shown(_ text: String?) -> String {
        text.map { $0.isEmpty ? "-" : Escaped.text($0) } ?? "-"
    }

    private static func status(_ secret: Metadata) -> String {
        secret.status == .enabled ? "enabled" : "disabled"
    }

    static func json(_ key: InventoryKey) -> JSONText {
        let (secret, usage) = (key.secret, key.usage)
        return .object([
            ("name", .string(secret.name.text)), ("issuer", .string(secret.issuer.text)),
            ("status", .string(status(secret))), ("label", .string(secret.label)),
            ("tags", .array(secret.tags.map(JSONText.string))), ("role", .text(key.role)),
            ("session_validity", .text(key.sessionValidity)),
            ("managed_elsewhere", .boolean(secret.isManagedElsewhere)),
            ("created", .date(secret.created)),
            ("version", .number(secret.version(.current).map { UInt64($0.number) })),
            ("version_created", .date(secret.version(.current)?.created)),
            ("age_seconds", .number(key.age)), ("expires", .date(secret.expires)),
            ("maximum_age_seconds", .number(secret.maximumAge)),
            ("versions", .integer(secret.versions.count)), ("last_used", .date(usage.last)),
            ("last_used_by", .text(usage.lastProgram)), ("ever_used", .boolean(usage.wasUsed)),
            ("uses", .integer(usage.count)), ("uses_30_days", .integer(usage.recentCount)),
            ("programs", .array(programs(usage).map(json))),
        ])
    }

    /// The most frequent program first, equal ones by path.
    static func programs(_ usage: KeyUsage) -> [(path: String, reads: KeyUsage.Program)] {
        usage.programs.map { ($0.key, $0.value) }
            .sorted { ($1.reads.count, $0.path) < ($0.reads.count, $1.path) }
    }

    private static func json(_ program: (path: String, reads: KeyUsage.Program)) -> JSONText {
        .object([
            ("program", program.path.isEmpty ? .null : .string(program.path)),
            ("uses", .integer(program.reads.count)), ("last_used", .date(program.reads.last)),
        ])
    }

    /// The headings are the members of the JSON; lists in one cell are parted by blanks.
    static func csv(_ keys: [InventoryKey]) -> String {
        let header = [
            "name", "issuer", "status", "role", "session_validity", "managed_elsewhere", "created",
            "version", "version_created", "age_seconds", "expires", "maximum_age_seconds",
            "versions", "last_used", "last_used_by", "ever_used", "uses", "uses_30_days", "label",
            "tags",
        ]
        return CSVText.text(header, keys.map(record))
    }

    private static func record(_ key: InventoryKey) -> [String] {
        let (secret, usage) = (key.secret, key.usage)
        let current = secret.version(.current)
        return [
            secret.name.text, secret.issuer.text, status(secret), key.role ?? "",
            key.sessionValidity ?? "", "\(secret.isManagedElsewhere)", "\(secret.created)",
            current.map { "\($0.number)" } ?? "", current?.created.description ?? "",
            key.age.map(String.init) ?? "", secret.expires?.description ?? "",
            secret.maximumAge.map { String($0) } ?? "", "\(secret.versions.count)",
            usage.last?.description ?? "", usage.lastProgram ?? "", "\(usage.wasUsed)",
            "\(usage.count)", "\(usage.recentCount)", secret.label,
            secret.tags.joined(separator: " "),
        ]
    }
}

extension JSONText {
    /// A date, or null where there is none.
    static func date(_ time: Timestamp?) -> JSONText {
        time.map { .string($0.description) } ?? .null
    }

    static func text(_ text: String?) -> JSONText { text.map(JSONText.string) ?? .null }

    /// A number, or null. Beyond 2^63 - 1 it is that.
    static func number(_ number: UInt64?) -> JSONText {
        number.map { .integer(Int(clamping: $0)) } ?? .null
    }
}

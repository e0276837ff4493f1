// The plan of a migration, as people and programs read it. Texts of profiles are data: escaped.

internal import Issuers
internal import VaultModel

extension MigrationPlan {
    /// What is done, and what has to be known before.
    var text: String {
        var text = "\"\(old.name)\" of \(profile.id) → \"\(new)\" of \(target.id)\n"
        if let reason = successor.reason { text += Columns.text([("why", Escaped.text(reason))]) }
        if let before = old.fields[.migratedTo] {
            text += Columns.text([("migrated before, to", Escaped.text(before))])
        }
        let place = target.console.map { ", at \(Escaped.text($0))" } ?? ""
        text += Self.section("what has to be there first\(place)", Self.items(successor.setup))
        text += Self.section("steps", Self.numbered(steps))
        text += Self.section("taken over", Columns.text(inherited))
        text += Self.section("variables of jobs", Columns.text(variables.map(Self.row)))
        text += Self.section("what stops working", Self.items(successor.stops))
        if let users {
            text += Self.section("its users in the last 30 days", Columns.text(users.rows))
        }
        return text
    }

    /// What is left to be typed.
    var afterwards: String {
        Self.section(
            "afterwards", Columns.text(commands.map { ($0.line, Escaped.text($0.meaning)) }))
    }

    private var steps: [String] {
        var steps = [
            "the new credential is stored as \"\(new)\"; \"\(old.name)\" stays as it is, and valid"
        ]
        if Verification.call(of: target) != nil {
            steps.append("with --verify the issuer is asked whether it accepts it")
        }
        return steps + [
            "each names the other, in \(FieldName.migratedTo) and \(FieldName.migratedFrom)",
            "you change the jobs, one after the other",
            "you delete the old credential when nothing uses it any more",
        ]
    }

    private var inherited: [(String, String)] {
        var rows = fields.filter { $0.key != .migratedFrom }.sorted { $0.key < $1.key }
            .map { ($0.key.text, Escaped.text($0.value)) }
        rows += successor.unknownFields(from: old.fields).map { name in
            (name.text, "not known for this value: give it with --set \(name)=VALUE")
        }
        if !old.tags.isEmpty {
            rows.append(("tags", old.tags.map(Escaped.text).joined(separator: ", ")))
        }
        if let age = old.maximumAge { rows.append(("maximum age", "\(age / 86_400) days")) }
        if old.requiresReason { rows.append(("reason", "needed for every use")) }
        if old.requiresGrant { rows.append(("grant", "needed from an agent")) }
        return rows
    }

    private static func row(_ variable: Variable) -> (String, String) {
        switch (variable.old, variable.new) {
        case (let old?, let new?): (old, old == new ? "stays" : "→ \(new)")
        case (let old?, nil): (old, "nothing takes its place")
        case (nil, let new): (new ?? "", "is new")
        }
    }

    private static func section(_ title: String, _ lines: String) -> String {
        lines.isEmpty ? "" : "\(title)\n\(lines)"
    }

    private static func items(_ texts: [String]) -> String {
        texts.map { "  - \(Escaped.text($0))\n" }.joined()
    }

    private static func numbered(_ texts: [String]) -> String {
        texts.enumerated().map { "  \($0.offset + 1). \($0.element)\n" }.joined()
    }
}

// As one object.
extension MigrationPlan {
    var json: String {
        JSONText.object([
            ("name", .string(old.name.text)), ("issuer", .string(profile.id.text)),
            ("new_name", .string(new.text)), ("new_issuer", .string(target.id.text)),
            ("reason", AuditJSON.text(successor.reason)),
            ("console", AuditJSON.text(target.console)),
            ("setup", .array(successor.setup.map(JSONText.string))),
            (
                "fields",
                .object(
                    fields.sorted { $0.key < $1.key }.map { ($0.key.text, .string($0.value)) })
            ),
            (
                "unknown_fields",
                .array(successor.unknownFields(from: old.fields).map { .string($0.text) })
            ),
            (
                "variables",
                .array(
                    variables.map { variable in
                        .object([
                            ("old", AuditJSON.text(variable.old)),
                            ("new", AuditJSON.text(variable.new)),
                        ])
                    })
            ),
            ("stops", .array(successor.stops.map(JSONText.string))),
            ("deliveries", recipients.map(Self.json) ?? .null),
            ("users", users?.json ?? .null),
            ("commands", .array(commands.map { .string($0.line) })),
        ]).text + "\n"
    }

    private static func json(_ recipients: [Recipient]) -> JSONText {
        .array(
            recipients.map { recipient in
                .object([
                    ("job", .string(recipient.job.text)),
                    ("expires", AuditJSON.text(recipient.until?.description)),
                ])
            })
    }
}

extension JSONReference {
    static let migration = Table(
        title: "`migrate --plan`", about: "One object.",
        members: [
            ("name", "of the old secret"), ("issuer", "id of its profile"),
            ("new_name", "of the new one"), ("new_issuer", "id of its profile"),
            ("reason", "why one would, or null"), ("console", "where the new one is made, or null"),
            ("setup", "array of texts: what has to be there first"),
            ("fields", "object of the public fields that the new one gets, texts"),
            ("unknown_fields", "array of names: nobody can tell their value from the old one's"),
            (
                "variables",
                "array of `old` and `new`: the variable of jobs and the one in its place, each"
                    + " null where there is none"
            ),
            ("stops", "array of texts: what works with the old one and not with the new one"),
            ("deliveries", "array of `job` and `expires` (date or null); null through an agent"),
            (
                "users",
                "who used its current version in the last 30 days, as in `history`; null if it has"
                    + " none"
            ),
            ("commands", "array of texts: what is left to be typed, in this order"),
        ])
}

// `coffer show`: what is known of a secret besides its value.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum ShowCommand {
    static let verb = Verb(
        words: "show", summary: "show everything about a secret but its value",
        operands: [.required("NAME")],
        options: [VerbTable.json],
        examples: [Example("coffer show zpa/prod/ci", "fields, tags, dates and versions")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let door = try VaultAccess.door(call, for: .reading)
        let metadata = try Complaint.from { () throws(VaultError) in
            try door.describe(name, at: Clock.now())
        }
        let isJSON = call.has(VerbTable.json)
        try Console.out(isJSON ? MetadataJSON.object(metadata) : text(metadata))
        return .ok
    }

    static func text(_ secret: Metadata) -> String {
        var rows = [
            ("issuer", secret.issuer.text),
            ("status", secret.status == .enabled ? "enabled" : "disabled"),
        ]
        if !secret.label.isEmpty { rows.append(("label", Escaped.text(secret.label))) }
        rows += secret.fields.sorted { $0.key < $1.key }
            .map { ($0.key.text, Escaped.text($0.value)) }
        if !secret.tags.isEmpty {
            rows.append(("tags", secret.tags.map(Escaped.text).joined(separator: ", ")))
        }
        rows += [("created", "\(secret.created)"), ("modified", "\(secret.modified)")]
        if let expires = secret.expires { rows.append(("expires", "\(expires)")) }
        if let age = secret.maximumAge { rows.append(("maximum age", "\(age / 86_400) days")) }
        if secret.isManagedElsewhere { rows.append(("managed", "elsewhere, read-only here")) }
        if secret.requiresReason { rows.append(("reason", "needed for every use")) }
        if secret.requiresGrant { rows.append(("grant", "needed from an agent")) }
        if let removed = secret.removed { rows.append(("removed", "\(removed)")) }
        for version in secret.versions {
            let fields = version.fields.map(\.text).joined(separator: ", ")
            rows.append(
                ("version \(version.number)", "\(version.state), \(version.created): \(fields)"))
            rows += MetadataText.ownFields(version)
        }
        rows += RotationText.rows(secret)
        return "\(secret.name)\n" + Columns.text(rows)
    }
}

/// What is shown of a version in several places.
enum MetadataText {
    /// The public fields that differ from those of the secret.
    static func ownFields(_ version: VersionSummary) -> [(String, String)] {
        version.ownFields.sorted { $0.key < $1.key }
            .map { ("  \($0.key)", $0.value.text.map(Escaped.text) ?? "none") }
    }
}

/// Descriptions as JSON; the schema is in `docs/cli.md`.
enum MetadataJSON {
    static func object(_ secret: Metadata) -> String { value(secret).text + "\n" }
    static func array(_ secrets: [Metadata]) -> String {
        JSONText.array(secrets.map(value)).text + "\n"
    }

    private static func value(_ secret: Metadata) -> JSONText {
        var pairs: [(String, JSONText)] = [
            ("name", .string(secret.name.text)), ("issuer", .string(secret.issuer.text)),
            ("status", .string(secret.status == .enabled ? "enabled" : "disabled")),
            ("label", .string(secret.label)),
            (
                "fields",
                .object(
                    secret.fields.sorted { $0.key < $1.key }
                        .map { ($0.key.text, .string($0.value)) })
            ),
            ("tags", .array(secret.tags.map(JSONText.string))),
            ("created", .string(secret.created.description)),
            ("modified", .string(secret.modified.description)),
            ("expires", secret.expires.map { .string($0.description) } ?? .null),
            ("maximum_age_seconds", secret.maximumAge.map { .integer(Int(clamping: $0)) } ?? .null),
            ("managed_elsewhere", .boolean(secret.isManagedElsewhere)),
            ("requires_reason", .boolean(secret.requiresReason)),
            ("requires_grant", .boolean(secret.requiresGrant)),
        ]
        if let removed = secret.removed { pairs.append(("removed", .string(removed.description))) }
        pairs.append(("versions", .array(secret.versions.map { .object(members($0)) })))
        pairs.append(("rotation", RotationText.json(secret)))
        return .object(pairs)
    }

    static func members(_ version: VersionSummary) -> [(String, JSONText)] {
        [
            ("number", .integer(Int(version.number))),
            ("state", .string(version.state.description)),
            ("created", .string(version.created.description)),
            ("secret_fields", .array(version.fields.map { .string($0.text) })),
            (
                "own_fields",
                .object(
                    version.ownFields.sorted { $0.key < $1.key }
                        .map { ($0.key.text, $0.value.text.map(JSONText.string) ?? .null) })
            ),
        ]
    }
}

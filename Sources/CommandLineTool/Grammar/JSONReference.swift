// The JSON that commands print and read, in the words of the reference.

/// Members of objects: part of the interface, like the exit codes. New ones may come, none goes.
enum JSONReference {
    /// A heading, what it is about, and the members with their meaning.
    struct Table: Sendable {
        let title: String
        let about: String
        let members: [(name: String, meaning: String)]
    }

    static let tables = [
        description, version, history, rotation, migration, value, slot, job, delivery, grant,
        sessionGrant,
        issuer, check, line,
        auditEvent,
        verification,
        inventory, program, due, health, finding,
    ]

    /// The table of that title.
    static func table(_ title: String) -> Table? { tables.first { $0.title == title } }

    private static let verification = Table(
        title: "`audit verify`", about: "One object. What is not whole is an error instead.",
        members: [
            ("entries", "number"), ("seals", "number"),
            ("unsealed", "how many entries at the end have no seal yet"),
            ("late_seals", "how many seals came more than two seconds after what they cover"),
            ("late", "array, the first 20: `first`, `last`, `seconds`"),
            ("clock_steps", "how often the clock went back"),
            ("anchor", "what this machine remembers: `fits`, `absent`, `damaged`"),
            ("secrets", "number, or null if the rows were not verified"),
            ("versions", "number or null"),
        ])

    private static let description = Table(
        title: "`list` and `show`",
        about: "`list --json` prints an array of descriptions, `show --json` one. Dates are"
            + " `YYYY-MM-DDTHH:MM:SSZ`, or null where there is none.",
        members: [
            ("name", "text"), ("issuer", "id of the profile"), ("status", "`enabled`, `disabled`"),
            ("label", "text, may be empty"), ("fields", "object of public fields, texts"),
            ("tags", "array of texts"), ("created", "date"), ("modified", "date"),
            ("expires", "date or null"), ("maximum_age_seconds", "number or null"),
            ("managed_elsewhere", "true or false"), ("requires_reason", "true or false"),
            ("requires_grant", "true or false"),
            ("removed", "date; only if it is removed"),
            ("versions", "array, oldest first"),
            ("rotation", "object of the rotation that runs or was the last one, or null"),
        ])

    private static let history = Table(
        title: "`history`", about: "One object. What happened is told as far as the log has it.",
        members: [
            ("name", "text"),
            (
                "versions",
                "array, oldest first, as in a description, with `since`: date or null, when the"
                    + " version got its state"
            ),
            ("moves", "array, oldest first: `time`, `operation` as in the log, `version`"),
            ("rotation", "object or null"),
            (
                "users_of_old",
                "who fetched the old version since the rotation got its state, while that is"
                    + " `promoted` or `deactivated`: array, the last first, of `program` (path or"
                    + " null), `job` (what it was handed or delivered to, or null), `user` (uid),"
                    + " `count` and `last` (date); else null"
            ),
        ])

    private static let rotation = Table(
        title: "A rotation", about: "What each state means is in `docs/spec/rotation.md`.",
        members: [
            ("id", "32 hexadecimal digits"),
            ("mode", "`dual`, `in-place`, `guided`, `command`"),
            (
                "state",
                "`intended`, `creating`, `searching`, `pending`, `verified`, `promoted`,"
                    + " `deactivated`, `revoked`, `retired`, `restoring`, `abandoning`,"
                    + " `abandoned`"
            ),
            ("end", "null, or why it was abandoned: `asked`, `refused`, `full`, `value-lost`"),
            ("begun", "date"), ("changed", "date: when it got its state"),
            ("old_version", "number"), ("new_version", "number or null"),
            ("grace_seconds", "number"), ("attempts", "how often a key was asked for"),
            ("doubts", "how often nobody could tell whether one was made"),
            ("known", "array of ids that were at the issuer before, or null"),
            ("strays", "array of ids at the issuer that nothing here holds"),
        ])

    private static let version = Table(
        title: "Versions in a description", about: "",
        members: [
            ("number", "number from 1"),
            ("state", "`pending`, `current`, `previous`, `retired`, `destroyed`"),
            ("created", "date"), ("secret_fields", "array of names"),
            (
                "own_fields",
                "object of the public fields that differ from those of the secret: texts, or null"
                    + " for one that this version lacks"
            ),
        ])

    private static let value = Table(
        title: "`get`",
        about: "One object. The value is never lossy: the encoding says how it is"
            + " written.",
        members: [
            ("name", "text"), ("version", "number"), ("state", "as in a description"),
            ("field", "name of the field"),
            ("encoding", "`utf-8`: the value is the text; `base64`: RFC 4648 section 4"),
            ("value", "text"),
        ])

    private static let slot = Table(
        title: "`slot list`", about: "An array. The cost of a raw key is 0.",
        members: [
            ("number", "number from 0"), ("kind", "`passphrase`, `raw key`"),
            ("kdf_memory_kib", "number"), ("kdf_passes", "number"), ("kdf_lanes", "number"),
            ("created", "date"), ("damaged_copy", "true or false"),
        ])

    private static let issuer = Table(
        title: "`issuer list`", about: "An array.",
        members: [("id", "text"), ("title", "text"), ("source", "`built in`, `yours`")])

    private static let check = Table(
        title: "`doctor`", about: "An array.",
        members: [
            ("check", "what was looked at"), ("verdict", "`ok`, `attention`"),
            ("words", "what was seen"),
        ])

    private static let line = Table(
        title: "Lines of `import --json-lines` and `export`",
        about: "An object a line; empty lines are skipped. A key that is not listed is refused. A"
            + " value is needed. An export ends with a line of its own, `{\"exported\":N}`: if N is"
            + " not how many secrets came before it, an import stores nothing (exit code 9)."
            + " Without that line it stores what there is, and says so.",
        members: [
            ("name", "text; needed"), ("secret", "text: the value of the field `secret`"),
            ("secrets", "object of values by field"),
            ("secret_base64", "the same of a value that is no text, RFC 4648 section 4"),
            ("secrets_base64", "object of such values by field"),
            ("issuer", "id of a profile; `generic` if it is left out"), ("label", "text"),
            ("fields", "object of public fields, texts"), ("tags", "array of texts"),
            ("status", "`enabled`, `disabled`"),
            ("expires", "`YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SSZ` or null"),
            ("maximum_age_seconds", "whole number or null"),
            ("managed_elsewhere", "true or false"), ("requires_reason", "true or false"),
            ("requires_grant", "true or false"),
        ])

    private static let inventory = Table(
        title: "`audit keys`",
        about: "An array, in the order of --sort. `--csv` has columns of the same names but"
            + " `programs`; what is null is empty there.",
        members: [
            ("name", "text"), ("issuer", "id of the profile"), ("status", "`enabled`, `disabled`"),
            ("label", "text, may be empty"), ("tags", "array of texts"),
            ("role", "text or null: the public field of that name"),
            ("session_validity", "text or null: the public field of that name, in seconds"),
            ("managed_elsewhere", "true or false"), ("created", "date"),
            ("version", "number of the current version, or null"),
            ("version_created", "date or null"), ("age_seconds", "of the current version, or null"),
            ("expires", "date or null"), ("maximum_age_seconds", "number or null"),
            ("versions", "how many there are"), ("last_used", "date or null"),
            ("last_used_by", "path of a program, or null if the log does not tell it"),
            ("ever_used", "true or false, as far back as the log goes"), ("uses", "number"),
            ("uses_30_days", "number"), ("programs", "array, the most frequent first"),
        ])

    private static let program = Table(
        title: "Programs of a key", about: "",
        members: [
            ("program", "path, or null for uses of which the log does not tell it"),
            ("uses", "number"), ("last_used", "date"),
        ])

    private static let due = Table(
        title: "`due`", about: "An array, the earliest date first. A key may be in it twice.",
        members: [
            ("name", "text"), ("issuer", "id of the profile"), ("status", "`enabled`, `disabled`"),
            (
                "reason",
                "`expires`; `maximum-age`: its rotation policy; `issuers-limit`: no date is stored,"
                    + " and its issuer lets no key live longer"
            ), ("date", "date"), ("overdue", "true or false"),
            ("seconds_left", "number, negative when it is overdue"),
        ])

    private static let health = Table(
        title: "`audit health`", about: "One object.",
        members: [
            ("findings", "array, the most severe first; with --all the accepted ones behind them"),
            ("open", "how many nobody accepts"), ("accepted", "how many are accepted"),
        ])

    private static let finding = Table(
        title: "Findings of `audit health`", about: "",
        members: [
            ("id", FindingKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
            ("severity", "`high`, `medium`, `low`"),
            ("name", "text, or null if it is about the vault"), ("field", "text or null"),
            ("words", "text for people"), ("hint", "text for people"),
            ("accepted_until", "`YYYY-MM-DD`, the last day, or null"),
            ("accepted_reason", "text, may be empty, or null"),
        ])

    /// The chapter of the reference.
    static var lines: [String] {
        var lines = ["## JSON", ""]
        for table in tables {
            lines += ["### \(table.title)", ""]
            if !table.about.isEmpty { lines += [table.about, ""] }
            lines += ["| member | value |", "|---|---|"]
            for member in table.members { lines.append("| `\(member.name)` | \(member.meaning) |") }
            lines.append("")
        }
        return lines
    }
}

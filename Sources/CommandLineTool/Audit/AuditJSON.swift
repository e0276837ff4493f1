// An event of the log as one JSON object in one line.

internal import VaultModel

/// The members are listed in `JSONReference`; all of them are always there.
enum AuditJSON {
    static func line(_ event: AuditEvent) -> String { object(event).text + "\n" }

    static func object(_ event: AuditEvent) -> JSONText {
        let detail = event.detail
        let who = detail?.attribution
        return .object([
            ("number", number(event.number)),
            ("time", .string(event.time.description)),
            ("time_milliseconds", number(event.time.milliseconds)),
            ("operation", .string(event.operation.word)),
            ("outcome", .string(event.outcome.word)),
            ("user", number(event.user)),
            ("process", number(event.process)),
            ("record", text(event.object?.identifier.hexadecimal)),
            ("sealed", .boolean(detail == nil)),
            ("name", text(detail?.name?.text)),
            ("new_name", text(detail?.newName?.text)),
            ("version", number(detail?.version)),
            ("prefix", text(detail?.prefix)),
            ("slot", number(detail?.slot)),
            ("count", number(detail?.count)),
            ("recipient", text(detail?.recipient?.text)),
            ("program", text(who?.program)),
            ("chain", who.map(chain) ?? .null),
            ("terminal", text(who?.terminal)),
            ("unit", text(who?.unit)),
            ("working_directory", text(who?.workingDirectory)),
            ("job", text(who?.job)),
            ("reason", text(who?.reason)),
        ])
    }

    /// The processes, the asking one first.
    static func chain(_ attribution: Attribution) -> JSONText {
        .array(
            attribution.chain.map { process in
                .object([
                    ("pid", number(process.pid)),
                    ("path", process.path.isEmpty ? .null : .string(process.path)),
                    ("executable", .string(word(process.executable))),
                ])
            })
    }

    static func word(_ executable: ActingProcess.Executable) -> String {
        switch executable {
        case .present: "present"
        case .deleted: "deleted"
        case .replaced: "replaced"
        case .unknown: "unknown"
        }
    }

    static func text(_ text: String?) -> JSONText { text.map(JSONText.string) ?? .null }

    static func number(_ number: (some BinaryInteger)?) -> JSONText {
        number.map { .integer(Int(clamping: $0)) } ?? .null
    }
}

extension JSONReference {
    static let auditEvent = Table(
        title: "Events of the audit log",
        about: "An object a line. Every member is always there; null where it does not apply, and"
            + " where the vault is locked: then `sealed` is true and what follows it is null.",
        members: [
            ("number", "sequence number from 0"), ("time", "date"),
            ("time_milliseconds", "the same in milliseconds since 1970"),
            (
                "operation",
                AuditOperation.allCases.map { "`\($0.word)`" }.joined(separator: ", ")
            ),
            ("outcome", AuditOutcome.allCases.map { "`\($0.word)`" }.joined(separator: ", ")),
            ("user", "uid of who asked"), ("process", "pid of who asked"),
            ("record", "32 hexadecimal digits: which secret, whatever its name"),
            ("sealed", "true or false"), ("name", "the secret's name at that time"),
            ("new_name", "the name it got"), ("version", "number from 1"),
            ("prefix", "what a list was asked for"), ("slot", "number from 0"),
            ("count", "how many secrets, attempts or generations"),
            ("recipient", "the job that was added or removed, or that a secret was delivered to"),
            ("program", "path of the program that used the secret"),
            (
                "chain",
                "array of `pid`, `path` (text or null) and `executable` (`present`, `deleted`,"
                    + " `replaced`, `unknown`): the asking process, its parent, and so on"
            ),
            ("terminal", "such as `/dev/pts/3`"),
            ("unit", "systemd unit, or container as `docker:` and 64 digits"),
            ("working_directory", "path"), ("job", "path of the program it was handed to"),
            ("reason", "what was given as the reason"),
        ])
}

// An event of the log in the words of the Open Cybersecurity Schema Framework, for a SIEM.
//
// Schema 1.8.0 (schema.ocsf.io): why this one, and which class for what, is in
// docs/decisions/0018-ocsf-for-a-siem.md.

internal import VaultModel

enum OCSFEvent {
    static let schema = "1.8.0"

    /// One object in one line. `vault` makes sequence numbers of several vaults distinct.
    static func line(_ event: AuditEvent, vault: VaultID?) -> String {
        object(event, vault).text + "\n"
    }

    private static func object(_ event: AuditEvent, _ vault: VaultID?) -> JSONText {
        let kind = OCSFClass(event.operation)
        let isDone = event.outcome == .done && event.operation != .failedUnlock
        let severity = severity(event)
        var members: [(String, JSONText)] = [
            ("activity_id", .integer(kind.activity.id)),
            ("activity_name", .string(kind.activity.name)),
            ("category_uid", .integer(3)),
            ("category_name", .string("Identity & Access Management")),
            ("class_uid", .integer(kind.uid)),
            ("class_name", .string(kind.name)),
            ("type_uid", .integer(kind.uid * 100 + kind.activity.id)),
            ("type_name", .string("\(kind.name): \(kind.activity.name)")),
            ("time", AuditJSON.number(event.time.milliseconds)),
            ("timezone_offset", .integer(0)),
            ("severity_id", .integer(severity.id)),
            ("severity", .string(severity.name)),
            ("status_id", .integer(isDone ? 1 : 2)),
            ("status", .string(isDone ? "Success" : "Failure")),
            ("status_code", .string(event.outcome.word)),
            ("message", .string(message(event))),
            ("metadata", metadata(event, vault)),
            ("actor", actor(event)),
        ]
        switch kind {
        case .authentication:
            members += [
                ("user", user(event)), ("service", .object([("name", .string("coffer"))])),
                ("is_remote", .boolean(false)),
            ]
        case .management: members += management(event)
        }
        members.append(("unmapped", unmapped(event)))
        return .object(members)
    }

    private static func severity(_ event: AuditEvent) -> (id: Int, name: String) {
        if event.outcome == .damaged || event.operation == .breakGlass
            || event.operation == .acceptRollback
        {
            return (4, "High")
        }
        if event.operation == .failedUnlock { return (3, "Medium") }
        return switch event.outcome {
        case .done: (1, "Informational")
        case .missing: (2, "Low")
        case .refused, .failed, .damaged: (3, "Medium")
        }
    }

    private static func message(_ event: AuditEvent) -> String {
        let subject = AuditText.subject(event)
        return "\(event.operation.word)\(subject.isEmpty ? "" : " \(subject)"):"
            + " \(event.outcome.word)"
    }

    private static func metadata(_ event: AuditEvent, _ vault: VaultID?) -> JSONText {
        var members: [(String, JSONText)] = [
            ("version", .string(schema)),
            (
                "product",
                .object([
                    ("name", .string("coffer")), ("vendor_name", .string("coffer")),
                    ("version", .string(CofferTool.version)),
                ])
            ),
            ("log_name", .string("audit")),
            ("event_code", .string(event.operation.word)),
            ("sequence", AuditJSON.number(event.number)),
            ("original_time", .string(event.time.description)),
        ]
        if let vault {
            let id = vault.identifier.hexadecimal
            members.append(("log_provider", .string(id)))
            members.append(("uid", .string("\(id):\(event.number)")))
        }
        return .object(members)
    }

    private static func user(_ event: AuditEvent) -> JSONText {
        .object([
            ("uid", .string(String(event.user))),
            ("type_id", .integer(event.user == 0 ? 2 : 1)),
        ])
    }

    /// Who asked: the user, and the process with its parents.
    private static func actor(_ event: AuditEvent) -> JSONText {
        let who = event.detail?.attribution
        let chain = who?.chain ?? []
        var process = self.process(
            chain.first
                ?? ActingProcess(pid: event.process, path: "", executable: .unknown))
        if let folder = who?.workingDirectory {
            process.append(("working_directory", .string(folder)))
        }
        if let terminal = who?.terminal {
            process.append(("session", .object([("terminal", .string(terminal))])))
        }
        if chain.count > 1 {
            process.append(("parent_process", .object(self.process(chain[1]))))
            let ancestry = chain.dropFirst().map { JSONText.object(entity($0)) }
            process.append(("ancestry", .array(ancestry)))
        }
        return .object([("user", user(event)), ("process", .object(process))])
    }

    private typealias Members = [(String, JSONText)]

    /// A `process_entity`.
    private static func entity(_ process: ActingProcess) -> Members {
        var members: Members = [("pid", AuditJSON.number(process.pid))]
        guard !process.path.isEmpty else { return members }
        members += [("name", .string(name(process))), ("path", .string(process.path))]
        return members
    }

    /// A `process`, with what has become of its file.
    private static func process(_ process: ActingProcess) -> Members {
        var members = entity(process)
        guard !process.path.isEmpty else { return members }
        var file: Members = [
            ("name", .string(name(process))), ("path", .string(process.path)),
            ("type_id", .integer(1)),
        ]
        if process.executable == .deleted { file.append(("is_deleted", .boolean(true))) }
        members.append(("file", .object(file)))
        return members
    }

    private static func name(_ process: ActingProcess) -> String {
        let parts = process.path.utf8.split(separator: UInt8(ascii: "/"))
        return parts.last.flatMap { String($0) } ?? process.path
    }
}

// What is managed: a secret, a slot, the vault, its log.
extension OCSFEvent {
    private static func management(_ event: AuditEvent) -> Members {
        var members: Members = [("entity", entity(event))]
        if let name = event.detail?.newName {
            members.append(("entity_result", entity("Secret", name.text, event.object)))
        }
        if let reason = event.detail?.attribution.reason {
            members.append(("comment", .string(reason)))
        }
        return members
    }

    private static func entity(_ event: AuditEvent) -> JSONText {
        switch event.operation {
        case .slotAdd, .slotReplace, .slotRemove, .slotMend:
            let slot = event.detail?.slot.map { "slot \($0)" }
            return entity("Key Slot", slot ?? "sealed", nil)
        case .audit: return entity("Audit Log", "audit", nil)
        case .initialise, .list, .importing, .acceptRollback, .unlock, .failedUnlock, .lock,
            .exporting, .backup, .restore, .refusedPeer:
            return entity("Vault", "vault", nil)
        case .jobAdd, .jobRemove:
            return entity("Job", event.detail?.recipient?.text ?? "sealed", event.object)
        default:
            let name = event.detail?.name?.text ?? "sealed"
            return entity("Secret", name, event.object, version: event.detail?.version)
        }
    }

    /// A `managed_entity` of a type that the schema has no number for.
    private static func entity(
        _ type: String, _ name: String, _ id: RecordID?, version: UInt32? = nil
    ) -> JSONText {
        var members: Members = [
            ("type_id", .integer(99)), ("type", .string(type)), ("name", .string(name)),
        ]
        if let id { members.append(("uid", .string(id.identifier.hexadecimal))) }
        if let version { members.append(("version", .string(String(version)))) }
        return .object(members)
    }

    /// What the schema has no place for.
    private static func unmapped(_ event: AuditEvent) -> JSONText {
        guard let detail = event.detail else { return .object([("sealed", .boolean(true))]) }
        var members: Members = [("sealed", .boolean(false))]
        let who = detail.attribution
        let texts = [
            ("program", who.program), ("job", who.job), ("unit", who.unit),
            ("prefix", detail.prefix), ("recipient", detail.recipient?.text),
        ]
        for (name, text) in texts {
            if let text { members.append((name, .string(text))) }
        }
        if let slot = detail.slot { members.append(("slot", AuditJSON.number(slot))) }
        if let count = detail.count { members.append(("count", AuditJSON.number(count))) }
        if !who.chain.isEmpty { members.append(("chain", AuditJSON.chain(who))) }
        return .object(members)
    }
}

/// Which class of the schema an operation belongs to, and what it does there.
enum OCSFClass: Hashable, Sendable {
    case management(Activity)
    case authentication(Activity)

    struct Activity: Hashable, Sendable {
        let id: Int
        let name: String
    }

    init(_ operation: AuditOperation) {
        switch operation {
        case .initialise, .capture, .importing, .slotAdd, .deposit, .takeIn,
            .jobAdd, .deliver, .grantAdd, .permit, .rotateStore:
            self = .management(Self.create)
        case .read, .list, .show, .breakGlass, .audit, .exporting, .backup, .collect:
            self = .management(Self.read)
        case .edit, .undelete, .slotReplace, .slotMend, .acceptRollback, .restore, .quarantine,
            .accept, .rekey, .rotate, .rotateStep, .promote, .rollBack, .retire, .rotateAbandon:
            self = .management(Self.update)
        case .remove, .purge, .slotRemove, .discard, .jobRemove, .revoke, .grantRemove:
            self = .management(Self.delete)
        case .rename: self = .management(Activity(id: 5, name: "Move"))
        case .enable: self = .management(Activity(id: 8, name: "Enable"))
        case .disable: self = .management(Activity(id: 9, name: "Disable"))
        case .unlock, .failedUnlock, .refusedPeer:
            self = .authentication(Activity(id: 1, name: "Logon"))
        case .lock: self = .authentication(Activity(id: 2, name: "Logoff"))
        }
    }

    private static let create = Activity(id: 1, name: "Create")
    private static let read = Activity(id: 2, name: "Read")
    private static let update = Activity(id: 3, name: "Update")
    private static let delete = Activity(id: 4, name: "Delete")

    var activity: Activity {
        switch self {
        case .management(let activity), .authentication(let activity): activity
        }
    }

    var uid: Int {
        switch self {
        case .management: 3_004
        case .authentication: 3_002
        }
    }

    var name: String {
        switch self {
        case .management: "Entity Management"
        case .authentication: "Authentication"
        }
    }
}

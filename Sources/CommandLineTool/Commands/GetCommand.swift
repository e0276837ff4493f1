// `coffer get`: the exact bytes of one value.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum GetCommand {
    static let show = Option.flag("--show", "print the value on a terminal")
    static let breakGlass = Option.flag(
        "--break-glass", "show it on a terminal even if the audit log cannot be written")

    static let verb = Verb(
        words: "get", summary: "print the value of a secret",
        details: [
            "To a pipe or a file: the exact bytes, nothing added. To a terminal a secret field only"
                + " with --show. With --json an object; a value that is not UTF-8 is in base64 and"
                + " says so.",
            "Public fields are printed by their names, as in zpa/prod/ci#client_id.",
        ],
        operands: [.required("NAME[#FIELD][@VERSION]")],
        options: [show, VerbTable.json, VerbTable.allowDisabled, breakGlass] + JobDoor.options,
        examples: [
            Example("coffer get github/bot | gh auth login --with-token", "hand a token to a tool"),
            Example("coffer get aws/ci#secret_access_key --show", "look at it"),
            Example("coffer get zpa/prod/ci@previous | …", "the version before this one"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let reference = try call.reference(0)
        let sink = OutputSink.standardOutput
        let isUnasked = sink.isTerminal && !call.has(show)
        // Without a field a secret one is meant: no need to open the vault to know.
        if isUnasked, reference.field == nil { throw shownUnasked(reference) }
        let door = try VaultAccess.door(call, for: .reading)
        let opened = try fetch(reference, door, call, sink)
        if isUnasked, let field = reference.field, opened.secrets.contains(field) {
            throw shownUnasked(reference)
        }
        let value = try opened.value(of: reference.field)
        if call.has(VerbTable.json) {
            try sink.write(ValueJSON.object(opened, reference.field, value).bytes)
        } else if sink.isTerminal {
            try sink.write(Escaped.forTerminal(value.bytes).bytes)
        } else {
            try sink.write(value.bytes)
        }
        return .ok
    }

    /// Opens the version. Only a terminal gets what could not be logged, and only if that was asked
    /// for: in a pipe nobody would see that it happened.
    private static func fetch(
        _ reference: Reference, _ door: any Door, _ call: Invocation, _ sink: OutputSink
    ) throws(Complaint) -> OpenedSecret {
        let disabled = call.has(VerbTable.allowDisabled) ? DisabledUse.allow : .refuse
        let now = Clock.now()
        do throws(VaultError) {
            return try door.fetch(reference.name, reference.version, disabled: disabled, at: now)
        } catch {
            guard case .notLogged = error, call.has(breakGlass), sink.isTerminal else {
                throw Complaint(error)
            }
            Console.warn("this use is not in the audit log; the next entry will say so")
            return try Complaint.from { () throws(VaultError) in
                try door.fetchUnlogged(
                    reference.name, reference.version, disabled: disabled, at: now)
            }
        }
    }

    private static func shownUnasked(_ reference: Reference) -> Complaint {
        Complaint(
            .refused, "a value is not printed on a terminal unasked",
            hint: "add --show, or send it on: `coffer get \(reference) | …`")
    }
}

extension OpenedSecret {
    /// The secret field that is meant: the named one, or the only one.
    func fieldName(_ named: FieldName?) throws(VaultError) -> FieldName {
        if let named {
            guard secrets.contains(named) || metadata.fields[named] != nil else {
                throw .fieldMissing(metadata.name, named)
            }
            return named
        }
        guard secrets.names.count == 1 else {
            throw .fieldAmbiguous(metadata.name, secrets.names)
        }
        return secrets.names[0]
    }

    /// A copy of the value of a field, public or secret.
    func value(of named: FieldName?) throws(Complaint) -> SecretBytes {
        let field: FieldName
        do throws(VaultError) { field = try fieldName(named) } catch { throw Complaint(error) }
        if secrets.contains(field) { return SecretBytes(copying: secrets.value(of: field)) }
        var value = SecretBytes()
        for byte in (metadata.fields[field] ?? "").utf8 { value.append(byte) }
        return value
    }
}

/// `get --json`, built in locked memory.
enum ValueJSON {
    static func object(
        _ opened: borrowing OpenedSecret, _ named: FieldName?, _ value: borrowing SecretBytes
    ) -> SecretBytes {
        var json = SecretJSON()
        json.add("name", opened.metadata.name.text)
        json.add("version", Int(opened.version.number))
        json.add("state", opened.version.state.description)
        json.add("field", (named ?? opened.secrets.names[0]).text)
        json.add(secret: value.bytes)
        return json.finish()
    }
}

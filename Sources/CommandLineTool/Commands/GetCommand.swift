// `coffer get`: the exact bytes of one value.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum GetCommand {
    static let show = Option.flag("--show", "print the value on a terminal")
    static let format = Option.one(
        "--format", "FORMAT", "all fields: \(SecretFormat.names)",
        .words(SecretFormat.words))
    static let breakGlass = Option.flag(
        "--break-glass", "show it on a terminal even if the audit log cannot be written")

    static let verb = Verb(
        words: "get", summary: "print the value of a secret",
        details: [
            "To a pipe or a file: the exact bytes, nothing added. To a terminal a secret field only"
                + " with --show. With --json an object; a value that is not UTF-8 is in base64 and"
                + " says so.",
            "With --format all fields of the secret: env as lines of NAME=VALUE with"
                + " nothing quoted, for docker's --env-file, which reads UTF-8 in lines of less"
                + " than 64 KiB; dotenv quoted, as shells and the readers of .env files take for"
                + " the same; shell for a shell to run, each"
                + " exported; systemd for an EnvironmentFile; these name variables as `coffer run"
                + " --secret` does. json is one object, k8s the manifest of a Secret. A value that"
                + " a format cannot hold is refused.",
            "Public fields are printed by their names, as in zpa/prod/ci#client_id.",
        ],
        operands: [.required("NAME[#FIELD][@VERSION]")],
        options: [show, VerbTable.json, format, VerbTable.allowDisabled, breakGlass]
            + JobDoor.options,
        examples: [
            Example("coffer get github/bot | gh auth login --with-token", "hand a token to a tool"),
            Example("coffer get aws/ci#secret_access_key --show", "look at it"),
            Example("coffer get zpa/prod/ci@previous | …", "the version before this one"),
            Example(
                "coffer get app/db --format k8s | kubectl apply -f -", "a Secret of Kubernetes"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let reference = try call.reference(0)
        let format = try wantedFormat(reference, call)
        let sink = OutputSink.standardOutput
        let isUnasked = sink.isTerminal && !call.has(show)
        // Without a field a secret one is meant: no need to open the vault to know.
        if isUnasked, reference.field == nil { throw shownUnasked(reference) }
        let opened = try VaultAccess.values(call) { door throws(Complaint) in
            try fetch(reference, door, call, sink)
        }
        if isUnasked, let field = reference.field, opened.secrets.contains(field) {
            throw shownUnasked(reference)
        }
        if let format {
            let text = try format.text(of: opened)
            if sink.isTerminal {
                try sink.write(Escaped.forTerminal(text.bytes).bytes)
            } else {
                try sink.write(text.bytes)
            }
            return .ok
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

    private static func wantedFormat(
        _ reference: Reference, _ call: Invocation
    ) throws(Complaint) -> SecretFormat? {
        guard let text = call.value(of: format) else { return nil }
        guard let wanted = SecretFormat(rawValue: text) else {
            throw Complaint(
                .usage, "there is no such format", hint: "one of \(SecretFormat.names)")
        }
        guard !call.has(VerbTable.json) else {
            throw Complaint(.usage, "`--format` and `--json` exclude each other")
        }
        guard reference.field == nil else {
            throw Complaint(
                .usage, "`--format` prints all fields of a secret",
                hint: "leave #\(reference.field?.text ?? "") out")
        }
        return wanted
    }

    /// Opens the version. Only a terminal gets what could not be logged, and only if that was asked
    /// for: in a pipe nobody would see that it happened.
    private static func fetch(
        _ reference: Reference, _ door: any ValueDoor, _ call: Invocation, _ sink: OutputSink
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
            guard secrets.contains(named) || fields[named] != nil else {
                throw .fieldMissing(metadata.name, named)
            }
            return named
        }
        guard secrets.names.count == 1 else {
            throw .fieldAmbiguous(metadata.name, secrets.names)
        }
        return secrets.names[0]
    }

    /// Whether a secret field is meant, as it is where none is named.
    func isSecret(_ named: FieldName?) -> Bool {
        guard let named else { return true }
        return secrets.contains(named)
    }

    /// A copy of the value of a field, public or secret.
    func value(of named: FieldName?) throws(Complaint) -> SecretBytes {
        let field: FieldName
        do throws(VaultError) { field = try fieldName(named) } catch { throw Complaint(error) }
        if secrets.contains(field) { return SecretBytes(copying: secrets.value(of: field)) }
        var value = SecretBytes()
        for byte in (fields[field] ?? "").utf8 { value.append(byte) }
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

// `coffer token`: a session token of the issuer in place of the secret.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum TokenCommand {
    static let header = Option.flag(
        "--header", "print it as a header of HTTP, as `curl -H @-` reads it")
    static let fresh = Option.flag("--fresh", "ask the issuer even if there is a token still good")
    static let show = Option.flag("--show", "print the token on a terminal")

    static let verb = Verb(
        words: "token", summary: "exchange a secret for a session token of the issuer",
        details: [
            "The issuer is asked for a token with the call `exchange` of its profile. curl makes"
                + " it, and the secret reaches nothing but curl's standard input and the issuer."
                + " What is printed works for the time that the issuer gives it, an hour or so, no"
                + " longer than the field `session_validity` says, and the secret stays where it"
                + " is.",
            "A token is kept in memory, sealed under the secret, and printed again until 80 % of"
                + " its life are over; of several commands at once one asks. Each use is in the log"
                + " as a use of the secret.",
            "To a pipe or a file: the exact bytes, nothing added. With --header one line, such as"
                + " `Authorization: Bearer …`. HTTPS_PROXY, SSL_CERT_FILE and the like are heeded.",
        ],
        operands: [.required("NAME[@VERSION]")],
        options: [header, fresh, show, VerbTable.json, VerbTable.allowDisabled] + JobDoor.options,
        examples: [
            Example(
                "coffer token zpa/prod/ci --header | curl -H @- https://issuer.example/",
                "call the issuer without its secret"),
            Example("coffer token gcp/ci > /run/user/1000/token", "an hour, not a key"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let reference = try reference(call)
        let sink = OutputSink.standardOutput
        guard !sink.isTerminal || call.has(show) else {
            throw Complaint(
                .refused, "a token is not printed on a terminal unasked",
                hint: "add --show, or send it on: `coffer token \(reference) | …`")
        }
        guard !call.has(header) || !call.has(VerbTable.json) else {
            throw Complaint(.usage, "`--header` and `--json` exclude each other")
        }
        let calling = try IssuerCalling()
        let credential = try VaultAccess.values(call) { door throws(Complaint) in
            try IssuerCalling.credential(
                reference.name, reference.version, disabled: disabled(call), from: door)
        }
        let asked = Clock.now()
        let session = try calling.sharedSession(of: credential, isFresh: call.has(fresh))
        try write(session, reference.name, credential.profile, since: asked, call)
        return .ok
    }

    private static func write(
        _ session: borrowing SessionToken, _ name: SecretName, _ profile: IssuerProfile,
        since asked: Timestamp, _ call: Invocation
    ) throws(Complaint) {
        let text: SecretBytes
        if call.has(VerbTable.json) {
            text = json(session, name, since: asked)
        } else if call.has(header) {
            text = try line(session, profile)
        } else {
            text = SecretBytes(copying: session.token.bytes)
        }
        try OutputSink.standardOutput.write(text.bytes)
    }

    private static func reference(_ call: Invocation) throws(Complaint) -> Reference {
        let reference = try call.reference(0)
        guard reference.field == nil else {
            throw Complaint(
                .usage, "a token is made with all of a credential",
                hint: "leave #\(reference.field?.text ?? "") out")
        }
        return reference
    }

    private static func disabled(_ call: Invocation) -> DisabledUse {
        call.has(VerbTable.allowDisabled) ? .allow : .refuse
    }

    private static func line(
        _ session: borrowing SessionToken, _ profile: IssuerProfile
    ) throws(Complaint) -> SecretBytes {
        guard let head = profile.sessionHeader else {
            throw Complaint(
                .failed, "the profile \(profile.id) does not say in which header its tokens stand")
        }
        var line = SecretBytes(capacity: session.token.count + 64)
        for byte in head.utf8 { line.append(byte) }
        line.append(session.token.bytes)
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func json(
        _ session: borrowing SessionToken, _ name: SecretName, since asked: Timestamp
    ) -> SecretBytes {
        var json = SecretJSON()
        json.add("name", name.text)
        if let life = session.life {
            let until = asked.milliseconds + life * 1_000
            json.add("expires", Timestamp(milliseconds: until).description)
        }
        json.add(secret: session.token.bytes)
        return json.finish()
    }
}

extension IssuerCalling {
    /// A secret of the vault as a credential for calls.
    static func credential(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse,
        from door: any ValueDoor
    ) throws(Complaint) -> CallCredential {
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(name, version, disabled: disabled, at: Clock.now())
        }
        return try credential(opened)
    }

    /// An opened secret as a credential for calls.
    static func credential(_ opened: consuming OpenedSecret) throws(Complaint) -> CallCredential {
        let profile = try ProfileCatalog.standard.named(opened.metadata.issuer.text)
        // Those of this version: another one may belong to another host.
        let fields = opened.fields
        return CallCredential(profile, fields: fields, secrets: opened.takeSecrets())
    }
}

// `coffer grant add|list|revoke`: which programs an agent hands a secret to without asking.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import VaultModel

enum GrantCommands {
    static let program = Option.one("--to", "PROGRAM", "the program's file", .file)
    static let expires = Option.one(
        "--expires", "DATE|8h", "how long the grant holds; without it until it is revoked")
    static let note = Option.one("--note", "TEXT", "why, for whoever lists it")
    static let session = Option.flag("--session", "those that end when the vault is locked")

    static let add = Verb(
        words: "grant add", summary: "let a program have a secret from the agent unasked",
        details: [
            "A secret that was captured or edited with --require-grant yes is handed out by an"
                + " agent only to programs that it was granted to; else the one who unlocked the"
                + " vault is asked, at the terminal where that was done. Whoever has a key of the"
                + " vault needs no grant, and a job has its deliveries.",
            "The program is the one that runs coffer: docker where docker asks its helper, but a"
                + " shell where a script runs `coffer run`. It is its file, by path and content:"
                + " after an upgrade it has to be granted anew. An interpreter, such as a shell,"
                + " can be allowed once or for a session, and a script that runs by itself is a job"
                + " for `coffer deliver`.",
            "A grant is a guard against accidents and curious programs, and a trace in the log."
                + " Against malware of the same user it is no wall.",
        ],
        operands: [.required("SECRET")], options: [program, expires, note],
        examples: [
            Example(
                "coffer grant add registry.example/ci --to /usr/bin/docker --expires 30d",
                "docker, which asks by its helper, for a month")
        ],
        run: addGrant)

    static let list = Verb(
        words: "grant list", summary: "list which program may have which secret",
        operands: [.optional("SECRET")], options: [session, VerbTable.json],
        examples: [
            Example("coffer grant list", "those of the vault"),
            Example("coffer grant list --session", "what was allowed since it was unlocked"),
        ],
        run: listGrants)

    static let revoke = Verb(
        words: "grant revoke", summary: "take a grant back",
        operands: [.optional("SECRET")], options: [program, session],
        examples: [
            Example("coffer grant revoke db/root", "all grants of a secret"),
            Example("coffer grant revoke --session", "whatever was allowed until it is locked"),
        ],
        run: revokeGrants)

    private static func addGrant(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        guard let path = call.value(of: program) else {
            throw Complaint(
                .usage, "`coffer grant add` needs a program",
                hint: "name its file with --to PROGRAM")
        }
        let until = try call.expiry(expires, now: Clock.now())
        if let until, until <= Clock.now() {
            throw Complaint(.usage, "`\(expires.name)` names a time that is over")
        }
        let granted = try Complaint.from { () throws(VaultError) in
            try Session.program(at: path)
        }
        let words = call.value(of: note) ?? ""
        let session = try VaultAccess.unlocked(call, for: .changing)
        let grant = try Complaint.from { () throws(VaultError) in
            try session.addGrant(of: name, to: granted, until: until, note: words, at: Clock.now())
        }
        try Console.out(
            "granted \"\(name)\" to \(Escaped.path(grant.program.path))"
                + " \(GrantWords.time(until))\n")
        let metadata = try Complaint.from { () throws(VaultError) in
            try session.describe(name, at: Clock.now())
        }
        if !metadata.requiresGrant {
            Console.note(
                "\"\(name)\" is handed out without a grant too, until"
                    + " `coffer edit \(name) --require-grant yes`")
        }
        return .ok
    }

    private static func listGrants(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = call.optionalOperand(0) == nil ? nil : try call.secretName(0)
        if call.has(session) { return try listSessions(name, call) }
        let open = try VaultAccess.unlocked(call, for: .reading)
        let now = Clock.now()
        let grants = try Complaint.from { () throws(VaultError) in try open.grants(at: now) }
            .filter { (name == nil || $0.name == name) && !$0.isOver(at: now) }
        if call.has(VerbTable.json) {
            try Console.out(JSONText.array(grants.map(json)).text + "\n")
            return .ok
        }
        for grant in grants {
            let note = grant.note.isEmpty ? "" : "  \(Escaped.text(grant.note))"
            try Console.out(
                "\(grant.name)  \(Escaped.path(grant.program.path))"
                    + "  \(GrantWords.time(grant.expires))\(note)\n")
        }
        return .ok
    }

    private static func listSessions(
        _ name: SecretName?, _ call: Invocation
    ) throws(Complaint) -> ExitCode {
        let agent = try agent(call)
        let grants = try Complaint.from { () throws(VaultError) in try agent.sessionGrants() }
            .filter { name == nil || $0.name == name }
        if call.has(VerbTable.json) {
            try Console.out(JSONText.array(grants.map(json)).text + "\n")
            return .ok
        }
        for grant in grants {
            try Console.out(
                "\(grant.name)  \(Escaped.path(grant.path))  in session \(grant.leader)\n")
        }
        return .ok
    }

    private static func revokeGrants(_ call: Invocation) throws(Complaint) -> ExitCode {
        if call.has(session) {
            guard call.optionalOperand(0) == nil, !call.has(program) else {
                throw Complaint(
                    .usage, "`\(session.name)` takes back all that was allowed in sessions")
            }
            let agent = try agent(call)
            try Complaint.from { () throws(VaultError) in try agent.forgetGrants() }
            try Console.out("nothing is allowed in sessions any more\n")
            return .ok
        }
        guard call.optionalOperand(0) != nil else {
            throw Complaint(.usage, "SECRET is missing", hint: revoke.usage)
        }
        return try revoke(try call.secretName(0), call)
    }

    private static func revoke(
        _ name: SecretName, _ call: Invocation
    ) throws(Complaint) -> ExitCode {
        let path = call.value(of: program)
        let open = try VaultAccess.unlocked(call, for: .changing)
        let grants = try Complaint.from { () throws(VaultError) in try open.grants(at: Clock.now())
        }
        .filter { $0.name == name && (path == nil || isNamed($0.program, by: path)) }
        guard !grants.isEmpty else {
            throw Complaint(
                .notFound, "there is no such grant of \"\(name)\"",
                hint: "`coffer grant list` lists them")
        }
        for grant in grants {
            try Complaint.from { () throws(VaultError) in
                try open.revokeGrant(grant.id, at: Clock.now())
            }
            try Console.out(
                "revoked \"\(name)\" from \(Escaped.path(grant.program.path))\n")
        }
        return .ok
    }

    /// A program that is gone can be named by the path that the list shows.
    private static func isNamed(_ program: GrantedProgram, by path: String?) -> Bool {
        guard let path else { return false }
        let resolved = unsafe realpath(path, nil).map { text in
            defer { unsafe free(text) }
            return unsafe String(cString: text)
        }
        return program.path == path || program.path == resolved
    }

    /// The agent that keeps the vault open.
    private static func agent(_ call: Invocation) throws(Complaint) -> AgentClient {
        guard let agent = try AgentAccess.greeted(call), agent.status?.isOpen == true else {
            throw Complaint(
                .locked, "no agent keeps the vault unlocked",
                hint: "what is allowed in a session ends when the vault is locked")
        }
        return agent
    }

    private static func json(_ grant: Grant) -> JSONText {
        .object([
            ("id", .string(grant.id.description)), ("secret", .string(grant.name.text)),
            ("program", .string(grant.program.path)),
            ("sha256", .string(grant.program.digestText)),
            ("created", .string(grant.created.description)),
            ("expires", AuditJSON.text(grant.expires?.description)),
            ("note", .string(grant.note)),
        ])
    }

    private static func json(_ grant: SessionGrant) -> JSONText {
        .object([
            ("secret", .string(grant.name.text)), ("program", .string(grant.path)),
            ("session", .integer(Int(grant.leader))),
        ])
    }
}

extension JSONReference {
    static let grant = Table(
        title: "Grants", about: "`coffer grant list --json` prints an array of them.",
        members: [
            ("id", "32 hexadecimal digits"), ("secret", "name"), ("program", "path of its file"),
            ("sha256", "64 hexadecimal digits: the file as it was granted"), ("created", "date"),
            ("expires", "date or null"), ("note", "text"),
        ])
    static let sessionGrant = Table(
        title: "Grants of sessions",
        about: "`coffer grant list --session --json` prints an array of them.",
        members: [
            ("secret", "name"), ("program", "path of its file"),
            ("session", "whole number: the process that leads the session"),
        ])
}

// `coffer helper git`: git's credential helper (gitcredentials(7)).

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum GitCommand {
    static let verb = Verb(
        words: "helper git", summary: "answer git as its credential helper",
        details: [
            "git calls it with get, store or erase and says on standard input for which host."
                + " It is also what the program does when it is called \(CalledAs.git).",
            "A secret belongs to a host by its public field url or host, and to a user by username."
                + " Where there is only a host, it is used over https alone.",
            "What git has refused is disabled if git stored it, else left as it is.",
        ],
        operands: [.required("OPERATION", .words(["get", "store", "erase"]))],
        takesKeyFromEnvironment: true,
        examples: [
            Example("coffer helper git get", "what git runs; it writes protocol=… and host=…")
        ],
        run: run)

    /// The tag of secrets that git had stored.
    static let tag = "git"

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        switch call.operand(0) {
        case "get": try get(call)
        case "store": try store(call)
        case "erase": try erase(call)
        // Operations to come: git asks its helpers to pass over them.
        default: break
        }
        return .ok
    }

    private static func request() throws(Complaint) -> GitCredential {
        try Intake.refuseTerminal(hint: "git calls this and writes to it")
        let text = try Intake.all(of: 0, longest: GitCredential.longest, what: "git's request")
        do throws(ClientDefect) { return try GitCredential.read(text.bytes) } catch {
            throw Complaint(error, in: "git's request")
        }
    }

    /// The place that a request names; nil if it is none where a secret could be used.
    private static func login(_ request: borrowing GitCredential) -> Login? {
        let address = ServiceAddress(
            scheme: request.scheme, host: request.host, path: request.path)
        let username = request.username.isEmpty ? nil : request.username
        return address.map { Login(address: $0, username: username) }
    }

    private static func secrets(in door: any Door) throws(Complaint) -> [Metadata] {
        let found = try Complaint.from { () throws(VaultError) in
            try door.list(prefix: "", removed: .hide, at: Clock.now())
        }
        if found.damaged > 0 { Console.warn(Complaint.descriptions(found.damaged).words) }
        return found.secrets
    }

    private static func get(_ call: Invocation) throws(Complaint) {
        try ClientOutput.refuseTerminal()
        let request = try request()
        guard let login = login(request) else { return }
        let door = try VaultAccess.door(call, for: .reading)
        let secrets = try secrets(in: door)
        guard let (secret, count) = login.best(of: secrets) else {
            for secret in login.disabled(among: secrets) {
                Console.warn("\"\(secret.name)\" would do, but is disabled")
            }
            return
        }
        if count > 1 {
            Console.note(
                "\(count) secrets fit as well; the newest, \"\(secret.name)\", is used:"
                    + " name a user in git's address or in credential.username")
        }
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(secret.name, .current, disabled: .refuse, at: Clock.now())
        }
        let field = try opened.passwordField()
        try opened.refuseLineEnd(in: opened.secrets.value(of: field), field)
        let answer = GitCredential.answer(
            username: opened.metadata.username ?? request.username,
            password: opened.secrets.value(of: field), keepsState: request.keepsState)
        switch answer {
        case .some(let answer): try ClientOutput.write(answer)
        case .none:
            throw Complaint(.refused, "the field username of \"\(secret.name)\" is no plain text")
        }
    }

    private static func store(_ call: Invocation) throws(Complaint) {
        let request = try request()
        // What came from here needs no look into the vault, which may ask for a passphrase.
        guard !request.isFromHere, !request.username.isEmpty, !request.password.isEmpty,
            let login = login(request)
        else { return }
        let door = try VaultAccess.door(call, for: .changing)
        let keeper = LoginKeeper(door: door)
        let draft = draft(of: login, request.username)
        let all = try secrets(in: door)
        if let known = all.first(where: { isSame($0, login) }) {
            // A new version changes nothing of what is said of a secret.
            let same = SecretDraft(name: known.name)
            return try keeper.keep(request.password.bytes, as: same, in: known)
        }
        if let (best, _) = login.best(of: all),
            try keeper.holds(request.password.bytes, in: best)
        {
            return
        }
        try keeper.keepNew(request.password.bytes, as: draft) { isSame($0, login) }
    }

    /// Whether a secret is for this place and this user and no other. A secret for a whole host is
    /// another one than that for a path on it.
    private static func isSame(_ secret: Metadata, _ login: Login) -> Bool {
        secret.username == login.username && secret.version(.current) != nil
            && secret.addresses(.web).contains { $0.isSame(as: login.address) }
    }

    /// `git/HOST/PATH/USER`, where a path is told.
    private static func draft(of login: Login, _ username: String) -> SecretDraft {
        let address = login.address
        var draft = SecretDraft(
            name: .fitting(["git", address.host] + address.path + [username]))
        let path = address.path.map { "/\($0)" }.joined()
        draft.fields[LoginField.url] = "\(address.scheme ?? "https")://\(address.host)\(path)"
        draft.fields[LoginField.username] = username
        draft.tags = [tag]
        return draft
    }

    /// docs/decisions/0025-what-clients-may-change.md.
    private static func erase(_ call: Invocation) throws(Complaint) {
        let request = try request()
        guard !request.password.isEmpty, let login = login(request) else { return }
        let door = try VaultAccess.door(call, for: .changing)
        guard let (secret, _) = login.best(of: try secrets(in: door)) else { return }
        let keeper = LoginKeeper(door: door)
        guard try keeper.holds(request.password.bytes, in: secret) else { return }
        guard secret.tags.contains(tag) else {
            return Console.note(
                "\(Escaped.text(request.host)) refused \"\(secret.name)\", which stays in use:"
                    + " `coffer disable \(secret.name)` stops that")
        }
        _ = try Complaint.from { () throws(VaultError) in
            try door.edit(secret.name, [.status(.disabled)], at: Clock.now())
        }
        Console.note(
            "\(Escaped.text(request.host)) refused \"\(secret.name)\", which is disabled now:"
                + " `coffer enable \(secret.name)` takes that back")
    }
}

extension Complaint {
    /// A client's request that is not read.
    init(_ defect: ClientDefect, in what: String) {
        let line = defect.line > 0 ? ", line \(defect.line)" : ""
        self.init(
            .usage, "\(what)\(line): \(defect.words)", hint: "nothing was handed out or stored")
    }
}

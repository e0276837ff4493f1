// `coffer helper docker`: docker's credential helper.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum DockerCommand {
    static let verb = Verb(
        words: "helper docker", summary: "answer docker as its credential helper",
        details: [
            "docker calls the program \(CalledAs.docker) with store, get, erase or list, and"
                + " writes a registry or JSON to it. It finds it in $PATH: `make install` links"
                + " that name.",
            "A secret belongs to a registry by its public field registry. `docker logout` removes"
                + " it as `coffer rm` does.",
        ],
        operands: [.required("OPERATION", .words(["store", "get", "erase", "list"]))],
        takesKeyFromEnvironment: true,
        examples: [Example("coffer helper docker list", "the registries and their users")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        switch call.operand(0) {
        case "get": return try get(call)
        case "store": return try store(call)
        case "erase": return try erase(call)
        case "list": return try list(call)
        case "version":
            try Console.out("\(CalledAs.docker) \(CofferTool.version)\n")
            return .ok
        default:
            throw Complaint(
                .usage, "`coffer helper docker` has no such operation",
                hint: "one of store, get, erase, list, version")
        }
    }

    /// The words that docker's client looks for on standard output.
    private enum Refusal: String {
        case notFound = "credentials not found in native keychain"
        case noRegistry = "no credentials server URL"
    }

    private static func refuse(_ refusal: Refusal) throws(Complaint) -> ExitCode {
        try Console.out("\(refusal.rawValue)\n")
        return .failed
    }

    private static func input() throws(Complaint) -> SecretBytes {
        try Intake.refuseTerminal(hint: "docker calls this and writes to it")
        return try Intake.all(of: 0, longest: DockerCredential.longest, what: "docker's request")
    }

    /// The registry on standard input; empty if there is none.
    private static func registry() throws(Complaint) -> String {
        let text = try input()
        guard let registry = DockerCredential.registry(text.bytes) else {
            throw Complaint(.usage, "docker's request: the registry is no plain text")
        }
        return registry
    }

    private static func secrets(in door: any Door) throws(Complaint) -> [Metadata] {
        try Complaint.from { () throws(VaultError) in
            let found = try door.list(prefix: "", removed: .hide, at: Clock.now())
            return found.secrets.filter { $0.fields[LoginField.registry] != nil }
        }
    }

    /// The newest secret of a registry.
    private static func secret(
        of registry: String, among secrets: [Metadata], used status: SecretStatus?
    ) -> Metadata? {
        secrets.filter { isSame($0, registry) && (status == nil || $0.status == status) }
            .compactMap { secret in secret.version(.current).map { (secret, $0.created) } }
            .max { $0.1 < $1.1 }?.0
    }

    /// A registry is its own: docker keeps tokens for addresses below that of its hub.
    private static func isSame(_ secret: Metadata, _ registry: String) -> Bool {
        guard let address = ServiceAddress(registry) else { return false }
        return secret.addresses(.registry).contains { $0.isSame(as: address) }
    }

    private static func get(_ call: Invocation) throws(Complaint) -> ExitCode {
        try ClientOutput.refuseTerminal()
        let registry = try registry()
        guard !registry.isEmpty else { return try refuse(.noRegistry) }
        let door = try VaultAccess.door(call, for: .reading)
        let all = try secrets(in: door)
        guard let secret = secret(of: registry, among: all, used: .enabled) else {
            return try refuse(.notFound)
        }
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(secret.name, .current, disabled: .refuse, at: Clock.now())
        }
        let isToken = opened.secrets.contains(LoginField.identityToken)
        let field = isToken ? LoginField.identityToken : try opened.passwordField()
        guard SecretJSON.lengthAsText(opened.secrets.value(of: field)) != nil else {
            throw Complaint(.refused, "\"\(secret.name)#\(field)\" is no text, which docker needs")
        }
        var json = SecretJSON()
        json.add("ServerURL", registry)
        json.add(
            "Username", isToken ? DockerCredential.tokenUser : opened.metadata.username ?? "")
        json.add("Secret", opened.secrets.value(of: field), asText: true)
        try ClientOutput.write(json.finish())
        return .ok
    }

    private static func store(_ call: Invocation) throws(Complaint) -> ExitCode {
        let text = try input()
        let credential: DockerCredential
        do throws(ClientDefect) { credential = try DockerCredential.read(text.bytes) } catch {
            throw Complaint(error, in: "docker's request")
        }
        let registry = credential.registry
        guard let address = ServiceAddress(registry) else {
            throw Complaint(.usage, "docker's request: the registry is no address")
        }
        let isToken = credential.username == DockerCredential.tokenUser
        var draft = SecretDraft(name: .fitting(["docker", address.host] + address.path))
        draft.fields[LoginField.registry] = registry
        if !isToken { draft.fields[LoginField.username] = credential.username }
        let door = try VaultAccess.door(call, for: .changing)
        let keeper = LoginKeeper(door: door, isToken: isToken)
        let all = try secrets(in: door)
        if let known = secret(of: registry, among: all, used: nil) {
            try keeper.keep(credential.secret.bytes, as: draft, in: known)
        } else {
            try keeper.keepNew(credential.secret.bytes, as: draft) { isSame($0, registry) }
        }
        return .ok
    }

    private static func erase(_ call: Invocation) throws(Complaint) -> ExitCode {
        let registry = try registry()
        guard !registry.isEmpty else { return try refuse(.noRegistry) }
        let door = try VaultAccess.door(call, for: .changing)
        let all = try secrets(in: door)
        guard let secret = secret(of: registry, among: all, used: nil) else {
            return try refuse(.notFound)
        }
        try Complaint.from { () throws(VaultError) in
            try door.remove(secret.name, at: Clock.now())
        }
        Console.note("\"\(secret.name)\" is removed: `coffer undelete` brings it back for 30 days")
        return .ok
    }

    /// No value is read for it.
    private static func list(_ call: Invocation) throws(Complaint) -> ExitCode {
        let door = try VaultAccess.door(call, for: .reading)
        var users: [String: String] = [:]
        let all = try secrets(in: door)
        for registry in Set(all.compactMap { $0.fields[LoginField.registry] }) {
            guard let found = secret(of: registry, among: all, used: .enabled) else { continue }
            let fields = found.version(.current)?.fields ?? []
            users[registry] =
                fields.contains(LoginField.identityToken)
                ? DockerCredential.tokenUser : found.username ?? ""
        }
        let members = users.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
        try Console.out(JSONText.object(members).text + "\n")
        return .ok
    }
}

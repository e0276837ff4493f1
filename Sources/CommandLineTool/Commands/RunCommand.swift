// `coffer run`: starts a job with secrets in its hands and gets out of the way.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum RunCommand {
    static let secret = Option.many(
        "--secret", "NAME", "set the variables that the issuer's profile names")
    static let environment = Option.many(
        "--env", "VAR=NAME#FIELD", "set one environment variable")
    static let file = Option.many(
        "--file", "VAR=NAME#FIELD",
        "write the value to a file (0600, in memory, gone afterwards) and set VAR to its path")
    static let descriptor = Option.many(
        "--fd", "N=NAME#FIELD", "hand the value over as descriptor N, which can be read and sought")
    static let token = Option.many(
        "--token", "VAR=NAME", "set VAR to a session token of the issuer, as `coffer token` gives")
    static let mask = Option.flag(
        "--mask", "take the values out of what the job prints, as well as that can be done")
    static let stdin = Option.one("--stdin", "NAME#FIELD", "hand the value over on standard input")

    static let verb = Verb(
        words: "run", summary: "run a job with secrets",
        details: [
            "Best first: --fd and --file keep a value out of the job's environment, which others"
                + " of the same user can read; --stdin suits a job that asks for a password;"
                + " --secret and --env are what most jobs expect.",
            "--secret sets what the issuer's own tools read, such as AWS_ACCESS_KEY_ID; for a"
                + " secret without such a profile the variable is its name in capitals, as in"
                + " ZPA_PROD_CI. Variables that say which code is run, such as PATH, are set by"
                + " --env alone.",
            "With --token the job gets what the issuer gives for the secret, good for an hour or"
                + " so, and never the secret: see `coffer token`.",
            "The job gets its exit code, signals and standard streams to itself, and nothing of"
                + " ours.",
            "With --mask [redacted] stands in the job's output for each secret value that"
                + " it was handed, for each line of at least 8 bytes of a value of several, and for"
                + " its base64, hexadecimal, URL, JSON and HTML forms; of wrapped ones for those"
                + " alone that `base64`, `openssl base64` and `xxd -p` print of it. That is"
                + " best effort against accidents in logs: a job that prints a value in another"
                + " form, in pieces or to another place is not stopped. Values of fewer than 4"
                + " bytes or more than 256 KiB are not masked, which is said; public fields are"
                + " not either.",
        ],
        options: [
            secret, environment, token, file, descriptor, stdin, mask, VerbTable.allowDisabled,
        ]
            + JobDoor.options,
        trailing: .required,
        examples: [
            Example("coffer run --secret aws/ci -- aws sts get-caller-identity", "AWS's variables"),
            Example("coffer run --env TOKEN=github/bot -- ./release.sh", "one variable"),
            Example(
                "coffer run --file GOOGLE_APPLICATION_CREDENTIALS=gcp/ci -- terraform plan",
                "a key file that exists only while the job runs"),
            Example(
                "coffer run --token TOKEN=zpa/prod/ci -- ./list-apps", "an hour's bearer, no secret"
            ),
            Example(
                "coffer run --mask --env TOKEN=github/bot -- make", "for a log that others read"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let code = try start(call)
        exit(code)
    }

    private static func start(_ call: Invocation) throws(Complaint) -> Int32 {
        let wishes = try RunWishes(call)
        var launch = try Launch(command: call.command ?? [])
        try fill(&launch, wishes, call)
        // The vault is closed by now: its file and its keys must not be there when the job starts.
        return try launch.begin()
    }

    private static func fill(
        _ launch: inout Launch, _ wishes: RunWishes, _ call: Invocation
    ) throws(Complaint) {
        let job = launch.path
        try VaultAccess.values(call, job: job) { door throws(Complaint) in
            try fill(&launch, wishes, call, from: door)
        }
    }

    private static func fill(
        _ launch: inout Launch, _ wishes: RunWishes, _ call: Invocation, from door: any ValueDoor
    ) throws(Complaint) {
        try setTokens(of: wishes, in: &launch, call, door)
        let disabled = call.has(VerbTable.allowDisabled) ? DisabledUse.allow : .refuse
        for name in wishes.secrets {
            let opened = try Complaint.from { () throws(VaultError) in
                try door.fetch(name, .current, disabled: disabled, at: Clock.now())
            }
            try setProfileVariables(of: opened, in: &launch, call)
        }
        for (place, reference) in wishes.values {
            let opened = try fetch(reference, for: place, door, disabled)
            let value = try opened.value(of: reference.field)
            if call.has(mask), opened.isSecret(reference.field) {
                hide(value, of: place.words, in: &launch)
            }
            switch place {
            case .environment(let variable): try launch.set(variable, value.bytes)
            case .file(let variable): try launch.setFile(variable, value.bytes)
            case .descriptor(let number): try launch.setDescriptor(number, value.bytes)
            case .standardInput: try launch.setStandardInput(value.bytes)
            }
        }
    }

    private static func setTokens(
        of wishes: RunWishes, in launch: inout Launch, _ call: Invocation, _ door: any ValueDoor
    ) throws(Complaint) {
        guard !wishes.tokens.isEmpty else { return }
        let calling = try IssuerCalling()
        for (variable, name) in wishes.tokens {
            let credential = try IssuerCalling.credential(
                name, .current,
                disabled: call.has(VerbTable.allowDisabled) ? .allow : .refuse, from: door)
            let session = try calling.sharedSession(of: credential, isFresh: false)
            if call.has(mask) { hide(session.token, of: variable, in: &launch) }
            try launch.set(variable, session.token.bytes)
        }
    }

    /// Longest value that is masked, in bytes: 256 KiB.
    private static let longestMasked = 262_144

    /// Has a value masked, or says why it cannot be.
    private static func hide(
        _ value: borrowing SecretBytes, of place: String, in launch: inout Launch
    ) {
        switch value.count {
        case ..<SecretForm.shortest:
            Console.warn("the value for \(place) has fewer than 4 bytes: it is not masked")
        case ...longestMasked: launch.hide(value.bytes)
        default: Console.warn("the value for \(place) is longer than 256 KiB: it is not masked")
        }
    }

    /// What is not found is named by its place: what stands behind `TOKEN=` may be a token.
    private static func fetch(
        _ reference: Reference, for place: RunWishes.Place, _ door: any ValueDoor,
        _ disabled: DisabledUse
    ) throws(Complaint) -> OpenedSecret {
        do throws(VaultError) {
            return try door.fetch(
                reference.name, reference.version, disabled: disabled, at: Clock.now())
        } catch {
            guard case .secretMissing = error else { throw Complaint(error) }
            throw Complaint(
                .notFound, "there is no such secret for \(place.words)",
                hint: "`coffer list` lists the names")
        }
    }

    private static func setProfileVariables(
        of opened: borrowing OpenedSecret, in launch: inout Launch, _ call: Invocation
    ) throws(Complaint) {
        for variable in try JobVariable.all(of: opened) {
            let value = try opened.value(of: variable.field)
            if call.has(mask), variable.isSecret { hide(value, of: variable.name, in: &launch) }
            switch variable.delivery {
            case .value: try launch.set(variable.name, value.bytes)
            case .file: try launch.setFile(variable.name, value.bytes)
            }
        }
    }
}

/// What the options of `run` ask for, before a vault is opened.
struct RunWishes {
    enum Place: Hashable, Sendable {
        case environment(String)
        case file(String)
        case descriptor(Int32)
        case standardInput

        var words: String {
            switch self {
            case .environment(let variable), .file(let variable): variable
            case .descriptor(let number): "descriptor \(number)"
            case .standardInput: "standard input"
            }
        }
    }

    private(set) var secrets: [SecretName] = []
    private(set) var tokens: [(variable: String, name: SecretName)] = []
    private(set) var values: [(place: Place, reference: Reference)] = []

    init(_ call: Invocation) throws(Complaint) {
        for text in call.values(of: RunCommand.secret) {
            secrets.append(try SecretName.reading(text))
        }
        for text in call.values(of: RunCommand.environment) {
            let (left, reference) = try Self.split(text, RunCommand.environment)
            values.append(
                (.environment(try Self.variable(left, RunCommand.environment)), reference))
        }
        for text in call.values(of: RunCommand.token) {
            let (left, reference) = try Self.split(text, RunCommand.token)
            guard reference.field == nil, reference.version == .current else {
                throw Complaint(.usage, "`--token` needs VAR=NAME, without a field or a version")
            }
            tokens.append((try Self.variable(left, RunCommand.token), reference.name))
        }
        for text in call.values(of: RunCommand.file) {
            let (left, reference) = try Self.split(text, RunCommand.file)
            values.append((.file(try Self.variable(left, RunCommand.file)), reference))
        }
        for text in call.values(of: RunCommand.descriptor) {
            let (left, reference) = try Self.split(text, RunCommand.descriptor)
            guard let number = Int32(left), (3...255).contains(number), String(number) == left
            else {
                throw Complaint(
                    .usage, "`--fd` needs a descriptor from 3 to 255, as in 3=NAME#FIELD")
            }
            values.append((.descriptor(number), reference))
        }
        if let text = call.value(of: RunCommand.stdin) {
            values.append((.standardInput, try Reference.reading(text)))
        }
        guard !secrets.isEmpty || !values.isEmpty || !tokens.isEmpty else {
            throw Complaint(
                .usage, "`coffer run` needs a secret to hand over",
                hint: "name one with --secret, --env, --token, --file, --fd or --stdin")
        }
    }

    private static func split(
        _ text: String, _ option: Option
    ) throws(Complaint) -> (String, Reference) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw Complaint(.usage, "`\(option.name)` needs \(option.value ?? "")")
        }
        return (String(parts[0]), try Reference.reading(String(parts[1])))
    }

    private static func variable(_ text: String, _ option: Option) throws(Complaint) -> String {
        let isFirstFine = text.utf8.first.map { !(48...57).contains($0) } ?? false
        let isFine = text.utf8.allSatisfy {
            (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 95
        }
        guard isFirstFine, isFine, text.utf8.count <= 255 else {
            throw Complaint(
                .usage, "`\(option.name)` needs the name of a variable in front of the `=`",
                hint: "letters, digits and _, as in ZPA_CLIENT_SECRET")
        }
        return text
    }
}

// `coffer capture`: takes a newly issued secret in and proves that it is stored.
//
// The order is the law: everything that can fail without the value is tried before the value is
// asked for, and once there is a value, nothing but the store itself may keep it from being stored.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum CaptureCommand {
    static let issuer = Option.one(
        "--issuer", "ISSUER", "the issuer's profile (see `coffer issuer list`)", .issuer)
    static let set = Option.many("--set", "FIELD=VALUE", "a public field; never a secret one")
    static let label = Option.one("--label", "TEXT", "free text")
    static let tag = Option.many("--tag", "TAG", "a tag")
    static let expires = Option.one("--expires", "DATE|90d", "when the issuer lets it expire")
    static let maximumAge = Option.one("--max-age", "90d", "age at which it is due for rotation")
    static let replace = Option.flag(
        "--replace", "if the name is taken, store a new version; the current one becomes previous")
    static let stdin = Option.flag("--stdin", "the bytes of standard input are the secret, exactly")
    static let field = Option.one(
        "--field", "FIELD", "which secret field --stdin or --clipboard gives")
    static let jsonInput = Option.one(
        "--json", "FILE|-", "the issuer's JSON, its fields recognised by the profile", .file)
    static let csvInput = Option.one("--csv", "FILE|-", "the issuer's CSV", .file)
    static let clipboard = Option.flag(
        "--clipboard", "take it from the clipboard, and clear that afterwards")
    static let watch = Option.one(
        "--watch", "60s", "with --clipboard: wait so long for something new to be copied")

    static let verify = Option.flag(
        "--verify", "prove it at the issuer once it is stored, and keep when")

    static let verb = Verb(
        words: "capture", summary: "store a newly issued secret",
        details: [
            "Without a way named, asks for what the issuer's profile lists, the secret last and"
                + " hidden. The vault is opened and written to on trial before the value is asked"
                + " for; afterwards it is written, synced, read back and compared before the"
                + " receipt is printed.",
            "With `-- COMMAND` runs the issuing command: its standard output is swallowed and"
                + " parsed, its messages are shown behind the receipt with the secret taken out,"
                + " and its failure is passed on. On a terminal its messages, such as a question"
                + " for a code, are shown as they are when it says something, prints nothing and"
                + " waits for a second. Signals reach the command alone. What it prints is stored"
                + " even if it fails or is not understood.",
            "A value that does not look like the issuer's is a question, never a refusal. While the"
                + " vault is busy with the value in hand, an interrupt is held back; a second one,"
                + " or SIGTERM, ends the waiting in a capsule.",
            "Without a key and without a terminal to ask for one the vault stays locked, and the"
                + " secret is deposited: see `coffer deposit`. What cannot be stored although the"
                + " value is here is printed as a capsule, sealed: `coffer capsule import` takes"
                + " it in.",
            "With --verify the issuer is asked behind the receipt whether it accepts the secret,"
                + " with the profile's call `verify` or `exchange`; curl makes it. What it says and"
                + " when is kept in the public field `verified`. Whatever comes of it, the secret"
                + " stays stored: exit code 8 is a refusal, 1 that nothing is known.",
        ],
        operands: [.required("NAME")],
        options: [
            issuer, set, label, tag, expires, maximumAge, EditCommand.requireReason,
            EditCommand.requireGrant, replace, stdin,
            field, jsonInput,
            csvInput, clipboard, watch, verify, VerbTable.yes,
        ],
        trailing: .optional,
        examples: [
            Example("coffer capture zpa/prod/ci --issuer zpa", "answer prompts, the secret last"),
            Example(
                "coffer capture aws/ci --issuer aws-iam -- aws iam create-access-key --user-name"
                    + " ci",
                "let the issuing command hand the key straight to the vault"),
            Example(
                "coffer capture github/bot --issuer github --clipboard --watch 60s",
                "copy the token in the console within a minute"),
            Example("coffer capture gcp/ci --json key.json", "take a downloaded key file in"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        try refuseSecret(asName: name)
        let way = try CaptureWay(call)
        let now = Clock.now()
        var intake = try CaptureIntake(call, name, .standard, way, now: now)
        let conflict = call.has(replace) ? NameConflict.addVersion : .refuse
        let calling = try calling(call, intake)
        let (session, door) = try VaultAccess.doorIfPossible(call)
        guard let door else {
            let code = try deposit(intake, way, in: session)
            guard calling != nil else { return code }
            throw Complaint(
                .failed, "the secret is deposited, but not verified: the vault is locked")
        }
        if let before = try known(name, door, conflict, way) {
            do throws(Complaint) { intake = try intake.succeeding(before) } catch {
                // It tells what the secret is.
                try describe(name, door)
                throw error
            }
        }
        let captured = try intake.take(by: way)
        let rescue = CaptureRescue(door, session, at: Clock.now())
        let outcome: CaptureRescue.Outcome
        do throws(Complaint) {
            outcome = try rescue.store(
                captured, conflict, forgetting: intake.forgottenField(in: captured.draft))
        } catch {
            captured.messages.show(hiding: captured.secrets)
            throw error
        }
        let unprinted = acknowledge(outcome, captured.draft.name)
        captured.speak()
        remark(on: way)
        let doubt = doubt(of: outcome, captured.secrets, calling, door)
        if let doubt, captured.ending.isForeign { Console.complain(doubt) }
        try finish(captured.ending, session)
        if let doubt { throw doubt }
        guard unprinted == nil else { return .notStored }
        guard case .stored(let receipt) = outcome else { return .failed }
        return receipt.metadata.name == name ? .ok : .failed
    }

    /// What `--verify` needs, before there is a value.
    private static func calling(
        _ call: Invocation, _ intake: CaptureIntake
    ) throws(Complaint) -> IssuerCalling? {
        guard call.has(verify) else { return nil }
        if let profile = intake.profile { try Verification.require(profile) }
        return try IssuerCalling()
    }

    /// Asks the issuer, if that is wanted; what keeps the secret from being proved. It is no error
    /// yet: the clipboard is still to be cleared.
    static func doubt(
        of outcome: CaptureRescue.Outcome, _ secrets: borrowing SecretFields,
        _ calling: IssuerCalling?, _ door: any Door
    ) -> Complaint? {
        guard let calling else { return nil }
        guard case .stored(let receipt) = outcome else {
            return Complaint(.failed, "the secret is deposited, but not verified")
        }
        do throws(Complaint) {
            try Verification.run(receipt, secrets, calling, door)
            return nil
        } catch {
            return error
        }
    }

    /// A locked vault is no obstacle: nobody is here who could be asked for its key.
    private static func deposit(
        _ intake: CaptureIntake, _ way: CaptureWay, in session: Session
    ) throws(Complaint) -> ExitCode {
        Console.note("there is no key and nobody to ask for one: the vault stays locked")
        return try DepositCommand.lay(intake, way, in: session)
    }

    /// The secret that is to get a new version; nil if there is none yet. Questions show its public
    /// fields, so there it is read for someone, and that is entered in the log.
    private static func known(
        _ name: SecretName, _ door: any Door, _ conflict: NameConflict, _ way: CaptureWay
    ) throws(Complaint) -> Metadata? {
        let before = try Complaint.from { () throws(VaultError) in
            try door.preflight(name, conflict, at: Clock.now())
        }
        if before != nil, way.asks { try describe(name, door) }
        return before
    }

    private static func describe(_ name: SecretName, _ door: any Door) throws(Complaint) {
        try Complaint.from { () throws(VaultError) in
            _ = try door.describe(name, at: Clock.now())
        }
    }

    /// A value that was typed in the place of the name would be kept as a name, which is shown.
    static func refuseSecret(asName name: SecretName) throws(Complaint) {
        guard ProfileCatalog.standard.isLikeSecret(name.text) else { return }
        throw Complaint(
            .usage, "what stands in the place of the name looks like a secret",
            hints: [
                "name it first: `coffer capture NAME`, then type the secret at the prompt or use"
                    + " --stdin",
                "what was typed may now be in the shell's history",
            ])
    }

    static func finish(
        _ ending: Captured.Ending, _ session: Session?
    ) throws(Complaint) {
        switch ending {
        case .done: break
        case .clear(let content): try content.clear()
        case .complain(let complaint): throw complaint
        case .passOn(let code):
            session?.end()
            exit(code)
        }
    }

    /// Prints the receipt, or returns why not. Whoever does not get it must know that the secret is
    /// stored all the same, and the clipboard is cleared all the same.
    static func acknowledge(
        _ outcome: CaptureRescue.Outcome, _ name: SecretName
    ) -> Complaint? {
        do throws(Complaint) {
            switch outcome {
            case .stored(let receipt): try Console.out(ReceiptText.lines(receipt))
            case .deposited(let receipt, let reason):
                Console.warn("\(reason.words): the secret was deposited instead")
                try Console.out(DepositWords.deposited(name, receipt))
            }
            try Console.flush()
            return nil
        } catch {
            let complaint = Complaint(
                .notStored, "the secret is stored, but its receipt was not: \(error.words)")
            Console.complain(complaint)
            return complaint
        }
    }

    /// Reminds of a document that has done its work.
    static func remark(on way: CaptureWay) {
        switch way {
        case .json(let path), .csv(let path): PlainFile.remark(on: path)
        case .prompts, .standardInput, .clipboard, .command: break
        }
    }
}

/// How the value reaches us.
enum CaptureWay: Hashable, Sendable {
    case prompts
    case standardInput(FieldName?)
    case json(path: String)
    case csv(path: String)
    /// `patience` in seconds: how long to wait for something new, or nil to take what is there.
    case clipboard(FieldName?, patience: UInt64?)
    case command([String])

    /// Whether a person is asked for public fields.
    var asks: Bool {
        switch self {
        case .prompts: true
        case .clipboard: Terminal.isInteractive
        case .standardInput, .json, .csv, .command: false
        }
    }

    init(_ call: Invocation) throws(Complaint) {
        let given =
            [
                CaptureCommand.stdin, CaptureCommand.jsonInput, CaptureCommand.csvInput,
                CaptureCommand.clipboard,
            ].filter(call.has).map { "`\($0.name)`" }
            + (call.command == nil ? [] : ["`-- COMMAND`"])
        guard given.count <= 1 else {
            throw Complaint(.usage, "\(given.joined(separator: " and ")) exclude each other")
        }
        let field = try Self.field(call)
        let patience = try call.duration(CaptureCommand.watch)
        if patience != nil, !call.has(CaptureCommand.clipboard) {
            throw Complaint(.usage, "`--watch` needs `--clipboard`")
        }
        if let patience, !(1...600).contains(patience) {
            throw Complaint(.usage, "`--watch` waits from 1s to 10m")
        }
        if let command = call.command {
            self = .command(command)
        } else if let path = try call.documentPath(CaptureCommand.jsonInput) {
            self = .json(path: path)
        } else if let path = try call.documentPath(CaptureCommand.csvInput) {
            self = .csv(path: path)
        } else if call.has(CaptureCommand.stdin) {
            self = .standardInput(field)
        } else if call.has(CaptureCommand.clipboard) {
            self = .clipboard(field, patience: patience)
        } else {
            self = .prompts
        }
    }

    private static func field(_ call: Invocation) throws(Complaint) -> FieldName? {
        guard let text = call.value(of: CaptureCommand.field) else { return nil }
        guard call.has(CaptureCommand.stdin) || call.has(CaptureCommand.clipboard) else {
            throw Complaint(.usage, "`--field` needs `--stdin` or `--clipboard`")
        }
        guard let field = FieldName(text) else {
            throw Complaint(.usage, "`--field` needs the name of a field, such as client_secret")
        }
        return field
    }
}

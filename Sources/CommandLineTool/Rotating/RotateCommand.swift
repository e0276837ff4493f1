// `coffer rotate`: a new key at the issuer in the place of the old one.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

enum RotateCommand {
    static let plan = Option.flag("--plan", "say what would be done; nothing is changed")
    static let guided = Option.flag(
        "--guided", "a person makes the new key at the console, and deletes the old one there")
    static let from = Option.one(
        "--from", "COMMAND", "a command for sh that prints the new key on standard output")
    static let verifyWith = Option.one(
        "--verify-with", "COMMAND",
        "a command for sh that gets a key on standard input; exit code 0: it is accepted")
    static let revokeWith = Option.one(
        "--revoke-with", "COMMAND",
        "a command for sh that gets the old key on standard input and deletes it")
    static let admin = Option.one(
        "--admin", "NAME", "the secret that keys are administered with at the issuer")
    static let grace = Option.one(
        "--grace", "1d", "how long both keys are valid; that of the last rotation if left out")
    static let resume = Option.flag("--resume", "go on with the rotation that runs")
    static let abandon = Option.flag("--abandon", "take the rotation back that runs")
    static let now = Option.flag("--now", "leave out what is left of the grace")
    static let due = Option.flag("--due", "go on with what waits, and begin what is due")
    static let deleteKey = Option.many(
        "--delete-key", "ID", "delete this key at the issuer, which nothing here holds")
    static let keepKey = Option.many("--keep-key", "ID", "keep it there, and name it no more")

    /// For how long both keys are valid unless told otherwise, in seconds.
    static let usualGrace: UInt64 = 86_400

    static let verb = Verb(
        words: "rotate", summary: "replace a key at its issuer",
        details: [
            "Makes a new key with the issuer's own calls, stores it as a pending version before"
                + " anything else looks at it, verifies it, makes it the current version, keeps"
                + " both valid for the grace, then switches the old one off and deletes it. Each"
                + " step is on disk before it is taken: whatever ends this, --resume goes on"
                + " where it was, and a key that was made and never arrived is found in the"
                + " issuer's list and offered for deletion.",
            "When the grace is to be waited for, it ends with exit code 0: `--resume`, or"
                + " `--due` from a timer, goes on when it is over. --abandon puts the old key"
                + " back, which is switched on again where the issuer can do that.",
            "Where the issuer exchanges the value in place, the old one is dead at once and there"
                + " is no grace. Where it has no calls, or with --guided, a person makes the key"
                + " at the console; the ways of `coffer capture` take it in. With --from the"
                + " user's own commands do it: values are on standard input and output only,"
                + " public fields in variables such as $COFFER_FIELD_KEY_ID. They are given anew"
                + " with --resume.",
            "--admin names the secret that proves that we may; it is kept in the public field"
                + " `administered_by`. --due asks nothing: exit code 11 if something needs a"
                + " person.",
        ],
        operands: [.optional("NAME")],
        options: [
            plan, guided, from, verifyWith, revokeWith, admin, grace, CaptureCommand.expires,
            resume, abandon, now, due, deleteKey, keepKey, CaptureCommand.set,
            CaptureCommand.stdin, CaptureCommand.field, CaptureCommand.clipboard,
            CaptureCommand.watch, VerbTable.yes,
        ],
        examples: [
            Example("coffer rotate zpa/prod/ci --plan", "what would be done"),
            Example("coffer rotate aws/ci --grace 2d", "both keys work for two days"),
            Example("coffer rotate aws/ci --resume", "later: the old one goes"),
            Example("coffer rotate github/bot --guided --clipboard --watch 5m", "no call makes it"),
            Example("coffer rotate --due", "from a timer"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        try check(call)
        let session: Session
        let door: any Door
        do {
            let (found, open) = try VaultAccess.doorIfPossible(call, for: .changing)
            guard let open else { throw Complaint(VaultError.locked) }
            (session, door) = (found, open)
        }
        guard !call.has(due) else {
            return try DueRotations(call, session, door).run(isPlanOnly: call.has(plan))
        }
        let name = try call.secretName(0)
        let rotation = try OneRotation(name, call, session, door, isHasty: call.has(now))
        if call.has(plan) { return try rotation.showPlan() }
        if call.has(resume) || call.has(now) {
            return try rotation.goOn(from: .resume)
        }
        if call.has(abandon) { return try rotation.goOn(from: .abandon) }
        return try rotation.begin()
    }

    private static func check(_ call: Invocation) throws(Complaint) {
        guard (call.optionalOperand(0) == nil) == call.has(due) else {
            throw Complaint(.usage, "`coffer rotate` needs a NAME or \(due.name)")
        }
        for group in [
            [plan, resume, abandon], [due, resume], [due, abandon], [due, guided], [due, from],
            [due, now],
            [due, VerbTable.yes], [due, admin], [due, deleteKey], [due, keepKey],
            [due, CaptureCommand.stdin], [due, CaptureCommand.clipboard],
            [guided, from], [abandon, now], [plan, now],
        ] {
            let given = group.filter(call.has)
            guard given.count <= 1 else {
                throw Complaint(
                    .usage,
                    "\(given.map { "`\($0.name)`" }.joined(separator: " and ")) exclude each other")
            }
        }
        for option in [verifyWith, revokeWith] where call.has(option) {
            guard call.has(from) || call.has(resume) || call.has(abandon) || call.has(now) else {
                throw Complaint(.usage, "`\(option.name)` needs `\(from.name)`")
            }
        }
    }
}

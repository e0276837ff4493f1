// `coffer deliver`: seals a secret to a job, or takes that back.

internal import AgentService
internal import VaultModel

enum DeliverCommand {
    static let recipient = Option.one("--to", "JOB", "the job, as `coffer job list` names it")
    static let expires = Option.one(
        "--expires", "DATE|90d", "how long the job may open it; without it until it is revoked")
    static let revoke = Option.flag("--revoke", "take the delivery out")
    static let list = Option.flag("--list", "list what is delivered to which job")

    static let verb = Verb(
        words: "deliver", summary: "let a job open a secret while the vault is locked",
        details: [
            "The current version is sealed to the job, and so is each one that becomes current"
                + " later. When the secret is renamed, its delivery is; when it is disabled,"
                + " removed or purged, or the time is over, the delivery is taken out, and has to"
                + " be made anew.",
            "A secret that is used only with a reason is delivered with one, and its job gives one"
                + " each time.",
        ],
        operands: [.optional("SECRET")],
        options: [recipient, expires, revoke, list, VerbTable.json],
        examples: [
            Example("coffer deliver db/backup --to backup --expires 90d", "for a quarter"),
            Example("coffer deliver db/backup --to backup --revoke", "no longer"),
            Example("coffer deliver --list", "which job may open what"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        if call.has(list) { return try listDeliveries(call) }
        guard call.optionalOperand(0) != nil else {
            throw Complaint(.usage, "SECRET is missing", hint: verb.usage)
        }
        let name = try call.secretName(0)
        guard let text = call.value(of: recipient) else {
            throw Complaint(
                .usage, "`coffer deliver` needs a job", hint: "name it with --to JOB")
        }
        guard !call.has(VerbTable.json) else {
            throw Complaint(.usage, "`--json` is for `--list`")
        }
        let job = try SecretName.reading(text)
        return call.has(revoke) ? try withdraw(name, job, call) : try deliver(name, job, call)
    }

    private static func deliver(
        _ name: SecretName, _ job: SecretName, _ call: Invocation
    ) throws(Complaint) -> ExitCode {
        let until = try call.expiry(expires, now: Clock.now())
        if let until, until <= Clock.now() {
            throw Complaint(.usage, "`\(expires.name)` names a time that is over")
        }
        let session = try VaultAccess.unlocked(call, for: .changing)
        try Complaint.from { () throws(VaultError) in
            try session.deliver(name, to: job, until: until, at: Clock.now())
        }
        try Console.out("delivered \"\(name)\" to \"\(job)\" \(JobWords.time(until))\n")
        return .ok
    }

    private static func withdraw(
        _ name: SecretName, _ job: SecretName, _ call: Invocation
    ) throws(Complaint) -> ExitCode {
        guard !call.has(expires) else {
            throw Complaint(.usage, "`\(revoke.name)` and `\(expires.name)` exclude each other")
        }
        let session = try VaultAccess.unlocked(call, for: .changing)
        let rows = try Complaint.from { () throws(VaultError) in
            try session.withdraw(name, from: job, at: Clock.now())
        }
        try Console.out("\"\(name)\" is no longer delivered to \"\(job)\"\n")
        Console.remark(on: rows)
        return .ok
    }

    private static func listDeliveries(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard call.operands.isEmpty, !call.has(recipient), !call.has(revoke), !call.has(expires)
        else { throw Complaint(.usage, "`\(list.name)` takes nothing but `--json`") }
        let session = try VaultAccess.unlocked(call, for: .reading)
        let jobs = try Complaint.from { () throws(VaultError) in
            try session.jobs(at: Clock.now())
        }
        let deliveries = jobs.flatMap { job in job.deliveries.map { (job, $0) } }
            .sorted { ($0.1.name, $0.0.name) < ($1.1.name, $1.0.name) }
        if call.has(VerbTable.json) {
            try Console.out(JSONText.array(deliveries.map(json)).text + "\n")
        } else {
            try Console.out(
                Columns.text(
                    deliveries.map { job, delivery in
                        ("\(delivery.name)", "to \(job.name) \(JobWords.time(delivery.expires))")
                    }))
        }
        return .ok
    }

    private static func json(_ job: Job, _ delivery: Delivery) -> JSONText {
        .object([
            ("secret", .string(delivery.name.text)), ("job", .string(job.name.text)),
            ("expires", AuditJSON.text(delivery.expires?.description)),
        ])
    }
}

extension JSONReference {
    static let delivery = Table(
        title: "Deliveries",
        about: "`coffer deliver --list --json` prints an array of them.",
        members: [
            ("secret", "its name"), ("job", "the name of the job"),
            ("expires", "date, or null if it is delivered until it is revoked"),
        ])
}

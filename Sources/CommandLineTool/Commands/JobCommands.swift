// `coffer job add|list|remove`: who opens what is delivered while the vault stays locked.

internal import AgentService
internal import SecretMemory
internal import VaultModel

enum JobCommands {
    static let identityFile = Option.one(
        "--identity-file", "FILE", "write the job's identity to this new file (0600)", .file)

    static let add = Verb(
        words: "job add", summary: "add a job that needs no person",
        details: [
            "A job has an identity: a file with which `coffer get --job-file` and `coffer run"
                + " --job-file` open what is delivered to it, and nothing else, while the vault"
                + " stays locked. The vault keeps its public half.",
            "Whoever has the file and a copy of the vault opens what is delivered: keep it where"
                + " only the job reads it, as with systemd's LoadCredentialEncrypted=.",
        ],
        operands: [.required("NAME")], options: [identityFile],
        examples: [
            Example("coffer job add ci/deploy --identity-file deploy.job", "then deliver to it")
        ],
        run: addJob)

    static let list = Verb(
        words: "job list", summary: "list the jobs and what is delivered to them",
        options: [VerbTable.json],
        examples: [Example("coffer job list", "which job may open what, and until when")],
        run: listJobs)

    static let remove = Verb(
        words: "job remove", summary: "remove a job and all that is delivered to it",
        details: [
            "Whoever has its identity and an older copy of the vault still opens that copy: new"
                + " values do what removal cannot."
        ],
        operands: [.required("NAME")],
        examples: [Example("coffer job remove ci/deploy", "its identity opens nothing any more")],
        run: removeJob)

    private static func addJob(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        guard let path = call.value(of: identityFile) else {
            throw Complaint(
                .usage, "`coffer job add` needs a place for the job's identity",
                hint: "name a new file with --identity-file FILE")
        }
        try NewFile.refuseTaken(path)
        let session = try VaultAccess.unlocked(call, for: .changing)
        let identity = try Complaint.from { () throws(VaultError) in
            try session.newIdentity(named: name)
        }
        // A signal in between would leave the file of a job that there is not.
        _ = HeldSignals.hold()
        // On disk before there is a job: an identity without one opens nothing.
        let file = try NewFile(identity, at: path)
        let job = try Complaint.from { () throws(VaultError) in
            try session.addJob(identity, at: Clock.now())
        }
        file.keep()
        try Console.out(
            "added the job \"\(job.name)\"\n"
                + Columns.text([("id      ", "\(job.id)"), ("identity", Escaped.path(path))]))
        return .ok
    }

    private static func listJobs(_ call: Invocation) throws(Complaint) -> ExitCode {
        let session = try VaultAccess.unlocked(call, for: .reading)
        let jobs = try Complaint.from { () throws(VaultError) in
            try session.jobs(at: Clock.now())
        }
        if call.has(VerbTable.json) {
            try Console.out(JSONText.array(jobs.map(json)).text + "\n")
        } else {
            for job in jobs { try Console.out(text(job)) }
        }
        return .ok
    }

    private static func text(_ job: Job) -> String {
        "\(job.name)\n"
            + Columns.text(
                job.deliveries.map { ("\($0.name)", JobWords.time($0.expires)) })
    }

    static func json(_ job: Job) -> JSONText {
        .object([
            ("name", .string(job.name.text)), ("id", .string(job.id.description)),
            ("created", .string(job.created.description)),
            (
                "deliveries",
                .array(
                    job.deliveries.map { delivery in
                        .object([
                            ("secret", .string(delivery.name.text)),
                            ("expires", AuditJSON.text(delivery.expires?.description)),
                        ])
                    })
            ),
        ])
    }

    private static func removeJob(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let session = try VaultAccess.unlocked(call, for: .changing)
        let rows = try Complaint.from { () throws(VaultError) in
            try session.removeJob(name, at: Clock.now())
        }
        try Console.out("removed the job \"\(name)\"\n")
        Console.remark(on: rows)
        return .ok
    }
}

extension JSONReference {
    static let job = Table(
        title: "Jobs", about: "`coffer job list --json` prints an array of them.",
        members: [
            ("name", "text"), ("id", "32 hexadecimal digits"), ("created", "date"),
            (
                "deliveries",
                "array of `secret`, its name, and `expires`, a date or null: in the order of names"
            ),
        ])
}

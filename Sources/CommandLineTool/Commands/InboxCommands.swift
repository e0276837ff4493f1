// `coffer inbox list|accept`: what was deposited, and putting it into use.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum InboxCommands {
    static let list = Verb(
        words: "inbox list", summary: "list deposits and versions that wait to be accepted",
        details: [
            "Without a key it shows what lies in the inbox, for whichever vault it is; with one,"
                + " that was taken in, and the pending versions are listed by name. What is"
                + " quarantined did not open, or could not be stored: see `coffer inbox show`,"
                + " `retry`, `export` and `discard`."
        ],
        options: [VerbTable.json],
        examples: [Example("coffer inbox list", "what waits")],
        run: listInbox)

    static let accept = Verb(
        words: "inbox accept", summary: "put a pending version into use",
        details: [
            "It becomes the current version, and the current one the previous; what is said of the"
                + " secret, and the rules of its use, stay. If several wait, NAME@N names one:"
                + " `coffer inbox show` shows what it is."
        ],
        operands: [.required("NAME[@N]")],
        examples: [Example("coffer inbox accept zpa/prod/ci", "`get` and `run` hand it out now")],
        run: acceptVersion)

    private static func listInbox(_ call: Invocation) throws(Complaint) -> ExitCode {
        let (session, door) = try VaultAccess.doorIfPossible(call, for: .reading)
        let waiting = try Complaint.from { () throws(VaultError) in
            try session.waitingDeposits()
        }
        let pending = try door.map(pendingVersions) ?? []
        if call.has(VerbTable.json) {
            try Console.out(json(waiting, pending).text + "\n")
        } else {
            try Console.out(text(waiting, pending))
        }
        return .ok
    }

    private typealias Pending = (name: SecretName, version: VersionSummary)

    private static func pendingVersions(_ door: any Door) throws(Complaint) -> [Pending] {
        let inventory = try Complaint.from { () throws(VaultError) in
            try door.list(prefix: "", removed: .hide, at: Clock.now())
        }
        return inventory.secrets.flatMap { secret in
            secret.versions.filter { $0.state == .pending }.map { (secret.name, $0) }
        }
    }

    private static func text(_ waiting: [WaitingDeposit], _ pending: [Pending]) -> String {
        Columns.text(
            waiting.map { deposit in
                (
                    deposit.isQuarantined ? "quarantined" : "waiting",
                    "\(deposit.id)  \(deposit.size) bytes"
                )
            }
                + pending.map {
                    ("pending", "\($0.name)@\($0.version.number)  \($0.version.created.date)")
                })
    }

    private static func json(_ waiting: [WaitingDeposit], _ pending: [Pending]) -> JSONText {
        .object([
            (
                "deposits",
                .array(
                    waiting.map { deposit in
                        .object([
                            ("id", .string(deposit.id.description)),
                            ("state", .string(deposit.isQuarantined ? "quarantined" : "waiting")),
                            ("size", .integer(Int(deposit.size))),
                        ])
                    })
            ),
            (
                "pending",
                .array(
                    pending.map { name, version in
                        .object([
                            ("name", .string(name.text)),
                            ("version", .integer(Int(version.number))),
                            ("created", .string(version.created.date)),
                        ])
                    })
            ),
        ])
    }

    private static func acceptVersion(_ call: Invocation) throws(Complaint) -> ExitCode {
        let (name, number) = try InboxItem.version(call.reference(0))
        let door = try VaultAccess.door(call, for: .changing)
        let accepted = try Complaint.from { () throws(VaultError) in
            try door.accept(name, number, at: Clock.now())
        }
        try Console.out(
            "accepted \"\(name)\" version \(accepted.receipt.version.number)\n"
                + DepositWords.rows(accepted))
        return .ok
    }
}

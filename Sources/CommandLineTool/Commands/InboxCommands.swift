// `coffer inbox list|accept`: what was deposited, and putting it into use.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum InboxCommands {
    static let list = Verb(
        words: "inbox list", summary: "list deposits and versions that wait to be accepted",
        details: [
            "Without a key it shows what lies in the inbox; with one, that was taken in, and the"
                + " pending versions are listed by name."
        ],
        options: [VerbTable.json],
        examples: [Example("coffer inbox list", "what waits")],
        run: listInbox)

    static let accept = Verb(
        words: "inbox accept", summary: "put a pending version into use",
        details: [
            "It becomes the current version, and the current one the previous. NAME@N takes the"
                + " pending version N, NAME the newest pending one."
        ],
        operands: [.required("NAME[@N]")],
        examples: [Example("coffer inbox accept zpa/prod/ci", "`get` and `run` hand it out now")],
        run: acceptVersion)

    private static func listInbox(_ call: Invocation) throws(Complaint) -> ExitCode {
        let (session, isOpen) = try VaultAccess.unlockedIfPossible(call, for: .reading)
        let waiting = try Complaint.from { () throws(VaultError) in
            try session.waitingDeposits()
        }
        let pending = isOpen ? try pendingVersions(session) : []
        if call.has(VerbTable.json) {
            try Console.out(json(waiting, pending).text + "\n")
        } else {
            try Console.out(text(waiting, pending))
        }
        return .ok
    }

    private typealias Pending = (name: SecretName, version: VersionSummary)

    private static func pendingVersions(_ session: Session) throws(Complaint) -> [Pending] {
        let inventory = try Complaint.from { () throws(VaultError) in
            try session.list(prefix: "", removed: .hide, at: Clock.now())
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
        let reference = try call.reference(0)
        guard reference.field == nil else {
            throw Complaint(.usage, "a version is accepted with all its fields")
        }
        let number: UInt32?
        switch reference.version {
        case .number(let given): number = given
        case .current, .pending: number = nil
        case .previous: throw Complaint(.usage, "name the number of a pending version")
        }
        let session = try VaultAccess.unlocked(call, for: .changing)
        let metadata = try Complaint.from { () throws(VaultError) in
            try session.accept(reference.name, number, at: Clock.now())
        }
        let current = metadata.version(.current)?.number ?? 0
        try Console.out("accepted \"\(metadata.name)\" version \(current)\n")
        return .ok
    }
}

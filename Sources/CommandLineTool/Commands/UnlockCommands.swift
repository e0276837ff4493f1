// `coffer unlock`, `coffer lock` and `coffer status`: the agent from a person's side.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum UnlockCommands {
    static let unlock = Verb(
        words: "unlock", summary: "open the vault and keep it open",
        details: [
            "Asks for the passphrase once; other commands then need none until the vault is locked"
                + " again. Starts the agent if there is none."
        ],
        options: [AgentCommand.idle, AgentCommand.most],
        examples: [
            Example("coffer unlock", "until nothing was asked for 15 minutes, at most 8 hours"),
            Example("coffer unlock --idle 2m", "for a few commands"),
        ],
        run: runUnlock)

    static let lock = Verb(
        words: "lock", summary: "lock the vault and wipe its keys",
        examples: [Example("coffer lock", "until the next unlock")],
        run: runLock)

    static let status = Verb(
        words: "status", summary: "say whether the vault is unlocked",
        details: ["Exit code 0 if it is, 3 if it is locked or no agent is there."],
        options: [VerbTable.json],
        examples: [Example("coffer status", "for a script: its exit code says so")],
        run: runStatus)

    private static func runUnlock(_ call: Invocation) throws(Complaint) -> ExitCode {
        let times = try AgentCommand.lockTimes(call)
        let place = try AgentPlace(call)
        // Whatever is wrong with the file is said before a passphrase is asked for.
        let facts = try VaultAccess.locked(call, for: .reading)
        let agent = try agent(at: place, call)
        guard agent.status?.isOpen != true else {
            Console.note("the vault is unlocked already")
            return .ok
        }
        let offer = try VaultAccess.offer(call, to: facts)
        facts.end()
        let choice: RollbackChoice = call.has(VerbTable.acceptRollback) ? .accept : .refuse
        let found = try Complaint.from { () throws(VaultError) in
            try agent.unlock(with: offer, rollback: choice, times)
        }
        if let found { VaultAccess.remark(on: found) }
        return .ok
    }

    /// The agent that is there, or one that is started for it.
    private static func agent(
        at place: AgentPlace, _ call: Invocation
    ) throws(Complaint) -> AgentClient {
        for isLast in [false, true] {
            if let agent = try connect(place, call) { return agent }
            guard !isLast else { break }
            do throws(Complaint) { try AgentCommand.start(place, LockTimes()) } catch {
                // Another one was faster.
                guard error.code == .busy else { throw error }
            }
        }
        throw Complaint(
            .busy, "an agent runs that does not answer for this vault",
            hint: "it may be of another release: end it, then try again")
    }

    /// The agent of the vault, greeted, or nil.
    static func connect(
        _ place: AgentPlace, _ call: Invocation
    ) throws(Complaint) -> AgentClient? {
        let reason = try call.reason()
        return try Complaint.from { () throws(VaultError) -> AgentClient? in
            guard let agent = try AgentAccess.connect(place, reason: reason), try agent.greet()
            else { return nil }
            return agent
        }
    }

    private static func runLock(_ call: Invocation) throws(Complaint) -> ExitCode {
        if let agent = try connect(AgentPlace(call), call) {
            try Complaint.from { () throws(VaultError) in try agent.lock() }
        }
        return .ok
    }

    private static func runStatus(_ call: Invocation) throws(Complaint) -> ExitCode {
        let place = try AgentPlace(call)
        let status = try connect(place, call)?.status
        let isOpen = status?.isOpen ?? false
        if call.has(VerbTable.json) {
            try Console.out(json(place, status).text + "\n")
        } else {
            try Console.out(words(status) + "\n")
        }
        return isOpen ? .ok : .locked
    }

    private static func words(_ status: AgentStatus?) -> String {
        guard let status else { return "locked: no agent" }
        guard status.isOpen else { return "locked: agent \(status.process) holds no key" }
        return "unlocked by agent \(status.process), locks in \(time(status.remaining))"
    }

    private static func time(_ seconds: UInt64) -> String {
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
        if hours > 0 { return "\(hours)h \(minutes)m" }
        return minutes > 0 ? "\(minutes)m \(seconds % 60)s" : "\(seconds)s"
    }

    private static func json(_ place: AgentPlace, _ status: AgentStatus?) -> JSONText {
        .object([
            ("vault", .string(place.vault)),
            ("unlocked", .boolean(status?.isOpen ?? false)),
            ("agent", status.map { .integer(Int($0.process)) } ?? .null),
            (
                "locks_in_seconds",
                status.flatMap { $0.isOpen ? .integer(Int(clamping: $0.remaining)) : nil } ?? .null
            ),
        ])
    }
}

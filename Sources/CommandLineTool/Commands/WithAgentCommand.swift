// `coffer with-agent`: a command with an agent of its own, for where nobody logs in.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import SecretMemory
internal import VaultModel

enum WithAgentCommand {
    static let verb = Verb(
        words: "with-agent", summary: "run a command with an open vault of its own",
        details: [
            "Opens the vault for the command and whatever it starts, as `coffer unlock` does, in an"
                + " agent that others do not find and that ends with the command. For containers"
                + " and scheduled jobs: one key, asked for or derived once.",
            "The command finds it by COFFER_AGENT_DIR, and the vault by COFFER_VAULT. It takes the"
                + " place of coffer: signals, terminal and exit code are its own.",
        ],
        options: [AgentCommand.idle, AgentCommand.most],
        trailing: .required,
        examples: [
            Example(
                "coffer with-agent --key-file /run/secrets/vault.key -- ./nightly.sh",
                "the script calls `coffer get` as often as it likes")
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let times = try AgentCommand.lockTimes(call)
        var launch = try Launch(command: call.command ?? [])
        let folder = try makeFolder()
        let place = AgentPlace(try AgentPlace(call), in: folder)
        do throws(Complaint) { try open(place, times, call) } catch {
            _ = unsafe rmdir(folder)
            throw error
        }
        try set(Places.agentFolderVariable, folder, in: &launch)
        try set("COFFER_VAULT", place.vault, in: &launch)
        exit(try launch.begin())
    }

    /// Starts the agent, which ends when this process ends, or the command in its place.
    private static func open(
        _ place: AgentPlace, _ times: LockTimes, _ call: Invocation
    ) throws(Complaint) {
        // Whatever is wrong with the file is said before a key is asked for.
        let facts = try VaultAccess.locked(call, for: .reading)
        let offer = try VaultAccess.offer(call, to: facts)
        facts.end()
        try AgentCommand.start(place, times, isForUs: true)
        guard let agent = try UnlockCommands.connect(place, call) else {
            throw Complaint(.failed, "the agent that was started does not answer")
        }
        let choice: RollbackChoice = call.has(VerbTable.acceptRollback) ? .accept : .refuse
        let found = try Complaint.from { () throws(VaultError) in
            try agent.unlock(with: offer, rollback: choice, times)
        }
        if let found { VaultAccess.remark(on: found) }
    }

    /// A folder that nobody else has.
    private static func makeFolder() throws(Complaint) -> String {
        let above = try Complaint.from { () throws(VaultError) in
            try SocketFolder.make(at: Places.usualSockets)
        }
        let path = "\(above.path)/with-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        guard unsafe mkdir(path, 0o700) == 0 else {
            throw Complaint(
                .notStored, "cannot make \(Escaped.path(path)): \(SystemError.words(errno))")
        }
        return path
    }

    private static func set(
        _ variable: String, _ text: String, in launch: inout Launch
    ) throws(Complaint) {
        var bytes = SecretBytes(capacity: text.utf8.count)
        for byte in text.utf8 { bytes.append(byte) }
        try launch.set(variable, bytes.bytes)
    }
}

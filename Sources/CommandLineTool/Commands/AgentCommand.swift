// `coffer agent`: the process that keeps the vault open for others.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import VaultModel

enum AgentCommand {
    static let foreground = Option.flag(
        "--foreground", "stay in front, for a service manager or to look on")
    static let stop = Option.flag("--stop", "lock and end the one that runs")
    static let idle = Option.one(
        "--idle", "TIME", "lock when nothing was asked for so long (default 15m)")
    static let most = Option.one("--max", "TIME", "lock after so long in any case (default 8h)")

    static let verb = Verb(
        words: "agent", summary: "start the process that keeps a vault open",
        details: [
            "`coffer unlock` starts it by itself. It holds no key until then; it locks when it is"
                + " idle, after --max, on SIGHUP and SIGUSR1, and ends on SIGTERM.",
            "It listens on a socket that only processes of the same user may speak to. Every use is"
                + " in the audit log, with the process that asked.",
        ],
        options: [foreground, stop, idle, most],
        examples: [
            Example("coffer agent --idle 5m --max 1h", "one that locks early"),
            Example("coffer agent --foreground", "as systemd starts it"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        // Before there is anything in locked memory.
        let lifeline = try AgentLifeline.take()
        let times = try lockTimes(call)
        let place = try AgentPlace(call)
        if call.has(stop) {
            let agent = try UnlockCommands.connect(place, call)
            try Complaint.from { () throws(VaultError) in try agent?.lock(ends: true) }
            return .ok
        }
        guard call.has(foreground) || ProcessBehind.readiness != nil else {
            try start(place, times)
            return .ok
        }
        guard let readiness = ProcessBehind.readiness else {
            try serve(place, times, lifeline) {}
            return .ok
        }
        var isTold = false
        do throws(Complaint) {
            try serve(place, times, lifeline) {
                isTold = true
                ProcessBehind.tell(readiness, nil)
            }
        } catch {
            if !isTold { ProcessBehind.tell(readiness, error) }
            throw error
        }
        return .ok
    }

    /// `--idle` and `--max`.
    static func lockTimes(_ call: Invocation) throws(Complaint) -> LockTimes {
        let times = LockTimes(idle: try call.duration(idle), most: try call.duration(most))
        for (option, time) in [(idle, times.idle), (most, times.most)] {
            guard let time else { continue }
            guard (1...AutoLock.longest).contains(time) else {
                throw Complaint(.usage, "`\(option.name)` needs a time from 1s to 8h")
            }
        }
        return times
    }

    /// Starts an agent behind us; it is there when this returns.
    static func start(
        _ place: AgentPlace, _ times: LockTimes, isForUs: Bool = false
    ) throws(Complaint) {
        var words = ["agent", "--foreground", "--vault", place.vault]
        if let idle = times.idle { words += [Self.idle.name, "\(idle)s"] }
        if let most = times.most { words += [Self.most.name, "\(most)s"] }
        guard isForUs || Places.agentFolder == nil else {
            throw Complaint(
                .refused, "the agent that this command was started with has ended",
                hint: "start another command with `coffer with-agent`")
        }
        if isForUs {
            try AgentLifeline.start(words, in: place.folder)
        } else {
            try ProcessBehind.start(words, [Places.agentFolderVariable])
        }
    }

    /// Listens until it is told to end.
    private static func serve(
        _ place: AgentPlace, _ times: LockTimes, _ lifeline: Int32?, whenReady: () -> Void
    ) throws(Complaint) {
        let settings = Server.Settings(
            path: place.vault, memory: Places.state, autoLock: AutoLock(times),
            lifeline: lifeline)
        if let listener = Places.handedSocket {
            Server(listener: listener, settings, now: Clock.now, remark: VaultAccess.remark).run()
            return
        }
        let folder = try Complaint.from { () throws(VaultError) in
            try SocketFolder.make(at: place.folder)
        }
        let listener = try Complaint.from { () throws(VaultError) in
            try folder.lock(place.lock)
            return try folder.listen(as: place.socket)
        }
        let server = Server(
            listener: listener, settings, now: Clock.now, remark: VaultAccess.remark)
        // From here on nothing of whoever started us is needed, nor may it be held.
        if ProcessBehind.readiness != nil { _ = setsid() }
        _ = unsafe chdir("/")
        whenReady()
        server.run()
        folder.remove(place.socket)
        guard lifeline != nil else { return }
        folder.remove(place.lock)
        _ = unsafe rmdir(folder.path)
    }
}

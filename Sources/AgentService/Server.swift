// The agent's loop: one thread, many connections, none of which can hold up another.

internal import AgentProtocol
internal import CLinux
internal import Glibc
internal import SecretMemory
internal import VaultCore
public import VaultModel

/// Listens on a socket and answers for one vault until it is told to end.
@safe
public final class Server {
    /// What an agent is for and when it stops.
    public struct Settings: Sendable {
        public let path: String
        /// The folder where it is remembered what was last seen of vaults, or nil.
        public let memory: String?
        public let autoLock: AutoLock
        /// Readable when the agent is to end, or nil.
        public let lifeline: Int32?

        public init(
            path: String, memory: String?, autoLock: AutoLock, lifeline: Int32? = nil
        ) {
            self.path = path
            self.memory = memory
            self.autoLock = autoLock
            self.lifeline = lifeline
        }
    }

    /// Most connections at once. Beyond them the one is closed that has been silent longest, of
    /// those first that have not even greeted: who is served is none of those.
    static let mostConnections = 256
    /// Connections that are accepted before others have their turn.
    private static let mostAtOnce = 64
    /// Milliseconds of silence after which reads are signed and brought to disk.
    private static let settling: Int64 = 1_000
    /// Milliseconds for which refused peers share an entry.
    private static let coalescing: Int64 = 60_000

    private let listener: Int32
    private let held: sigset_t
    private let signals: Int32
    private let alarm: Int32
    /// -1 if there is none, which poll(2) passes over.
    private let lifeline: Int32
    private let now: () -> Timestamp
    private let custodian: Custodian
    private var autoLock: AutoLock
    private var connections: [Int32: Connection] = [:]
    /// Those that asked for a secret in this turn.
    private var fetching = FetchQueue()
    /// When something was last asked that the log tells of.
    private var unsettledSince: Int64?
    private var refused: (count: UInt64, since: Int64) = (0, 0)
    private var isEnding = false

    /// Takes over a listening socket that does not block, and blocks the signals that lock or end
    /// it.
    public init(
        listener: Int32, _ settings: Settings, now: @escaping () -> Timestamp,
        remark: @escaping (VaultError) -> Void
    ) {
        self.listener = listener
        self.now = now
        autoLock = settings.autoLock
        lifeline = settings.lifeline ?? -1
        custodian = Custodian(path: settings.path, memory: settings.memory, remark: remark)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { unsafe sigaddset(&set, number) }
        _ = unsafe sigprocmask(SIG_BLOCK, &set, nil)
        held = set
        coffer_keep_little_memory()
        signals = unsafe coffer_signal_descriptor(&set)
        alarm = coffer_alarm()
        custodian.book.isInterrupted = { [signals] in
            var waiting = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&waiting, 1, 0) > 0
        }
    }

    /// Answers until a signal ends it. Whatever is open is locked then.
    public func run() {
        while !isEnding { turn() }
        connections = [:]
        lock()
    }

    private func turn() {
        setAlarm()
        var waiting = [listener, signals, alarm, lifeline].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        for connection in connections.values {
            let events = connection.isWriting ? POLLOUT : POLLIN
            waiting.append(
                pollfd(fd: connection.descriptor, events: Int16(events), revents: 0))
        }
        let count = unsafe poll(&waiting, nfds_t(waiting.count), patience)
        let moment = Self.milliseconds()
        lockIfOver(at: moment)
        if count > 0 {
            if waiting[1].revents != 0 { takeSignal() }
            if waiting[2].revents != 0 { drainAlarm() }
            if waiting[3].revents != 0 { isEnding = true }
            for place in waiting[4...] where place.revents != 0 { serve(place.fd, at: moment) }
            if waiting[0].revents != 0 { accept(at: moment) }
            answerFetching()
        }
        closeLate(at: moment)
        settle(at: moment)
    }

    /// Milliseconds until something has to be looked at that no descriptor tells of.
    private var patience: Int32 {
        let moment = Self.milliseconds()
        var next = connections.values.compactMap(\.deadline).min()
        if let since = unsettledSince { next = min(next ?? .max, since + Self.settling) }
        if refused.count > 0, custodian.isOpen { next = min(next ?? .max, refused.since) }
        return next.map { Int32(clamping: max(0, $0 - moment) + 1) } ?? -1
    }

    static func milliseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static var ourselves: Caller {
        Caller(user: getuid(), process: UInt32(getpid()), attribution: .ofThisProcess())
    }
}

// Connections.
extension Server {
    private func accept(at moment: Int64) {
        for _ in 0..<Self.mostAtOnce {
            let descriptor = coffer_accept(listener)
            guard descriptor >= 0 else {
                // Else it would be asked for again at once, and again.
                if errno == EMFILE || errno == ENFILE { closeSilent() }
                return
            }
            guard let peer = Peer(of: descriptor), peer.isOurs else {
                close(descriptor)
                note(refusedAt: moment)
                continue
            }
            if connections.count >= Self.mostConnections { closeSilent() }
            let connection = Connection(descriptor, peer, at: moment)
            connections[descriptor] = connection
            serve(descriptor, at: moment)
            // While it makes its greeting, there is time to look who it is.
            if connections[descriptor] != nil { connection.asker.look() }
        }
    }

    private func closeSilent() {
        func worth(_ connection: Connection) -> (Int, Int64) {
            (connection.greeting == nil ? 0 : 1, connection.moved)
        }
        let least = connections.min { worth($0.value) < worth($1.value) }
        if let least { connections[least.key] = nil }
    }

    private func closeLate(at moment: Int64) {
        let late = connections.values.filter { $0.deadline.map { $0 <= moment } ?? false }
        for connection in late { connections[connection.descriptor] = nil }
    }

    private func serve(_ descriptor: Int32, at moment: Int64) {
        guard let connection = connections[descriptor] else { return }
        var progress =
            connection.isWriting ? connection.write(at: moment) : connection.read(at: moment)
        let isGreeting = connection.greeting == nil
        if progress == .frame { progress = answer(connection, at: moment) }
        // Most send a question with the greeting: one answer to both, and one to wake up for.
        if isGreeting, progress == .waiting, connection.greeting != nil {
            progress = connection.read(at: moment)
            progress =
                progress == .frame
                ? answer(connection, at: moment)
                : connection.send(SecretBytes(), isLast: progress == .over, at: moment)
        }
        if progress == .over { connections[descriptor] = nil }
    }

    private func answer(_ connection: Connection, at moment: Int64) -> Connection.Progress {
        do throws(VaultError) {
            let request = try connection.takeRequest()
            return try answer(request, connection, at: moment)
        } catch {
            return connection.send(Reply.failed(error), isLast: true, at: moment)
        }
    }

    private func answer(
        _ request: consuming Request, _ connection: Connection, at moment: Int64
    ) throws(VaultError) -> Connection.Progress {
        switch consume request {
        case .hello(let greeting):
            guard connection.greeting == nil else { throw .agentRefused(.malformed) }
            guard let file = custodian.file, file == greeting.vault,
                !custodian.isOpen || file == FileIdentity(at: custodian.path)
            else {
                lockIfMoved()
                throw .agentRefused(.otherVault)
            }
            connection.greet(greeting, answering: Reply.status(status))
            return .waiting
        case .status:
            guard connection.greeting != nil else { throw .agentRefused(.malformed) }
            return connection.send(Reply.status(status), isLast: false, at: moment)
        case .unlock(let offer, let choice, let times):
            guard connection.greeting != nil else { throw .agentRefused(.malformed) }
            let answer = unlock(with: offer, choice, times, from: connection.asker)
            return connection.send(answer, isLast: false, at: Self.milliseconds())
        case .lock(let ends):
            guard connection.greeting != nil else { throw .agentRefused(.malformed) }
            lock(by: connection.asker.caller)
            isEnding = isEnding || ends
            return connection.send(Reply.done(), isLast: false, at: moment)
        case .fetch(let name, let version, let disabled):
            guard connection.greeting != nil else { throw .agentRefused(.malformed) }
            let asker = connection.asker
            let question = FetchQuestion(
                name, version, disabled: disabled, by: asker.caller, check: custodian.check(asker))
            fetching.add(question, from: connection)
            return .waiting
        case let other:
            guard connection.greeting != nil else { throw .agentRefused(.malformed) }
            // Whoever watches the log asks again and again: that keeps no vault open.
            let isUse = !other.isWatching
            guard !other.readsLog || connection.readsLog else {
                throw .agentRefused(.malformed)
            }
            let entersAudit = other.entersAudit
            let answer = custodian.answer(other, from: connection.asker, at: now())
            if entersAudit, !Reply.isFailure(answer) { connection.readsLog = true }
            if isUse || !custodian.isOpen { noteUse() }
            return connection.send(answer, isLast: false, at: Self.milliseconds())
        }
    }

    private func answerFetching() {
        guard !fetching.isEmpty else { return }
        fetching.answer(by: custodian, now: now) { connection in
            guard connection.write(at: Self.milliseconds()) == .over else { return }
            if connections[connection.descriptor] === connection {
                connections[connection.descriptor] = nil
            }
        }
        noteUse()
    }

    private var status: AgentStatus {
        let remaining = autoLock.remaining(at: Self.milliseconds()) ?? 0
        return AgentStatus(
            process: UInt32(getpid()), isOpen: custodian.isOpen,
            remaining: UInt64(remaining) / 1_000)
    }
}

// Locking.
extension Server {
    /// An open vault stays as it is: nothing is looked at. While a key is derived nobody else is
    /// listened to, so that keys are tried one at a time.
    private func unlock(
        with offer: borrowing KeyOffer, _ choice: RollbackChoice, _ times: LockTimes,
        from asker: Asker
    ) -> SecretBytes {
        guard !custodian.isOpen else { return Reply.done() }
        do throws(VaultError) {
            let found = try custodian.unlock(
                with: offer, rollback: choice, from: asker, at: now())
            autoLock.open(for: times, at: Self.milliseconds())
            noteUse()
            return Reply.unlocked(found)
        } catch { return Reply.failed(error) }
    }

    private func noteUse() {
        let moment = Self.milliseconds()
        if custodian.isOpen { autoLock.use(at: moment) } else { autoLock.close() }
        unsettledSince = custodian.isOpen ? moment : nil
    }

    private func setAlarm() {
        guard let remaining = autoLock.remaining(at: Self.milliseconds()) else { return }
        _ = coffer_set_alarm(alarm, max(1, remaining))
    }

    private func drainAlarm() {
        var count: UInt64 = 0
        _ = unsafe read(alarm, &count, 8)
    }

    private func lockIfOver(at moment: Int64) {
        if autoLock.remaining(at: moment) == 0 { lock() }
    }

    /// Another file lies where the vault was, which nobody means any more.
    private func lockIfMoved() {
        if custodian.isOpen, custodian.file != FileIdentity(at: custodian.path) { lock() }
    }

    private func lock(by caller: Caller? = nil) {
        custodian.lock(by: caller ?? Self.ourselves, at: now())
        autoLock.close()
        unsettledSince = nil
    }

    private func takeSignal() {
        var (set, now) = (held, timespec())
        while true {
            switch unsafe sigtimedwait(&set, nil, &now) {
            case SIGTERM, SIGINT: isEnding = true
            case SIGHUP, SIGUSR1: lock()
            default: return
            }
        }
    }

    private func note(refusedAt moment: Int64) {
        if refused.count == 0 { refused.since = max(refused.since, moment) }
        refused.count += 1
        enterRefused(at: moment)
    }

    /// The first one at once, those of the minute after it together.
    private func enterRefused(at moment: Int64) {
        guard refused.count > 0, custodian.isOpen, moment >= refused.since else { return }
        custodian.enterRefusedPeers(refused.count, at: now())
        refused = (0, moment + Self.coalescing)
    }

    private func settle(at moment: Int64) {
        enterRefused(at: moment)
        guard let since = unsettledSince, moment - since >= Self.settling else { return }
        unsettledSince = nil
        // What keeps it from being brought to disk shows at the next use.
        try? custodian.settle(at: now())
        // What a long list needed is given back.
        coffer_give_memory_back()
    }
}

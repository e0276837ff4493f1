// Hearing a child out: all that it prints, into locked memory, from its start to its end.

internal import Glibc
internal import SecretMemory

/// Reads both pipes of a child. That it has ended is what counts, not that its pipes are closed: a
/// process that it leaves behind may keep them open for ever.
@safe
struct Listener: ~Copyable {
    /// How it is listened to.
    struct Manner {
        /// Milliseconds after which the child is killed.
        var patience: Int64?
        /// Signals to pass on to it.
        var signals: HeldSignals?
        var messages = Messages.Showing.never
        /// Bytes of output beyond which there is no use for more.
        var longest = Intake.longestDocument
        /// Whether the child is killed there.
        var stopsAtLongest = false
    }

    /// Milliseconds after its end in which what its own children still print counts.
    private static let grace: Int64 = 500
    /// Milliseconds of silence after which it seems to wait for a person.
    private static let silence: Int64 = 1_000

    private var child: Child
    private let output: Pipe
    private let errors: Pipe
    private let manner: Manner
    private var printed = SecretBytes(capacity: 4_096)
    private var messages = Messages()
    private var heardAt = Clock.monotonicMilliseconds()
    private var killAt: Int64?
    private var endedAt: Int64?
    /// Output, errors, the child's end, signals.
    private var waiting: [pollfd]

    init(
        to child: consuming Child, _ output: consuming Pipe, _ errors: consuming Pipe,
        _ manner: Manner
    ) {
        output.closeWriteEnd()
        errors.closeWriteEnd()
        let descriptors = [
            output.readEnd, errors.readEnd, child.descriptor, manner.signals?.descriptor ?? -1,
        ]
        waiting = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        self.child = child
        self.output = output
        self.errors = errors
        self.manner = manner
        killAt = manner.patience.map { heardAt + $0 }
    }

    consuming func hearOut() -> ChildOutcome {
        while !isOver { wait() }
        return ChildOutcome(
            output: printed, messages: messages, status: child.status ?? WaitStatus.unknown)
    }

    private var isOver: Bool {
        guard let endedAt else { return false }
        let isOpen = waiting[0].fd >= 0 || waiting[1].fd >= 0
        return !isOpen || Clock.monotonicMilliseconds() >= endedAt + Self.grace
    }

    /// Waits until something happens or is due, and deals with it.
    private mutating func wait() {
        let count = unsafe poll(&waiting, 4, timeout)
        if count > 0 { hear() }
        if count > 0, waiting[3].revents != 0 { manner.signals?.passOn(to: child) }
        child.look()
        let now = Clock.monotonicMilliseconds()
        if child.status != nil, endedAt == nil {
            endedAt = now
            waiting[2].fd = -1
        }
        if let killAt, now >= killAt {
            child.send(SIGKILL)
            self.killAt = nil
        }
        if seemsToWait, now >= heardAt + Self.silence { messages.show() }
    }

    /// Milliseconds until the next thing is due; -1 if nothing is.
    private var timeout: Int32 {
        let due = [
            killAt, seemsToWait ? heardAt + Self.silence : nil, endedAt.map { $0 + Self.grace },
        ].compactMap { $0 }.min()
        guard let due else { return child.patience }
        let left = Int32(clamping: max(0, due - Clock.monotonicMilliseconds()))
        return child.patience < 0 ? left : min(left, child.patience)
    }

    /// Whether it has said something that is not shown yet, and printed nothing, so that nothing of
    /// what it said can be known for a secret.
    private var seemsToWait: Bool {
        manner.messages == .whileItWaits && endedAt == nil && printed.isEmpty && messages.isUnshown
    }

    /// Reads what is there, output first: what is said about a secret comes after it.
    private mutating func hear() {
        if waiting[0].revents != 0, !Self.read(waiting[0].fd, into: &printed) { waiting[0].fd = -1 }
        // One byte more than is taken, so that who takes it sees that there was more.
        if printed.count > manner.longest {
            printed.truncate(to: manner.longest + 1)
            if manner.stopsAtLongest { child.send(SIGKILL) }
        }
        if waiting[1].revents != 0, !messages.take(from: waiting[1].fd) { waiting[1].fd = -1 }
        if waiting[0].revents != 0 || waiting[1].revents != 0 {
            heardAt = Clock.monotonicMilliseconds()
        }
    }

    /// Reads once; false at the end.
    static func read(_ descriptor: Int32, into bytes: inout SecretBytes) -> Bool {
        let count = try? Intake.append(from: descriptor, 65_536, to: &bytes, what: "output")
        return (count ?? 0) > 0
    }
}

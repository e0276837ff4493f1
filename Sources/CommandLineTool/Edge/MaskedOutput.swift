// The standard output and error of a job, with values taken out on their way to ours.

internal import CLinux
internal import Glibc
internal import SecretMemory
internal import Synchronization

/// One way on which a job's output comes, and a thread that passes it on. Where ours goes to a
/// terminal the job writes to one too, of our making, so that it behaves as it would there.
@safe
final class MaskedStream: @unchecked Sendable {
    /// Milliseconds after the job's end in which what it left behind may still print.
    private static let grace: Int64 = 500
    /// No pipe holds more bytes by default: so much of what the job said may still be there after
    /// that time, if ours was slow to take it.
    private static let mostLeft = 1_048_576

    /// Our streams that get what comes: the first of them.
    let streams: [Int32]
    private let isTerminal: Bool
    private let readEnd: Int32
    private var writeEnd: Int32
    /// Closed when the job has ended.
    private let ending: Pipe
    private let patterns: SharedPatterns
    private var thread: pthread_t?

    init(to streams: [Int32], _ patterns: SharedPatterns) throws(Complaint) {
        self.streams = streams
        self.patterns = patterns
        ending = try Pipe()
        isTerminal = isatty(streams[0]) == 1
        (readEnd, writeEnd) = isTerminal ? try Self.terminal() : try Self.pipe()
        if isTerminal { copySize() }
    }

    deinit {
        finish()
        close(readEnd)
    }

    /// The streams of this process: one where both are the same file, so that the order stays.
    static func all(_ patterns: SharedPatterns) throws(Complaint) -> [MaskedStream] {
        var (output, errors) = (stat(), stat())
        let areKnown = unsafe fstat(1, &output) == 0 && fstat(2, &errors) == 0
        let areOne =
            areKnown && output.st_dev == errors.st_dev && output.st_ino == errors.st_ino
        if areOne { return [try MaskedStream(to: [1, 2], patterns)] }
        return [try MaskedStream(to: [1], patterns), try MaskedStream(to: [2], patterns)]
    }

    private static func pipe() throws(Complaint) -> (Int32, Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        let made = unsafe withUnsafeMutablePointer(to: &ends) { ends in
            unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe Glibc.pipe($0) }
        }
        guard made == 0 else { throw Complaint(.notStored, "no pipe can be made") }
        for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }

    private static func terminal() throws(Complaint) -> (Int32, Int32) {
        var slave: Int32 = -1
        let master = unsafe coffer_make_terminal(&slave)
        guard master >= 0 else {
            throw Complaint(.notStored, "no terminal can be made for the job's output")
        }
        return (master, slave)
    }

    /// Gives the job's terminal the size of ours.
    func copySize() {
        if isTerminal { _ = coffer_copy_terminal_size(streams[0], readEnd) }
    }

    /// Makes it the streams of a job that is about to be started.
    func hand(to actions: inout posix_spawn_file_actions_t) {
        for stream in streams {
            unsafe posix_spawn_file_actions_adddup2(&actions, writeEnd, stream)
        }
    }

    /// Begins to pass on, before there is a job.
    func begin() throws(Complaint) {
        // The thread takes no signals: they are for the one that waits for them.
        var (all, before) = (sigset_t(), sigset_t())
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var made = pthread_t()
        let status = unsafe pthread_create(
            &made, nil,
            { stream in
                if let stream = unsafe stream {
                    unsafe Unmanaged<MaskedStream>.fromOpaque(stream).takeUnretainedValue().pass()
                }
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        guard status == 0 else { throw Complaint(.notStored, "no thread can be started") }
        thread = made
    }

    /// Waits until everything is passed on that the job said before it ended.
    func finish() {
        closeWriteEnd()
        ending.closeWriteEnd()
        if let thread { pthread_join(thread, nil) }
        thread = nil
    }

    /// Leaves the end that is written to to the job, so that its end is seen.
    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    /// The thread: reads until nobody writes any more.
    private func pass() {
        var mask = Mask(patterns)
        let sink = OutputSink(descriptor: streams[0])
        var heard = SecretBytes(capacity: 65_536)
        var clean = SecretBytes(capacity: 65_536)
        var (deadline, left): (Int64?, Int) = (nil, Self.mostLeft)
        while left > 0, wait(&deadline), Listener.read(readEnd, into: &heard) {
            if let deadline, Clock.monotonicMilliseconds() > deadline { left -= heard.count }
            mask.pass(heard.bytes, to: &clean)
            heard.truncate(to: 0)
            guard put(&clean, sink) else { return }
        }
        mask.finish(to: &clean)
        _ = put(&clean, sink)
    }

    /// Waits for something to read; false if there is nothing and the time after the job's end is
    /// over. That time is one, however much comes in it.
    private func wait(_ deadline: inout Int64?) -> Bool {
        var waiting = [
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ending.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            var patience: Int32 = -1
            if let deadline {
                waiting[1].fd = -1
                patience = Int32(clamping: max(0, deadline - Clock.monotonicMilliseconds()))
            }
            let count = unsafe poll(&waiting, 2, patience)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            if deadline == nil, waiting[1].revents != 0 {
                deadline = Clock.monotonicMilliseconds() + Self.grace
            }
            if waiting[0].revents != 0 { return true }
        }
    }

    /// Passes on; false if nobody takes it any more. Then the job is told so as it would be without
    /// us: by a signal when it writes.
    private func put(_ clean: inout SecretBytes, _ sink: OutputSink) -> Bool {
        defer { clean.truncate(to: 0) }
        do throws(Complaint) {
            if try sink.offer(clean.bytes) { return true }
        } catch { Console.warn("of the job: \(error.words)") }
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, readEnd)
            _ = fcntl(readEnd, F_SETFD, FD_CLOEXEC)
            close(nothing)
        }
        return false
    }
}

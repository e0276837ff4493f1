// Another program beside us: its output goes into locked memory, never to the terminal.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// What a program left behind.
struct ChildOutcome: ~Copyable {
    let output: SecretBytes
    let errors: SecretBytes
    /// As waitpid(2) gives it.
    let status: Int32

    /// The exit code as a shell gives it: 128 and the number of the signal if one ended it.
    var exitCode: Int32 { WaitStatus.exitCode(status) }
}

/// Reading what waitpid(2) says; C has macros for it.
enum WaitStatus {
    static func exitCode(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }

    /// The signal that stopped the process, or nil.
    static func stopSignal(_ status: Int32) -> Int32? {
        status & 0xff == 0x7f ? status >> 8 & 0xff : nil
    }
}

@safe
enum ChildProcess {
    /// How a program is to be run.
    struct Plan {
        var words: [String]
        /// Descriptor that becomes its standard input; ours if nil.
        var input: Int32?
        /// Milliseconds after which it is killed.
        var patience: Int64?
    }

    /// Runs an issuing command to its end. ^C reaches it from the terminal, not us: what it printed
    /// before it ended is still needed.
    static func capture(_ words: [String]) throws(Complaint) -> ChildOutcome {
        let old = (signal(SIGINT, SIG_IGN), signal(SIGQUIT, SIG_IGN))
        defer {
            _ = signal(SIGINT, old.0)
            _ = signal(SIGQUIT, old.1)
        }
        return try run(Plan(words: words))
    }

    /// Runs a program with its standard output and error in pipes of ours.
    static func run(_ plan: Plan) throws(Complaint) -> ChildOutcome {
        let path = try find(plan.words[0])
        let output = try Pipe()
        let errors = try Pipe()
        let child = try start(path, plan, output: output.writeEnd, errors: errors.writeEnd)
        output.closeWriteEnd()
        errors.closeWriteEnd()
        return try collect(child, output, errors, plan.patience)
    }

    /// Runs a program whose output is of no interest and returns its exit code. Only its own end is
    /// waited for: xclip leaves a process behind that keeps every descriptor for as long as it owns
    /// the clipboard.
    static func runSilently(_ plan: Plan) throws(Complaint) -> Int32 {
        let path = try find(plan.words[0])
        let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nowhere >= 0 else { throw Complaint(.notStored, "cannot open /dev/null") }
        defer { close(nowhere) }
        let child = try start(path, plan, output: nowhere, errors: nowhere)
        let deadline = plan.patience.map { Clock.monotonicMilliseconds() + $0 }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, WNOHANG) == 0 {
            if let deadline, Clock.monotonicMilliseconds() >= deadline { kill(child, SIGKILL) }
            usleep(2_000)
        }
        return WaitStatus.exitCode(status)
    }

    private static func find(_ command: String) throws(Complaint) -> String {
        do throws(Programs.Missing) { return try Programs.find(command) } catch {
            throw Complaint(.failed, "the command \(Escaped.path(command)) cannot be run")
        }
    }

    private static func start(
        _ path: String, _ plan: Plan, output: Int32, errors: Int32
    ) throws(Complaint) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input = plan.input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        return try unsafe Spawn.start(
            path, plan.words, &actions, environment: coffer_environment())
    }

    /// Reads both pipes until they end, then waits.
    private static func collect(
        _ child: pid_t, _ output: borrowing Pipe, _ errors: borrowing Pipe, _ patience: Int64?
    ) throws(Complaint) -> ChildOutcome {
        var printed = SecretBytes(capacity: 4_096)
        var said = SecretBytes(capacity: 4_096)
        var waiting = [
            pollfd(fd: output.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        let deadline = patience.map { Clock.monotonicMilliseconds() + $0 }
        while waiting.contains(where: { $0.fd >= 0 }) {
            let left = deadline.map { max(0, $0 - Clock.monotonicMilliseconds()) }
            let ready = unsafe poll(&waiting, 2, left.map { Int32(clamping: $0) } ?? -1)
            if ready == 0 {
                kill(child, SIGKILL)
                break
            }
            for index in 0..<2 where ready > 0 && waiting[index].revents != 0 {
                let count =
                    index == 0
                    ? try Intake.append(from: waiting[0].fd, 65_536, to: &printed, what: "output")
                    : try Intake.append(from: waiting[1].fd, 65_536, to: &said, what: "output")
                if count == 0 { waiting[index].fd = -1 }
            }
            if printed.count > Intake.longestDocument || said.count > Intake.longestDocument {
                kill(child, SIGKILL)
                _ = Spawn.wait(child)
                throw Complaint(.notStored, "NOT stored: the command printed more than 17 MiB")
            }
        }
        return ChildOutcome(output: printed, errors: said, status: Spawn.wait(child))
    }
}

/// Both ends of a pipe(2), closed when it ends.
struct Pipe: ~Copyable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws(Complaint) {
        var ends: (Int32, Int32) = (-1, -1)
        let made = unsafe withUnsafeMutablePointer(to: &ends) { ends in
            unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe pipe($0) }
        }
        readEnd = ends.0
        writeEnd = ends.1
        guard made == 0 else { throw Complaint(.notStored, "no pipe can be made") }
        for end in [readEnd, writeEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Closes the end that the child writes to, so that its end is seen.
    func closeWriteEnd() {
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        // The number stays taken until deinit, which must not close somebody else's descriptor.
        if nothing >= 0 {
            dup2(nothing, writeEnd)
            _ = fcntl(writeEnd, F_SETFD, FD_CLOEXEC)
            close(nothing)
        } else {
            close(writeEnd)
        }
    }
}

/// posix_spawn(3) and waitpid(2).
@safe
enum Spawn {
    /// Starts a program with what our parent gave us: limits, mask, dispositions.
    static func start(
        _ path: String, _ words: [String], _ actions: inout posix_spawn_file_actions_t,
        environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(Complaint) -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        for number in Inheritance.defaults { unsafe sigaddset(&defaults, number) }
        var mask = Inheritance.blocked
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setsigmask(&attributes, &mask)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let arguments = ArgumentVector(words)
        Inheritance.restore()
        defer { Inheritance.hardenAgain() }
        var child: pid_t = 0
        let code = unsafe posix_spawn(
            &child, path, &actions, &attributes, arguments.pointers, environment)
        guard code == 0 else {
            throw Complaint(
                .failed, "\(Escaped.path(words[0])) cannot be run: \(SystemError.words(code))")
        }
        return child
    }

    /// Waits for a child to end.
    static func wait(_ child: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}

/// argv in C's shape; words of a command line, no secrets.
@safe
final class ArgumentVector {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ words: [String]) {
        count = words.count
        unsafe pointers = .allocate(capacity: words.count + 1)
        for (index, word) in words.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(word))
        }
        unsafe (pointers + words.count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}

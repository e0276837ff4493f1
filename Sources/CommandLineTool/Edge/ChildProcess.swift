// Another program beside us: its output goes into locked memory, never to the terminal.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// What a program left behind.
struct ChildOutcome: ~Copyable {
    /// What it printed; if that is too long for a document, the beginning of it.
    let output: SecretBytes
    let messages: Messages
    /// As waitpid(2) gives it.
    let status: Int32

    /// The exit code as a shell gives it: 128 and the number of the signal if one ended it.
    var exitCode: Int32 { WaitStatus.exitCode(status) }

    /// Hands over what it printed.
    consuming func takeOutput() -> SecretBytes { output }
}

@safe
enum ChildProcess {
    /// How a program is to be run.
    struct Plan {
        var words: [String]
        /// `NAME=value`, beside or in the place of those that we have ourselves.
        var variables: [String] = []
        /// Descriptor that becomes its standard input; ours if nil.
        var input: Int32?
        /// Milliseconds after which it is killed.
        var patience: Int64?
    }

    /// Runs a program with its standard output and error in pipes of ours.
    static func run(_ plan: Plan) throws(Complaint) -> ChildOutcome {
        try run(try find(plan.words[0]), plan, Listener.Manner(patience: plan.patience))
    }

    /// The same with a program that is killed when it prints more than `longest` bytes; what is
    /// heard then is one byte more.
    static func run(_ plan: Plan, longest: Int) throws(Complaint) -> ChildOutcome {
        let manner = Listener.Manner(
            patience: plan.patience, longest: longest, stopsAtLongest: true)
        return try run(try find(plan.words[0]), plan, manner)
    }

    /// The same with a program that was found before.
    static func run(
        _ path: String, _ plan: Plan, _ manner: Listener.Manner
    ) throws(Complaint) -> ChildOutcome {
        let output = try Pipe()
        let errors = try Pipe()
        let child = try start(path, plan, output: output.writeEnd, errors: errors.writeEnd)
        return Listener(to: child, output, errors, manner).hearOut()
    }

    /// Runs a program whose output is of no interest and returns its exit code. Only its own end is
    /// waited for: xclip leaves a process behind that keeps every descriptor for as long as it owns
    /// the clipboard.
    static func runSilently(_ plan: Plan) throws(Complaint) -> Int32 {
        let path = try find(plan.words[0])
        let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nowhere >= 0 else { throw Complaint(.notStored, "cannot open /dev/null") }
        defer { close(nowhere) }
        var child = try start(path, plan, output: nowhere, errors: nowhere)
        let deadline = plan.patience.map { Clock.monotonicMilliseconds() + $0 }
        while true {
            child.look()
            if let status = child.status { return WaitStatus.exitCode(status) }
            if let deadline, Clock.monotonicMilliseconds() >= deadline { child.send(SIGKILL) }
            usleep(2_000)
        }
    }

    private static func find(_ command: String) throws(Complaint) -> String {
        do throws(Programs.Missing) { return try Programs.find(command) } catch {
            throw Complaint(.failed, "the command \(Escaped.path(command)) cannot be run")
        }
    }

    private static func start(
        _ path: String, _ plan: Plan, output: Int32, errors: Int32
    ) throws(Complaint) -> Child {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input = plan.input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        let environment = ArgumentVector(inheriting: plan.variables)
        return Child(
            try unsafe Spawn.start(
                path, plan.words, &actions, environment: environment.pointers))
    }
}

// The start of a job with secrets in its hands.
//
// Nothing is left of us: the job replaces this process (execve) unless a file has to be removed
// behind it. Then this process waits, passes signals on, cleans up and ends as the job ended.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// A job that is about to be started.
@safe
struct Launch: ~Copyable {
    private let words: [String]
    private let path: String
    /// `NAME=value`, NUL, one after another, in locked memory.
    private var entries = SecretBytes(capacity: 4_096)
    private var starts: [Int] = []
    private var names: [String] = []
    private var descriptors: [(number: Int32, source: Int32)] = []
    private var folder: JobFolder?

    /// Finds the command, so that a typing error is told before a passphrase is asked for.
    init(command: [String]) throws(Complaint) {
        words = command
        path = Programs.require(command[0])
    }

    /// Sets a variable of the job's environment.
    mutating func set(_ variable: String, _ value: Span<UInt8>) throws(Complaint) {
        for index in value.indices where value[index] == 0 {
            throw Complaint(
                .failed, "the value for \(variable) holds a NUL byte, which no variable can",
                hint: "use --file or --fd")
        }
        guard value.count < 131_072 else {
            throw Complaint(
                .failed, "the value for \(variable) is too long for a variable",
                hint: "use --file or --fd")
        }
        guard !names.contains(variable) else {
            throw Complaint(.usage, "the variable \(variable) is set twice")
        }
        names.append(variable)
        starts.append(entries.count)
        for byte in "\(variable)=".utf8 { entries.append(byte) }
        entries.append(value)
        entries.append(0)
    }

    /// Writes a value to a private file in memory and sets a variable to its path.
    mutating func setFile(_ variable: String, _ value: Span<UInt8>) throws(Complaint) {
        let folder: JobFolder
        if let made = self.folder { folder = made } else { folder = try JobFolder() }
        self.folder = folder
        let path = try folder.write(value, named: variable)
        try set(variable, Array(path.utf8).span)
    }

    /// Hands a value over as an open descriptor on memory, at its beginning.
    mutating func setDescriptor(_ number: Int32, _ value: Span<UInt8>) throws(Complaint) {
        guard !descriptors.contains(where: { $0.number == number }) else {
            throw Complaint(.usage, "descriptor \(number) is given twice")
        }
        let memory = unsafe coffer_memfd("coffer")
        // Far above the numbers that a job asks for, so that none is overwritten on the way.
        let source = fcntl(memory, F_DUPFD_CLOEXEC, 512)
        if memory >= 0 { close(memory) }
        guard source >= 0 else { throw Complaint(.notStored, "no memory for a descriptor") }
        try OutputSink(descriptor: source).write(value)
        guard lseek(source, 0, SEEK_SET) == 0 else {
            throw Complaint(.notStored, "a descriptor cannot be rewound")
        }
        descriptors.append((number, source))
    }

    mutating func setStandardInput(_ value: Span<UInt8>) throws(Complaint) {
        try setDescriptor(0, value)
    }

    /// Starts the job. Returns the exit code to end with: the job's, or 126 or 127 if it cannot be
    /// started; does not return at all if the job takes the place of this process. Borrowed, not
    /// consumed: the values must stay in their memory until the kernel has copied them.
    borrowing func begin() throws(Complaint) -> Int32 {
        let environment = unsafe makeEnvironment()
        if let folder {
            return try unsafe supervise(folder, environment)
        }
        for (number, source) in descriptors { dup2(source, number) }
        let arguments = ArgumentVector(words)
        Inheritance.restore()
        unsafe execve(path, arguments.pointers, environment)
        let code = errno
        Hardening.begin()
        Console.complain(
            Complaint(
                .failed, "\(Escaped.path(words[0])) cannot be run: \(SystemError.words(code))"))
        return code == ENOENT ? 127 : 126
    }

    /// Our environment with the job's variables in place of those of the same name. Pointers only:
    /// the values stay where they are until the kernel copies them.
    private borrowing func makeEnvironment() -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        var inherited: [UnsafeMutablePointer<CChar>] = unsafe []
        if var entry = unsafe coffer_environment() {
            while let text = unsafe entry.pointee {
                if unsafe !isReplaced(text) { unsafe inherited.append(text) }
                unsafe entry += 1
            }
        }
        let count = unsafe inherited.count + starts.count
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: count + 1)
        for index in 0..<(unsafe inherited.count) {
            unsafe (pointers + index).initialize(to: inherited[index])
        }
        unsafe entries.bytes.withUnsafeBufferPointer { bytes in
            for (index, start) in starts.enumerated() {
                let base = unsafe bytes.baseAddress.map { unsafe $0 + start }
                let text = unsafe UnsafeMutableRawPointer(mutating: base)?
                    .assumingMemoryBound(to: CChar.self)
                unsafe (pointers + inherited.count + index).initialize(to: text)
            }
        }
        unsafe (pointers + count).initialize(to: nil)
        return unsafe pointers
    }

    /// Whether an inherited `NAME=value` has a name that the job gets from us.
    private borrowing func isReplaced(_ text: UnsafeMutablePointer<CChar>) -> Bool {
        names.contains { name in
            let count = name.utf8.count
            return unsafe strncmp(text, name, count) == 0 && text[count] == CChar(0x3d)
        }
    }
}

// With a file to remove afterwards.
extension Launch {
    private borrowing func supervise(
        _ folder: JobFolder, _ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) throws(Complaint) -> Int32 {
        let signals = Signals.block()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        for (number, source) in descriptors {
            unsafe posix_spawn_file_actions_adddup2(&actions, source, number)
        }
        let child: pid_t
        do throws(Complaint) {
            child = try unsafe Spawn.start(path, words, &actions, environment: environment)
        } catch {
            folder.remove()
            throw error
        }
        let status = signals.wait(for: child)
        folder.remove()
        return Self.exitCode(endingAs: status)
    }

    /// Ends by the signal that ended the job, if it was one; else the job's exit code.
    private static func exitCode(endingAs status: Int32) -> Int32 {
        let number = status & 0x7f
        if number != 0 {
            _ = signal(number, SIG_DFL)
            var mask = sigset_t()
            unsafe sigemptyset(&mask)
            unsafe sigprocmask(SIG_SETMASK, &mask, nil)
            kill(getpid(), number)
        }
        return WaitStatus.exitCode(status)
    }
}

/// The signals that are passed on to a job while we wait for it.
struct Signals {
    private var set: sigset_t

    /// Blocks them, so that they are taken one at a time and none ends us before the job.
    static func block() -> Signals {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [
            SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGCONT, SIGWINCH,
            SIGCHLD,
        ] {
            unsafe sigaddset(&set, number)
        }
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
        return Signals(set: set)
    }

    /// Waits until `child` ends. What the terminal sends reaches the job by itself, for it is in
    /// our process group; what another process sends to us is passed on.
    func wait(for child: pid_t) -> Int32 {
        var set = set
        while true {
            var information = unsafe siginfo_t()
            let number = unsafe sigwaitinfo(&set, &information)
            guard number > 0 else { continue }
            guard number == SIGCHLD else {
                if unsafe information.si_code <= 0 { kill(child, number) }
                continue
            }
            var status: Int32 = 0
            while unsafe waitpid(child, &status, WNOHANG | WUNTRACED) == child {
                guard WaitStatus.stopSignal(status) != nil else { return status }
                // The job was stopped from the terminal: so are we, and both go on together.
                kill(getpid(), SIGSTOP)
            }
        }
    }
}

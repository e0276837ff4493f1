// The start of a job with secrets in its hands.
//
// Nothing is left of us: the job replaces this process (execve) unless files have to be removed
// behind it, its output goes through a mask, or somebody wants to know how it ends. Then this
// process waits, passes signals on, cleans up and ends as the job ended.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// A job that is about to be started. Nothing is written and nothing is changed before `begin`, so
/// whatever fails before leaves nothing behind.
@safe
struct Launch: ~Copyable {
    private let words: [String]
    /// The executable that is started.
    let path: String
    /// `NAME=value`, NUL, one after another, in locked memory.
    private var entries = SecretBytes(capacity: 4_096)
    private var starts: [Int] = []
    private var names: [String] = []
    private var files: [(variable: String, place: Range<Int>)] = []
    private var contents = SecretBytes()
    private var descriptors: [(number: Int32, source: Int32)] = []
    /// What is taken out of the job's output, if that is wanted.
    private var hidden = SecretPatterns()
    /// Whether this process waits for the job whatever it was handed.
    var staysBeside = false
    /// What was taken out of the job's output, once it has begun.
    private(set) var masked: SharedPatterns?
    /// Whether a signal came for the job that ends programs.
    private(set) var wasToldToEnd = false

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
        try take(variable)
        add(variable, value)
    }

    /// Hands a value over in a private file in memory, whose path is the variable's value.
    mutating func setFile(_ variable: String, _ value: Span<UInt8>) throws(Complaint) {
        try take(variable)
        let start = contents.count
        contents.append(value)
        files.append((variable, start..<contents.count))
    }

    /// Has a value taken out of what the job prints.
    mutating func hide(_ value: Span<UInt8>) { hidden.add(formsOf: value) }

    /// The same for all that was taken out of the output of another run.
    mutating func hide(_ others: SharedPatterns) { hidden.add(others) }

    private mutating func take(_ variable: String) throws(Complaint) {
        guard !names.contains(variable) else {
            throw Complaint(.usage, "the variable \(variable) is set twice")
        }
        names.append(variable)
    }

    private mutating func add(_ variable: String, _ value: Span<UInt8>) {
        starts.append(entries.count)
        for byte in "\(variable)=".utf8 { entries.append(byte) }
        entries.append(value)
        entries.append(0)
    }

    /// Hands a value over as an open descriptor on memory, at its beginning.
    mutating func setDescriptor(_ number: Int32, _ value: Span<UInt8>) throws(Complaint) {
        guard !descriptors.contains(where: { $0.number == number }) else {
            throw Complaint(.usage, "descriptor \(number) is given twice")
        }
        let source = unsafe coffer_memfd("coffer")
        guard source >= 0 else { throw Self.noDescriptor(number, errno) }
        _ = fcntl(source, F_SETFD, FD_CLOEXEC)
        descriptors.append((number, source))
        try OutputSink(descriptor: source).write(value)
        guard lseek(source, 0, SEEK_SET) == 0 else { throw Self.noDescriptor(number, errno) }
    }

    mutating func setStandardInput(_ value: Span<UInt8>) throws(Complaint) {
        try setDescriptor(0, value)
    }

    private static func noDescriptor(_ number: Int32, _ code: Int32) -> Complaint {
        let isOverTheLimit = [EMFILE, EBADF, EINVAL].contains(code)
        return Complaint(
            .notStored, "descriptor \(number) cannot be made: \(SystemError.words(code))",
            hints: isOverTheLimit ? ["`ulimit -n` says how many there may be"] : [])
    }

    deinit {
        for (_, source) in descriptors { close(source) }
    }

    /// Starts the job. Returns the exit code to end with: the job's, or 126 or 127 if it cannot be
    /// started; does not return at all if the job takes the place of this process.
    mutating func begin() throws(Complaint) -> Int32 {
        try moveDescriptors()
        guard files.isEmpty, hidden.isEmpty, !staysBeside else { return try supervise() }
        for (number, source) in descriptors where dup2(source, number) < 0 {
            throw Self.noDescriptor(number, errno)
        }
        let environment = unsafe makeEnvironment()
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

    /// Moves what is to be handed over away from the numbers that the job asks for, so that none is
    /// overwritten on the way. The lowest numbers that will do: there may be few.
    private mutating func moveDescriptors() throws(Complaint) {
        let wanted = descriptors.map(\.number)
        for index in descriptors.indices where wanted.contains(descriptors[index].source) {
            var passed = [descriptors[index].source]
            defer { for descriptor in passed { close(descriptor) } }
            while let last = passed.last, wanted.contains(last) {
                let next = fcntl(last, F_DUPFD_CLOEXEC, 3)
                guard next >= 0 else { throw Self.noDescriptor(descriptors[index].number, errno) }
                passed.append(next)
            }
            descriptors[index].source = passed.removeLast()
        }
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

// Beside us: with files to remove afterwards, a mask for what it prints, or an end to be heard of.
extension Launch {
    private mutating func supervise() throws(Complaint) -> Int32 {
        let runtime: String? = files.isEmpty ? nil : try Places.runtime()
        var signals = JobSignals.block()
        if !hidden.isEmpty {
            var patterns = SecretPatterns()
            swap(&patterns, &hidden)
            masked = SharedPatterns(patterns)
        }
        let streams: [MaskedStream] = try masked.map(MaskedStream.all) ?? []
        let status: Int32
        do throws(Complaint) { status = try run(in: runtime, &signals, streams) } catch {
            for stream in streams { stream.finish() }
            throw error
        }
        wasToldToEnd = signals.wasToldToEnd
        // Who reads the output may be slow; that must not keep a person from ending us.
        signals.release()
        for stream in streams { stream.finish() }
        let number = status & 0x7f
        if number != 0 { JobSignals.end(by: number) }
        return WaitStatus.exitCode(status)
    }

    /// Runs the job beside us and returns how it ended; its files are gone by then.
    private mutating func run(
        in runtime: String?, _ signals: inout JobSignals, _ streams: [MaskedStream]
    ) throws(Complaint) -> Int32 {
        var folder: JobFolder?
        if let runtime {
            let made = try JobFolder(in: runtime)
            try write(to: made)
            folder = made
        }
        if let number = signals.endBeforeTheJob { return number }
        for stream in streams { try stream.begin() }
        let child = try spawn(streams)
        for stream in streams { stream.closeWriteEnd() }
        let status = try signals.wait(for: child) {
            guard !streams.isEmpty else { return }
            for stream in streams { stream.copySize() }
            // The terminal told the job before its own terminal had the new size.
            kill(child, SIGWINCH)
        }
        // Not before: the last use of an object may be its end.
        extendLifetime(folder)
        return status
    }

    /// Writes the files and sets their variables.
    private mutating func write(to folder: JobFolder) throws(Complaint) {
        for (variable, place) in files {
            let path = try folder.write(contents.bytes.extracting(place), named: variable)
            add(variable, Array(path.utf8).span)
        }
        contents.truncate(to: 0)
    }

    private borrowing func spawn(_ streams: [MaskedStream]) throws(Complaint) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // First, for a descriptor of the job may have the number of an end of ours.
        for stream in streams { unsafe stream.hand(to: &actions) }
        for (number, source) in descriptors {
            let code = unsafe posix_spawn_file_actions_adddup2(&actions, source, number)
            guard code == 0 else { throw Self.noDescriptor(number, code) }
        }
        let environment = unsafe makeEnvironment()
        defer { unsafe environment.deallocate() }
        return try unsafe Spawn.start(path, words, &actions, environment: environment)
    }
}

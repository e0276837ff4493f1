// An answer typed or pasted with echo off.

internal import Glibc
internal import SecretMemory
internal import Synchronization

/// The line editor: backspace, ^U, ^C, ^D, ^Z and bracketed paste.
struct HiddenLine: ~Copyable {
    private var typed = SecretBytes(capacity: 256)
    private var escape = SecretBytes(capacity: 16)
    private var isPasting = false
    /// Line ends outside the marks of a paste that belong to the answer.
    private var unmarkedBreaks = 0

    /// Milliseconds of quiet after which a paste is over.
    private static let quiet: Int32 = 100

    /// What an answer may be.
    enum Length: Hashable, Sendable {
        /// It ends with its first line; what came behind that is thrown away.
        case line
        /// What came at once is one answer, if a terminal pastes several lines without marking it.
        case lines
    }

    /// What was answered.
    struct Answer: ~Copyable {
        let value: SecretBytes
        /// How many lines came at once without the marks of a paste; 0 if it was one line, or a
        /// paste that was marked.
        let unmarkedLines: Int

        consuming func take() -> SecretBytes { value }
    }

    /// What a byte did.
    private enum Effect {
        case more, lineEnded, ended, interrupted, suspended
    }

    static func read(
        from descriptor: Int32, prompt: String, _ length: Length
    ) throws(Complaint) -> Answer {
        let sink = OutputSink(descriptor: descriptor)
        var line = HiddenLine()
        guard RawMode.enter(descriptor) else {
            throw Complaint(.usage, "the terminal's echo cannot be switched off")
        }
        defer {
            RawMode.leave()
            try? sink.write("\u{1b}[?2004l\n")
        }
        // Only now: whoever answers as soon as the prompt shows must not be echoed or lost.
        try sink.write("\u{1b}[?2004h\(prompt)")
        while true {
            var chunk = SecretBytes(capacity: 4_096)
            let isBehindMore = length == .lines && Self.hasMore(descriptor)
            let count = try Intake.append(from: descriptor, 4_096, to: &chunk, what: "the answer")
            guard count > 0 else { throw Complaint(.usage, "the input ended") }
            for index in 0..<count {
                switch line.take(chunk.bytes[index]) {
                case .more: continue
                case .lineEnded:
                    if length == .line { return line.finish() }
                    let isLast = index + 1 == count && !Self.hasMore(descriptor)
                    let isAlone = index == 0 && !isBehindMore
                    if line.endLine(isLast: isLast, isAlone: isAlone) { return line.finish() }
                case .ended: return line.finish()
                case .interrupted: throw Complaint(.interrupted, "interrupted")
                case .suspended:
                    RawMode.suspend()
                    try sink.write("\u{1b}[?2004h\(prompt)")
                }
            }
            guard line.typed.count <= Intake.longestValue else {
                throw Complaint(.notStored, "NOT stored: the value is longer than 16 MiB")
            }
        }
    }

    /// Whether something comes before it is quiet.
    private static func hasMore(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, quiet) > 0
    }

    /// Takes the end of a line; true if the answer ends with it. Behind lines that came at once, an
    /// end that came alone is the Enter of a person and does not belong to them.
    private mutating func endLine(isLast: Bool, isAlone: Bool) -> Bool {
        if isLast, unmarkedBreaks == 0 || isAlone { return true }
        typed.append(0x0a)
        unmarkedBreaks += 1
        return isLast
    }

    private mutating func take(_ byte: UInt8) -> Effect {
        if !escape.isEmpty || byte == 0x1b { return takeEscape(byte) }
        if isPasting {
            typed.append(byte)
            return .more
        }
        switch byte {
        case 0x0a, 0x0d: return .lineEnded
        case 0x03, 0x1c: return .interrupted
        case 0x1a: return .suspended
        case 0x04: return typed.isEmpty ? .interrupted : .ended
        case 0x08, 0x7f: eraseCharacter()
        case 0x15, 0x17: typed.truncate(to: 0)
        default: typed.append(byte)
        }
        return .more
    }

    /// Takes one character of UTF-8 back.
    private mutating func eraseCharacter() {
        var count = typed.count
        while count > 0, typed.bytes[count - 1] & 0xc0 == 0x80 { count -= 1 }
        typed.truncate(to: max(0, count - 1))
    }

    /// Collects an escape sequence; only the marks around a paste mean something. Inside a paste an
    /// escape that is no mark belongs to the value.
    private mutating func takeEscape(_ byte: UInt8) -> Effect {
        escape.append(byte)
        let count = escape.count
        if count == 1 { return .more }
        if Self.matches(escape.bytes, "\u{1b}[200~") {
            isPasting = true
            escape.truncate(to: 0)
        } else if Self.matches(escape.bytes, "\u{1b}[201~") {
            isPasting = false
            dropNewlineOfOneLine()
            escape.truncate(to: 0)
        } else if isPasting {
            if !Self.begins("\u{1b}[201~", with: escape.bytes) {
                for index in 0..<count {
                    let held = escape.bytes[index]
                    typed.append(held)
                }
                escape.truncate(to: 0)
            }
        } else if count == 2 ? byte != UInt8(ascii: "[") && byte != UInt8(ascii: "O") : byte >= 0x40
        {
            escape.truncate(to: 0)
        } else if count > 16 {
            escape.truncate(to: 0)
        }
        return .more
    }

    /// Whoever copies one line often copies its end too; a text of several lines stays as it is.
    private mutating func dropNewlineOfOneLine() {
        let count = typed.count
        guard count > 0, typed.bytes[count - 1] == 0x0a else { return }
        for index in 0..<count - 1 where typed.bytes[index] == 0x0a { return }
        typed.truncate(to: count - 1)
    }

    private static func matches(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && begins(text, with: bytes)
    }

    private static func begins(_ text: StaticString, with bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= text.utf8CodeUnitCount else { return false }
        for index in bytes.indices where unsafe bytes[index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    private consuming func finish() -> Answer {
        let count = typed.count
        let isLastOpen = count > 0 && typed.bytes[count - 1] != 0x0a
        let lines = unmarkedBreaks == 0 ? 0 : unmarkedBreaks + (isLastOpen ? 1 : 0)
        return Answer(value: typed, unmarkedLines: lines)
    }
}

/// The terminal without echo and without signals from its keys.
enum RawMode {
    /// What a signal handler needs: it may take no lock and allocate nothing.
    private static let terminal = Atomic<Int32>(-1)
    /// Optional, since the compiler leaves out the padding of a C structure where one is made at
    /// compile time, and the system writes over its end.
    nonisolated(unsafe) private static var saved: termios?
    nonisolated(unsafe) private static var raw: termios?
    private static let deadly = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// False if the terminal does not obey.
    static func enter(_ descriptor: Int32) -> Bool {
        var mode = termios()
        guard unsafe tcgetattr(descriptor, &mode) == 0 else { return false }
        unsafe saved = mode
        mode.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG | IEXTEN)
        mode.c_iflag &= ~tcflag_t(IXON | ISTRIP | INLCR | IGNCR)
        mode.c_iflag |= tcflag_t(ICRNL)
        unsafe raw = mode
        terminal.store(descriptor, ordering: .sequentiallyConsistent)
        for number in deadly {
            _ = signal(number) { number in
                RawMode.restore()
                _ = signal(number, SIG_DFL)
                raise(number)
            }
        }
        catchStop()
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &mode) == 0 else {
            leave()
            return false
        }
        return true
    }

    /// Stops with the terminal in order, whoever sends the signal, and hides what is typed again
    /// afterwards: also if nothing stopped, as in a process group without a shell behind it.
    private static func catchStop() {
        _ = signal(SIGTSTP) { number in
            RawMode.restore()
            _ = signal(number, SIG_DFL)
            raise(number)
            var stop = sigset_t()
            unsafe sigemptyset(&stop)
            unsafe sigaddset(&stop, number)
            unsafe sigprocmask(SIG_UNBLOCK, &stop, nil)
            RawMode.resume()
        }
    }

    private static func resume() {
        let descriptor = terminal.load(ordering: .sequentiallyConsistent)
        guard descriptor >= 0, var mode = unsafe raw else { return }
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &mode)
        catchStop()
    }

    /// Gives the terminal back. Type-ahead is thrown away: the rest of a paste must not reach a
    /// shell.
    static func leave() {
        restore()
        terminal.store(-1, ordering: .sequentiallyConsistent)
        for number in deadly + [SIGTSTP] { _ = signal(number, SIG_DFL) }
    }

    private static func restore() {
        let descriptor = terminal.load(ordering: .sequentiallyConsistent)
        guard descriptor >= 0, var mode = unsafe saved else { return }
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &mode)
    }

    /// ^Z: stops like any program and goes on later.
    static func suspend() { kill(0, SIGTSTP) }
}

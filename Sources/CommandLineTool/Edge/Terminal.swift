// Talking to the person at the terminal: through /dev/tty, whatever standard input and output are.
//
// A hidden answer is read with echo off and line editing of our own, because the kernel's cuts
// lines at 4,095 bytes. Whatever ends the process, the terminal gets its settings back first.

internal import Glibc
internal import SecretMemory
internal import VaultModel

/// What a question falls back to.
enum Answer: Hashable, Sendable {
    case yes, no
}

enum Terminal {
    /// Whether there is a terminal to ask on.
    static var isInteractive: Bool {
        let descriptor = unsafe Glibc.open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// Whether there is someone to ask.
    static var canAsk: Bool {
        let descriptor = unsafe Glibc.open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// Opens the terminal, or says that there is none.
    private static func open(for what: String) throws(Complaint) -> Int32 {
        let descriptor = unsafe Glibc.open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Complaint(
                .usage, "there is no terminal to ask for: \(what)",
                hint: "see `--help` for the options that answer without one")
        }
        return descriptor
    }

    /// One hidden answer, up to Enter; pasted line breaks belong to it.
    static func readHidden(prompt: String) throws(Complaint) -> SecretBytes {
        try readHidden(prompt, .line).take()
    }

    /// One hidden answer that may have several lines. Where the terminal does not mark a paste,
    /// what came at once is taken to be one: cut at its first line it would be lost, and the rest
    /// of it would reach the shell.
    static func readHiddenLines(prompt: String) throws(Complaint) -> HiddenLine.Answer {
        try readHidden(prompt, .lines)
    }

    private static func readHidden(
        _ prompt: String, _ length: HiddenLine.Length
    ) throws(Complaint) -> HiddenLine.Answer {
        let descriptor = try open(for: prompt)
        defer { close(descriptor) }
        return try HiddenLine.read(
            from: descriptor, prompt: "\(Escaped.text(prompt)): ", length)
    }

    /// The same answer twice; asked for again until both are equal.
    static func readHiddenTwice(prompt: String, again: String) throws(Complaint) -> SecretBytes {
        for _ in 0..<3 {
            let first = try readHidden(prompt: prompt)
            guard !first.isEmpty else { throw Complaint(.usage, "the \(prompt) is empty") }
            let second = try readHidden(prompt: again)
            if areEqual(first, second) { return first }
            Console.warn("the two are not the same")
        }
        throw Complaint(.usage, "the two were not the same three times")
    }

    private static func areEqual(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes)
        -> Bool
    {
        guard one.count == other.count else { return false }
        let (left, right) = (one.bytes, other.bytes)
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    /// Drops what was typed before the question was seen.
    static func forgetTypedAhead() {
        let descriptor = unsafe Glibc.open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = tcflush(descriptor, TCIFLUSH)
        close(descriptor)
    }

    /// One visible answer; empty means `fallback`.
    static func readLine(prompt: String, default fallback: String) throws(Complaint) -> String {
        let descriptor = try open(for: prompt)
        defer { close(descriptor) }
        let hint = fallback.isEmpty ? "" : " [\(Escaped.text(fallback))]"
        try OutputSink(descriptor: descriptor).write("\(Escaped.text(prompt))\(hint): ")
        var line = SecretBytes()
        let count = try Intake.append(from: descriptor, 4_096, to: &line, what: "the answer")
        guard count > 0 else { throw Complaint(.usage, "the input ended at: \(prompt)") }
        let text = String(validUTF8: line.bytes)
        guard let text else { throw Complaint(.usage, "the answer is not valid UTF-8") }
        let answer = text.split(separator: "\n").first.map(String.init) ?? ""
        return answer.isEmpty ? fallback : answer
    }

    /// A question with yes or no, asked until it is answered: a secret that was typed before may
    /// hang on it.
    static func confirm(_ question: String, default fallback: Answer) throws(Complaint) -> Bool {
        let choices = fallback == .yes ? "Y/n" : "y/N"
        while true {
            let answer = try readLine(prompt: "\(question) [\(choices)]", default: "")
            switch answer.lowercased() {
            case "": return fallback == .yes
            case "y", "yes": return true
            case "n", "no": return false
            default: Console.warn("answer y or n")
            }
        }
    }

    /// Shows something secret on the terminal, not on standard output, which may be a file, until
    /// it is written down. Afterwards it is not on the screen any more.
    static func showUntilEnter(
        _ title: String, _ secret: borrowing SecretBytes
    ) throws(Complaint) {
        let descriptor = try open(for: title)
        defer { close(descriptor) }
        let sink = OutputSink(descriptor: descriptor)
        AlternateScreen.enter(descriptor)
        defer { AlternateScreen.leave() }
        try sink.write("\n\(title)\n\n    ")
        try sink.write(secret.bytes)
        try sink.write("\n\n")
        _ = try readLine(prompt: "write it down, then press Enter", default: "")
    }
}

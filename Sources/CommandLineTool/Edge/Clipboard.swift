// The clipboard, through the programs that own it on each desktop.

internal import CLinux
internal import Glibc
internal import SecretMemory
internal import VaultModel

/// A pair of programs that read and write the clipboard.
struct Clipboard: Hashable, Sendable {
    let readWords: [String]
    /// Empties it, given nothing.
    let clearWords: [String]
    /// Puts there what it reads.
    let copyWords: [String]
    /// Has programs that keep a history told not to keep it, if the program knows how.
    var sensitiveWord: String?
    /// What the reader says when it fails because nothing is there.
    var emptyWords: [String] = []

    /// Milliseconds that a clipboard program may take; xclip waits for ever for an owner that
    /// hangs.
    private static let patience: Int64 = 5_000

    private static let wayland = Clipboard(
        readWords: ["wl-paste", "--no-newline"], clearWords: ["wl-copy", "--clear"],
        copyWords: ["wl-copy", "--type", "text/plain"], sensitiveWord: "--sensitive",
        emptyWords: ["Nothing is copied", "No selection", "No suitable type"])
    private static let xclip = Clipboard(
        readWords: ["xclip", "-selection", "clipboard", "-out"],
        clearWords: ["xclip", "-selection", "clipboard", "-in"],
        copyWords: ["xclip", "-selection", "clipboard", "-in"],
        emptyWords: ["not available"])
    private static let xsel = Clipboard(
        readWords: ["xsel", "--clipboard", "--output"],
        clearWords: ["xsel", "--clipboard", "--clear"],
        copyWords: ["xsel", "--clipboard", "--input"])
    private static let macOS = Clipboard(
        readWords: ["pbpaste"], clearWords: ["pbcopy"], copyWords: ["pbcopy"])

    /// The clipboard of this desktop.
    static func find() throws(Complaint) -> Clipboard {
        var candidates: [Clipboard] = []
        if Places.variable("WAYLAND_DISPLAY") != nil { candidates.append(wayland) }
        if Places.variable("DISPLAY") != nil { candidates += [xclip, xsel] }
        candidates.append(macOS)
        for candidate in candidates
        where (try? Programs.find(candidate.readWords[0])) != nil
            && (try? Programs.find(candidate.clearWords[0])) != nil
        {
            return candidate
        }
        throw Complaint(
            .failed, "there is no clipboard here",
            hint: "install wl-clipboard (Wayland) or xclip or xsel (X11), and set DISPLAY")
    }

    /// What is on the clipboard, exactly; empty if nothing is.
    func read() throws(Complaint) -> SecretBytes {
        let outcome = try ChildProcess.run(
            ChildProcess.Plan(words: readWords, input: nil, patience: Self.patience))
        if outcome.exitCode == 0 { return SecretBytes(copying: outcome.output.bytes) }
        let said = String(validUTF8: outcome.messages.text.bytes) ?? ""
        guard emptyWords.contains(where: { Self.says($0, in: said) }) else {
            throw Complaint(
                .failed, "the clipboard cannot be read: `\(readWords[0])` failed",
                hint: "is DISPLAY or WAYLAND_DISPLAY that of your desktop?")
        }
        return SecretBytes()
    }

    private static func says(_ words: String, in text: String) -> Bool {
        text.indices.contains { text[$0...].hasPrefix(words) }
    }

    /// Waits until something else is on the clipboard; nil if nothing was copied in time.
    func watch(seconds: UInt64) throws(Complaint) -> SecretBytes? {
        let before = try read()
        let deadline = Clock.monotonicMilliseconds() + Int64(seconds) * 1_000
        while Clock.monotonicMilliseconds() < deadline {
            usleep(200_000)
            // Whoever owns the clipboard may be slow this time and not the next.
            guard let now = try? read() else { continue }
            if !now.isEmpty, !ClipboardContent.areEqual(now, before) { return now }
        }
        return nil
    }

    /// Empties the clipboard; false if that fails.
    fileprivate func clear() throws(Complaint) -> Bool {
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(nothing) }
        let plan = ChildProcess.Plan(words: clearWords, input: nothing, patience: Self.patience)
        return try ChildProcess.runSilently(plan) == 0
    }

    /// Puts a value there. In memory without locks, as it is in the program that serves it.
    fileprivate func copy(_ value: borrowing SecretBytes) throws(Complaint) {
        let memory = unsafe coffer_memfd("coffer")
        guard memory >= 0 else { throw Complaint(.notStored, "no memory for the clipboard") }
        defer { close(memory) }
        _ = fcntl(memory, F_SETFD, FD_CLOEXEC)
        try OutputSink(descriptor: memory).write(value.bytes)
        guard lseek(memory, 0, SEEK_SET) == 0 else {
            throw Complaint(.notStored, "no memory for the clipboard")
        }
        let words = copyWords + (try sensitive())
        let plan = ChildProcess.Plan(words: words, input: memory, patience: Self.patience)
        guard try ChildProcess.runSilently(plan) == 0 else {
            throw Complaint(
                .failed, "the clipboard cannot be written: `\(copyWords[0])` failed",
                hint: "is DISPLAY or WAYLAND_DISPLAY that of your desktop?")
        }
    }

    /// Older versions of the program do not know the word, and say so in their help.
    private func sensitive() throws(Complaint) -> [String] {
        guard let word = sensitiveWord else { return [] }
        let plan = ChildProcess.Plan(
            words: [copyWords[0], "--help"], input: nil, patience: Self.patience)
        let outcome = try ChildProcess.run(plan, longest: 65_536)
        let text = String(validUTF8: outcome.output.bytes) ?? ""
        return Self.says(word, in: text) ? [word] : []
    }
}

/// What was taken from the clipboard or put there, kept to see whether it is still there.
final class ClipboardContent {
    private let clipboard: Clipboard
    private let value: SecretBytes

    init(_ clipboard: Clipboard, _ value: consuming SecretBytes) {
        self.clipboard = clipboard
        self.value = value
    }

    /// Puts a value on the clipboard, and reads it back: not every program takes every byte.
    static func copying(_ value: consuming SecretBytes) throws(Complaint) -> ClipboardContent {
        let content = ClipboardContent(try Clipboard.find(), value)
        try content.clipboard.copy(content.value)
        for _ in 0..<20 {
            if let now = try? content.clipboard.read(), areEqual(now, content.value) {
                return content
            }
            usleep(100_000)
        }
        guard content.isAllThatIsThere else {
            throw Complaint(
                .failed, "the clipboard holds something else than the value, and was left as it is",
                hint: "was something copied meanwhile? if not, it may be a part of the secret")
        }
        _ = try? content.clipboard.clear()
        throw Complaint(
            .failed, "the clipboard does not give the value back as it is, so it was cleared",
            hint: "`\(content.clipboard.copyWords[0])` may take text alone")
    }

    /// Whether nothing is seen on the clipboard but the value, a beginning of it, or the value with
    /// something at its end: what a person copied since is theirs.
    private var isAllThatIsThere: Bool {
        guard let now = try? clipboard.read() else { return true }
        return Self.beginAlike(now, value)
    }

    /// Whether one of both is a beginning of the other, as nothing is of everything.
    static func beginAlike(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        let (left, right) = (one.bytes, other.bytes)
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return false
        }
        return true
    }

    /// Clears the clipboard if it still holds the value: what a person copied since is theirs. A
    /// value that was taken is stored, whatever fails here.
    func clear() throws(Complaint) {
        do throws(Complaint) {
            guard Self.areEqual(try clipboard.read(), value) else { return }
        } catch {
            Console.warn("\(error.words); it may still hold the secret")
            return
        }
        guard try clipboard.clear() else {
            throw Complaint(.failed, "the clipboard could not be cleared; the secret is stored")
        }
        Console.note("cleared the clipboard")
    }

    static func areEqual(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        guard one.count == other.count else { return false }
        let (left, right) = (one.bytes, other.bytes)
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }
}

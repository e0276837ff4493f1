// The clipboard, through the programs that own it on each desktop.

internal import Glibc
internal import SecretMemory
internal import VaultModel

/// A pair of programs that read and write the clipboard.
struct Clipboard: Hashable, Sendable {
    let readWords: [String]
    let writeWords: [String]
    /// What the reader says when it fails because nothing is there.
    var emptyWords: [String] = []

    /// Milliseconds that a clipboard program may take; xclip waits for ever for an owner that
    /// hangs.
    private static let patience: Int64 = 5_000

    private static let wayland = Clipboard(
        readWords: ["wl-paste", "--no-newline"], writeWords: ["wl-copy", "--clear"],
        emptyWords: ["Nothing is copied", "No selection", "No suitable type"])
    private static let xclip = Clipboard(
        readWords: ["xclip", "-selection", "clipboard", "-out"],
        writeWords: ["xclip", "-selection", "clipboard", "-in"],
        emptyWords: ["not available"])
    private static let xsel = Clipboard(
        readWords: ["xsel", "--clipboard", "--output"],
        writeWords: ["xsel", "--clipboard", "--clear"])
    private static let macOS = Clipboard(readWords: ["pbpaste"], writeWords: ["pbcopy"])

    /// The clipboard of this desktop.
    static func find() throws(Complaint) -> Clipboard {
        var candidates: [Clipboard] = []
        if Places.variable("WAYLAND_DISPLAY") != nil { candidates.append(wayland) }
        if Places.variable("DISPLAY") != nil { candidates += [xclip, xsel] }
        candidates.append(macOS)
        for candidate in candidates
        where (try? Programs.find(candidate.readWords[0])) != nil
            && (try? Programs.find(candidate.writeWords[0])) != nil
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

    /// Empties the clipboard.
    fileprivate func clear() throws(Complaint) {
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(nothing) }
        let plan = ChildProcess.Plan(words: writeWords, input: nothing, patience: Self.patience)
        guard try ChildProcess.runSilently(plan) == 0 else {
            throw Complaint(.failed, "the clipboard could not be cleared; the secret is stored")
        }
    }
}

/// What was taken from the clipboard, kept to see whether it is still there.
final class ClipboardContent {
    private let clipboard: Clipboard
    private let value: SecretBytes

    init(_ clipboard: Clipboard, _ value: consuming SecretBytes) {
        self.clipboard = clipboard
        self.value = value
    }

    /// Clears the clipboard if it still holds what was taken from it: what a person copied since is
    /// theirs. Whatever fails here, the secret is stored.
    func clear() throws(Complaint) {
        do throws(Complaint) {
            guard Self.areEqual(try clipboard.read(), value) else { return }
        } catch {
            Console.warn("\(error.words); it may still hold the secret")
            return
        }
        try clipboard.clear()
        Console.note("cleared the clipboard")
    }

    static func areEqual(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        guard one.count == other.count else { return false }
        let (left, right) = (one.bytes, other.bytes)
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }
}

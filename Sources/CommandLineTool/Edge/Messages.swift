// What a command says to people beside its output.

internal import Glibc
internal import SecretMemory

/// The end of it is kept, for errors stand there. It may hold the secret too: it is shown when that
/// is known and can be taken out.
struct Messages: ~Copyable {
    /// Whether some of it is shown before the command's end.
    enum Showing: Hashable, Sendable {
        case never
        /// A command that says something, prints nothing and waits may be asking for something.
        case whileItWaits

        /// Only a person can answer, and a log keeps what a terminal forgets.
        static var toAPerson: Showing { isatty(2) == 1 ? .whileItWaits : .never }
    }

    /// How much is kept, in bytes.
    private static let longest = 1_048_576

    private(set) var text = SecretBytes()
    private(set) var isCut = false
    private var shown = 0

    /// Reads once; false at the end.
    mutating func take(from descriptor: Int32) -> Bool {
        let isThere = Listener.read(descriptor, into: &text)
        if text.count > 2 * Self.longest { forget(text.count - Self.longest) }
        return isThere
    }

    private mutating func forget(_ count: Int) {
        text = SecretBytes(copying: text.bytes.extracting(droppingFirst: count))
        if count > shown { isCut = true }
        shown = max(0, shown - count)
    }

    var isUnshown: Bool { shown < text.count }

    /// Shows what was not shown yet as it is: nothing is known for a secret.
    mutating func show() {
        Console.errRaw(text.bytes.extracting(droppingFirst: shown))
        shown = text.count
    }

    /// Shows the rest of it with the secrets taken out.
    func show(hiding secrets: borrowing SecretFields) {
        guard isUnshown else { return }
        if isCut { Console.note("only the end of the command's messages follows") }
        var redactor = Redactor(text.bytes.extracting(droppingFirst: shown))
        for name in secrets.names {
            redactor.hide(secrets.value(of: name))
            // What is stored may be more than the secret, and what is said less of it.
            redactor.hideTraces(of: secrets.value(of: name))
        }
        Console.errRaw(redactor.redacted().bytes)
    }
}

// An error as a person sees it: what failed, then what to do.
//
// Words are lower case and end without a full stop. They hold no value and nothing that a person
// typed where a value could have been typed by mistake; what comes from outside is escaped.

internal import VaultModel

/// One line that says what failed, lines that say what to do, and the exit code.
struct Complaint: Error, Hashable, Sendable {
    let code: ExitCode
    let words: String
    let hints: [String]
    /// What the process exits with; another's code if that is passed on.
    private(set) var status: Int32

    init(_ code: ExitCode, _ words: String, hints: [String] = []) {
        self.code = code
        self.words = words
        self.hints = hints
        status = code.rawValue
    }

    /// About a program that failed, whose exit code becomes ours.
    static func passing(on status: Int32, _ words: String) -> Complaint {
        var complaint = Complaint(.failed, words)
        complaint.status = status
        return complaint
    }

    init(_ code: ExitCode, _ words: String, hint: String) {
        self.init(code, words, hints: [hint])
    }

    /// Runs `body` and turns its error into words.
    static func from<R: ~Copyable>(
        _ body: () throws(VaultError) -> R
    ) throws(Complaint) -> R {
        do throws(VaultError) { return try body() } catch { throw Complaint(error) }
    }

    /// The same for one line of many.
    init(_ error: VaultError, inLine number: Int) {
        let complaint = Complaint(error)
        self.init(
            complaint.code, "line \(number): \(complaint.words); nothing was imported",
            hints: complaint.hints)
    }

    /// What is said about one of several secrets; its name is not said twice.
    func words(about name: SecretName) -> String {
        let isNamed = words.split(separator: "\"").contains { $0 == name.text }
        return isNamed ? words : "\"\(name)\": \(words)"
    }
}

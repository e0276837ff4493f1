// The command that makes a secret: found before the vault is opened, heard out whatever comes.

internal import Glibc

/// What stands behind `--` of a capture.
struct IssuingCommand: Hashable, Sendable {
    private let words: [String]
    private let path: String

    /// Finds the command, so that a typing error is told before a passphrase is asked for.
    init(_ words: [String]) {
        self.words = words
        path = Programs.require(words[0])
    }

    /// Runs it to its end. From now on signals reach only the command, until this process ends:
    /// what it printed before it ended is still needed, and then it has to be stored.
    func run() throws(Complaint) -> ChildOutcome {
        let manner = Listener.Manner(signals: HeldSignals.hold(), messages: .toAPerson)
        return try ChildProcess.run(path, ChildProcess.Plan(words: words), manner)
    }
}

// Words for people: results to standard output, everything else to standard error.

internal import CLinux
internal import Glibc
internal import Synchronization
internal import VaultModel

/// Text of ours; no value passes here.
enum Console {
    private static let pending = Mutex("")

    static var isTerminal: Bool { isatty(1) == 1 }

    /// The width of the terminal behind standard output; 80 where it is not told.
    static var columns: Int {
        let told = Int(coffer_terminal_columns(1))
        return told > 0 ? told : 80
    }

    /// Adds to standard output; written by `flush`, or when there is much of it.
    static func out(_ text: String) throws(Complaint) {
        let size = pending.withLock { pending in
            pending += text
            return pending.utf8.count
        }
        if size > 65_536 { try flush() }
    }

    /// Writes what `out` collected.
    static func flush() throws(Complaint) {
        let text = pending.withLock { pending in
            let text = pending
            pending = ""
            return text
        }
        try OutputSink.standardOutput.write(text)
    }

    static func warn(_ words: String) { err("coffer: warning: \(words)\n") }
    static func note(_ words: String) { err("coffer: \(words)\n") }

    static func complain(_ complaint: Complaint) {
        err("coffer: error: \(complaint.words)\n")
        for hint in complaint.hints { err("coffer: hint: \(hint)\n") }
    }

    /// Says so if what a change removed is still there for a while.
    static func remark(on rows: OldRows) {
        guard rows == .inTheLog else { return }
        warn("another process has the vault open: old rows leave the file when it closes")
    }

    private static func err(_ text: String) { try? OutputSink.standardError.write(text) }

    /// Passes on what another program said, redacted before.
    static func errRaw(_ text: Span<UInt8>) { try? OutputSink.standardError.write(text) }
}

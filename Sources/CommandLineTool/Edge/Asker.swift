// Who asks this process for something: what goes into the log with every operation.

internal import Glibc
internal import VaultModel

extension Attribution {
    /// What the kernel tells of this process, which may be not dumpable: its own entries in /proc
    /// stay open to it. About eight calls a process of the chain, no search.
    ///
    /// `job` is the executable that a secret is handed to, if it is another.
    static func ofThisProcess(reason: String? = nil, job: String? = nil) -> Attribution {
        var room = ProcessFolder.room
        let folder = ProcessFolder("self")
        let chain = ProcessChain(of: folder, &room)
        let own = ActingProcess(pid: UInt32(getpid()), path: "", executable: .unknown)
        return Attribution(
            chain: chain.processes.isEmpty ? [own] : chain.processes, terminal: chain.terminal,
            unit: folder.unit(&room), workingDirectory: folder.workingDirectory(&room),
            job: job.map(KernelText.ending), reason: reason)
    }
}

/// What the asking person says of it.
enum Asker {
    static let reason = Option.one("--reason", "TEXT", "say why, for the audit log")
}

extension Invocation {
    /// `--reason`, checked: it is written down as it is, so none is cut.
    func reason() throws(Complaint) -> String? {
        let option = Asker.reason
        guard let text = value(of: option) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw Complaint(.usage, "`\(option.name)` is empty", hint: "say why, in a few words")
        }
        guard text.utf8.count <= Attribution.longestReason else {
            throw Complaint(
                .usage, "`\(option.name)` is longer than \(Attribution.longestReason) bytes")
        }
        return text
    }
}

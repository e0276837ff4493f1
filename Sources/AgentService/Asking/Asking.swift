// Who asks for something: what goes into the log with every operation.

internal import AgentProtocol
internal import Glibc
public import VaultModel

extension Attribution {
    /// What the kernel tells of this process, which may be not dumpable: its own entries in /proc
    /// stay open to it. About eight calls a process of the chain, no search.
    ///
    /// `job` is the executable that a secret is handed to, if it is another.
    public static func ofThisProcess(reason: String? = nil, job: String? = nil) -> Attribution {
        var room = ProcessFolder.room
        let folder = ProcessFolder("self")
        let chain = ProcessChain(of: folder, &room)
        let own = ActingProcess(pid: UInt32(getpid()), path: "", executable: .unknown)
        return Attribution(
            chain: chain.processes.isEmpty ? [own] : chain.processes, terminal: chain.terminal,
            unit: folder.unit(&room), workingDirectory: folder.workingDirectory(&room),
            job: job.map(KernelText.ending), reason: reason)
    }

    /// What the kernel tells of another process. A client of ours is not dumpable, so that its own
    /// executable and folder stay hidden unless we are root.
    static func of(process: Int32) -> Attribution {
        var room = ProcessFolder.room
        let folder = ProcessFolder("\(process)")
        let chain = ProcessChain(of: folder, &room)
        let own = ActingProcess(
            pid: UInt32(clamping: process), path: "", executable: .unknown)
        return Attribution(
            chain: chain.processes.isEmpty ? [own] : chain.processes, terminal: chain.terminal,
            unit: folder.unit(&room), workingDirectory: folder.workingDirectory(&room))
    }

    /// The same with what the process says of itself; its folder only where the kernel hides that.
    func saying(_ said: Saying) -> Attribution {
        var all = self
        all.workingDirectory = workingDirectory ?? said.workingDirectory
        all.job = said.job
        all.reason = said.reason
        return all
    }
}

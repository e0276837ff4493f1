// A process, its parent, and so on up to the leader of its session.

internal import VaultModel

/// What /proc tells of where a process comes from.
struct ProcessChain: Hashable, Sendable {
    private(set) var processes: [ActingProcess] = []
    /// The controlling terminal of the first, or nil.
    private(set) var terminal: String?

    /// The chain of the process that `folder` shows. `room` is from `ProcessFolder.room`.
    ///
    /// A parent is looked up by its number, which may be another process's by the time it is
    /// looked up. That one would be younger than the child: so such a parent is not believed.
    init(of folder: borrowing ProcessFolder, _ room: inout [UInt8]) {
        guard let first = folder.stat(&room) else { return }
        terminal = ControllingTerminal.name(first.terminal)
        add(first.pid, folder.executable(&room))
        var child = first
        while child.pid != first.session, child.parent != 0,
            processes.count < Attribution.longestChain
        {
            let folder = ProcessFolder(String(child.parent))
            guard let parent = folder.stat(&room), Self.isOlder(parent, than: child) else {
                add(child.parent, .unknown)
                return
            }
            // Beyond the session is whoever adopted us when its leader ended.
            guard parent.session == first.session else { return }
            add(parent.pid, folder.executable(&room))
            child = parent
        }
    }

    /// Whether it can be the parent. Within one tick of the clock (10 ms) no machine gives out all
    /// its numbers, so two processes that are equally old are parent and child.
    static func isOlder(_ parent: ProcessStat, than child: ProcessStat) -> Bool {
        parent.startTime <= child.startTime
    }

    private mutating func add(_ pid: UInt32, _ file: ExecutableFile) {
        processes.append(ActingProcess(pid: pid, path: file.path, executable: file.state))
    }
}

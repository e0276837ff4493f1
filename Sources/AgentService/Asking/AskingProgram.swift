// The program that asks for a secret through a client of ours: whom a grant is for.

internal import Glibc
internal import VaultModel

/// A session of processes (credentials(7)), bound to the process that leads it and not to its
/// number.
struct ProcessSession: Hashable, Sendable {
    let leader: UInt32
    /// When the leader was started; 0 if it has ended, so that nobody knows.
    let startTime: UInt64
}

/// What is known of who asks, at the moment at which it asks.
struct AskingProgram: ~Copyable {
    /// The process; it may have ended by now.
    let process: UInt32
    /// Its file: `unknown` if the kernel does not tell us.
    let executable: ExecutableFile
    let session: ProcessSession
    /// The device of its controlling terminal, or 0.
    let terminal: Int32
    /// Whether the terminal listens to the client.
    let isInForeground: Bool
    private let folder: ProcessFolder

    private init(
        _ program: ProcessStat, _ executable: ExecutableFile, _ folder: consuming ProcessFolder,
        _ session: ProcessSession, of client: ProcessStat
    ) {
        process = program.pid
        self.executable = executable
        self.folder = folder
        self.session = session
        terminal = client.terminal
        isInForeground = client.terminal != 0 && client.group == client.foreground
    }

    /// The program that uses the client of number `client`: its parent, if the client is one of
    /// ours, else itself. Nil if that cannot be told for sure. `isAlive` tells whether the client
    /// is still the process that connected.
    ///
    /// A folder in /proc stays that of its process. So the client's numbers are those of who
    /// connected if it lives after they were read, and the parent's are its parent's if that is
    /// the same before and after its folder was opened: living processes keep their numbers.
    static func using(_ client: Int32, isAlive: () -> Bool) -> AskingProgram? {
        var room = ProcessFolder.room
        let own = ProcessFolder("\(client)")
        guard let stat = own.stat(&room), isAlive() else { return nil }
        let session = session(stat.session, &room)
        guard isOurs(own) else {
            let file = own.executable(&room)
            return AskingProgram(stat, file, own, session, of: stat)
        }
        // Who started the leader of a session may be none of those who use it.
        guard stat.pid != stat.session, stat.parent != 0 else { return nil }
        let parent = ProcessFolder("\(stat.parent)")
        guard let above = parent.stat(&room), above.session == stat.session,
            let again = own.stat(&room), again.parent == stat.parent, isAlive()
        else { return nil }
        let file = parent.executable(&room)
        return AskingProgram(above, file, parent, session, of: stat)
    }

    /// A client of ours cannot be looked into, unless by root: then its file tells.
    private static func isOurs(_ client: borrowing ProcessFolder) -> Bool {
        guard let theirs = ProgramFile(client.openExecutable())?.mark else { return true }
        return theirs == ProgramFile(ProcessFolder("self").openExecutable())?.mark
    }

    private static func session(_ leader: UInt32, _ room: inout [UInt8]) -> ProcessSession {
        let stat = leader == 0 ? nil : ProcessFolder("\(leader)").stat(&room)
        return ProcessSession(leader: leader, startTime: stat?.startTime ?? 0)
    }

    /// Its path, if the file that runs is the one that lies there; else nothing is granted to it.
    var path: String? {
        guard executable.state == .present, executable.path.hasPrefix("/") else { return nil }
        return executable.path
    }

    /// The file that runs.
    func file() -> ProgramFile? { ProgramFile(folder.openExecutable()) }
}

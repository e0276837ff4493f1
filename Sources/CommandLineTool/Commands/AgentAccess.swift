// The way from a command line to the agent that keeps the vault open.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import VaultModel

/// Where the agent of a vault listens, and whether it does.
struct AgentPlace {
    /// The vault's path, from the root.
    let vault: String
    let folder: String
    /// The socket's name in the folder.
    let socket: String
    /// The name of the file that a living agent holds the lock of.
    var lock: String { "\(socket).lock" }

    /// The place of the agent of the vault that the command line means. Other vaults than the usual
    /// one have agents of their own.
    init(_ call: Invocation) throws(Complaint) {
        let path = try VaultAccess.path(call)
        vault = path.hasPrefix("/") ? path : "\(Places.workingDirectory ?? "")/\(path)"
        folder = Places.sockets
        let isUsual =
            Places.hasRuntime && Places.agentFolder == nil && path == Places.usualVault
        socket = isUsual ? "agent.sock" : "agent-\(Self.mark(of: vault)).sock"
    }

    /// The same vault's place in another folder.
    init(_ place: AgentPlace, in folder: String) {
        vault = place.vault
        self.folder = folder
        socket = "agent-\(Self.mark(of: place.vault)).sock"
    }

    /// Sixteen digits that are the same however the path to a vault is spelt. Two vaults of one
    /// mark could not both have an agent; neither would be taken for the other.
    private static func mark(of path: String) -> String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = FileIdentity(at: slash == path.startIndex ? "/" : String(path[..<slash]))
        let text = "\(folder?.device ?? 0):\(folder?.inode ?? 0)\(path[slash...])"
        // FNV-1a, 64 bits.
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

enum AgentAccess {
    /// The agent, not greeted yet, unless the command line names a key of its own; nil if there is
    /// none.
    static func client(_ call: Invocation, job: String? = nil) throws(Complaint) -> AgentClient? {
        guard !VaultAccess.isKeyGiven(call), !call.has(VerbTable.acceptRollback) else { return nil }
        let (place, reason) = (try AgentPlace(call), try call.reason())
        // A place that is not ours is not spoken to; what was asked for is done without it.
        let agent = try? connect(place, reason: reason, job: job)
        agent?.askPerson = GrantWords.ask
        return agent
    }

    /// The same, after it has answered the greeting.
    static func greeted(_ call: Invocation, job: String? = nil) throws(Complaint) -> AgentClient? {
        guard let agent = try client(call, job: job) else { return nil }
        return (try? agent.greet()) == true ? agent : nil
    }

    /// The agent of the vault, which has not been greeted; nil if there is none.
    static func connect(
        _ place: AgentPlace, reason: String?, job: String? = nil
    ) throws(VaultError) -> AgentClient? {
        guard let vault = FileIdentity(at: place.vault) else { return nil }
        let saying = Saying(
            reason: reason, job: job, workingDirectory: Places.workingDirectory)
        switch try SocketFolder(at: place.folder) {
        case .some(let folder):
            return try AgentClient(
                in: folder, named: place.socket,
                greeting: Greeting(vault: vault, saying: saying))
        case .none: return nil
        }
    }
}

// Who asked: what the kernel says of a process, never what it was called with. Command lines are
// not here on purpose: they may hold secrets.

/// One process of a chain.
public struct ActingProcess: Hashable, Sendable {
    /// How the executable's file stands to the program that runs.
    public enum Executable: UInt8, Hashable, Sendable {
        /// The file that was started is the one at the path.
        case present = 0
        /// It was removed since.
        case deleted = 1
        /// Another file lies at its path.
        case replaced = 2
        /// The kernel does not tell us: the process is another user's, or it has ended.
        case unknown = 3
    }

    public let pid: UInt32
    /// The executable's path; empty if it is unknown.
    public let path: String
    public let executable: Executable

    public init(pid: UInt32, path: String, executable: Executable) {
        self.pid = pid
        self.path = path
        self.executable = executable
    }
}

/// Who asked for an operation, and from where.
public struct Attribution: Hashable, Sendable {
    /// The process that asked, its parent, and so on up to the leader of its session; at most
    /// `longestChain`.
    public var chain: [ActingProcess]
    /// The controlling terminal, such as `/dev/pts/3`, or nil.
    public var terminal: String?
    /// The systemd unit or the container that the process belongs to, or nil.
    public var unit: String?
    public var workingDirectory: String?
    /// The executable that a secret was handed to, if it is not the asking process.
    public var job: String?
    /// What a person gave as the reason, or nil.
    public var reason: String?

    /// Most processes of a chain.
    public static let longestChain = 16
    /// Longest path or other text but a reason, in bytes of UTF-8: what is longer loses its
    /// beginning.
    public static let longestText = 1_024
    /// Longest reason, in bytes of UTF-8.
    public static let longestReason = 1_024

    public init(
        chain: [ActingProcess] = [], terminal: String? = nil, unit: String? = nil,
        workingDirectory: String? = nil, job: String? = nil, reason: String? = nil
    ) {
        self.chain = chain
        self.terminal = terminal
        self.unit = unit
        self.workingDirectory = workingDirectory
        self.job = job
        self.reason = reason
    }

    /// The program that used a secret: the job it was handed to, else the first process of the
    /// chain that is not the asking one, else that.
    public var program: String? {
        if let job { return job }
        let known = chain.dropFirst().first { !$0.path.isEmpty } ?? chain.first
        return known.flatMap { $0.path.isEmpty ? nil : $0.path }
    }
}

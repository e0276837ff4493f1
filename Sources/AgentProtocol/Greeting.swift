// The first words of a connection: which vault is meant, and what the asker says of itself.

public import VaultModel

/// What the asker says of itself; the kernel says who it is. These are texts for the log: nothing
/// is opened, run or granted on their word.
public struct Saying: Hashable, Sendable {
    public let reason: String?
    /// The executable that a secret is handed to.
    public let job: String?
    public let workingDirectory: String?

    public init(reason: String? = nil, job: String? = nil, workingDirectory: String? = nil) {
        self.reason = reason
        self.job = job
        self.workingDirectory = workingDirectory
    }
}

/// What a client says first.
public struct Greeting: Hashable, Sendable {
    public let vault: FileIdentity
    public let saying: Saying

    public init(vault: FileIdentity, saying: Saying) {
        self.vault = vault
        self.saying = saying
    }
}

/// When an agent locks by itself, in seconds; nil is what the agent was started with, which is the
/// most in any case.
public struct LockTimes: Hashable, Sendable {
    /// Without a use for so long.
    public let idle: UInt64?
    /// After so long whatever happens.
    public let most: UInt64?

    public init(idle: UInt64? = nil, most: UInt64? = nil) {
        self.idle = idle
        self.most = most
    }
}

/// What an agent says of itself.
public struct AgentStatus: Hashable, Sendable {
    public let process: UInt32
    public let isOpen: Bool
    /// Seconds until it locks by itself, if it is open.
    public let remaining: UInt64

    public init(process: UInt32, isOpen: Bool, remaining: UInt64) {
        self.process = process
        self.isOpen = isOpen
        self.remaining = remaining
    }
}

/// What `unlock` found, as a person is to be told.
public struct Unlocked: Hashable, Sendable {
    public let anchor: AnchorState
    public let slotsWereChanged: Bool
    public let notices: [DepositNotice]
    public let obstacle: VaultError?

    public init(
        anchor: AnchorState, slotsWereChanged: Bool, notices: [DepositNotice],
        obstacle: VaultError?
    ) {
        self.anchor = anchor
        self.slotsWereChanged = slotsWereChanged
        self.notices = notices
        self.obstacle = obstacle
    }
}

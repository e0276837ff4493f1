// The audit log as it lies in the file: entries, seals, and where the chain stands.

/// One entry: what is clear in it, and its sealed detail (`docs/spec/audit-log.md`).
public struct AuditEntry: Hashable, Sendable {
    /// From 0, without gaps.
    public let number: UInt64
    public let time: Timestamp
    /// `AuditOperation` and `AuditOutcome`, or what a later release writes.
    public let operation: UInt8
    public let outcome: UInt8
    public let user: UInt32
    public let process: UInt32
    /// Which record; all zeros if none is meant.
    public let object: Identifier
    /// The sealed `AuditDetail`; empty if there is none.
    public let detail: [UInt8]

    /// Longest sealed detail, in bytes.
    public static let longestDetail = 65_536

    public init(
        number: UInt64, time: Timestamp, operation: UInt8, outcome: UInt8, user: UInt32,
        process: UInt32, object: Identifier, detail: [UInt8]
    ) {
        self.number = number
        self.time = time
        self.operation = operation
        self.outcome = outcome
        self.user = user
        self.process = process
        self.object = object
        self.detail = detail
    }
}

/// What a signing key says of all entries before it, and the key that signs next.
public struct AuditSeal: Hashable, Sendable {
    /// Ed25519 public key, 32 bytes.
    public let nextKey: [UInt8]
    /// Ed25519 signature, 64 bytes.
    public let signature: [UInt8]

    public init(nextKey: [UInt8], signature: [UInt8]) {
        self.nextKey = nextKey
        self.signature = signature
    }
}

/// A row of the log: an entry, its link in the chain, and the seal behind it if there is one.
public struct AuditRow: Hashable, Sendable {
    public let entry: AuditEntry
    /// The chain's tip after the entry and before the seal, 32 bytes.
    public let link: [UInt8]
    public let seal: AuditSeal?

    public init(entry: AuditEntry, link: [UInt8], seal: AuditSeal?) {
        self.entry = entry
        self.link = link
        self.seal = seal
    }
}

/// Where the chain stands. Everything here follows from the rows, but for the first key and the
/// failed unlocks that have no entry yet.
public struct AuditTip: Hashable, Sendable {
    /// Ed25519 public key of the first seal, 32 bytes.
    public let firstKey: [UInt8]
    public var entries: UInt64
    public var seals: UInt64
    /// 32 bytes.
    public var tip: [UInt8]
    /// How many entries the newest seal covers.
    public var sealedEntries: UInt64
    /// When the newest seal was made.
    public var sealed: Timestamp
    /// Failed unlocks since the newest entry that counts them.
    public var failures: UInt64
    /// When the newest of such entries was written.
    public var failuresSince: Timestamp

    public init(
        firstKey: [UInt8], entries: UInt64, seals: UInt64, tip: [UInt8], sealedEntries: UInt64,
        sealed: Timestamp, failures: UInt64, failuresSince: Timestamp
    ) {
        self.firstKey = firstKey
        self.entries = entries
        self.seals = seals
        self.tip = tip
        self.sealedEntries = sealedEntries
        self.sealed = sealed
        self.failures = failures
        self.failuresSince = failuresSince
    }
}

/// A process that asks, as the log will name it.
public struct Caller: Hashable, Sendable {
    public var user: UInt32
    public var process: UInt32
    public var attribution: Attribution

    public init(user: UInt32, process: UInt32, attribution: Attribution) {
        self.user = user
        self.process = process
        self.attribution = attribution
    }
}

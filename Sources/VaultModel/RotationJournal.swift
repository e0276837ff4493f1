// A rotation of one secret as it is journalled in its description: what was done, what may be under
// way, and what was found at the issuer.

/// Which rotation: random, drawn when it is begun.
public struct RotationID: Hashable, Sendable {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
}

/// How a key at the issuer is replaced; the raw value is the byte in the file.
public enum RotationMode: UInt8, Hashable, Sendable, CaseIterable {
    /// A second key is made; both are valid for a while.
    case dual = 1
    /// The issuer exchanges the value; the old one is no longer valid at once.
    case inPlace = 2
    /// A person makes the new key at the issuer's console.
    case guided = 3
    /// The user's own commands make, verify and revoke keys.
    case command = 4

    public var word: String {
        switch self {
        case .dual: "dual"
        case .inPlace: "in-place"
        case .guided: "guided"
        case .command: "command"
        }
    }
}

/// Where a rotation stands (`docs/spec/rotation.md`); the raw value is the byte in the file.
public enum RotationState: UInt8, Hashable, Sendable, CaseIterable {
    /// Nothing was done at the issuer.
    case intended = 1
    /// A key may be being made: this is on disk before the issuer is asked.
    case creating = 2
    /// Nobody knows whether a key was made; it is looked for.
    case searching = 3
    /// The new key is stored, not in use.
    case pending = 4
    /// The issuer accepts the new key.
    case verified = 5
    /// The new key is the current version; the old one is valid until the grace is over.
    case promoted = 6
    /// The old key is switched off at the issuer, and could be switched on again.
    case deactivated = 7
    /// The old key is gone at the issuer.
    case revoked = 8
    /// Over: the old version is retired.
    case retired = 9
    /// The old key is to become the current one again.
    case restoring = 10
    /// The new key is to go, if there is one.
    case abandoning = 11
    /// Over without a new key in use.
    case abandoned = 12

    /// Whether nothing is to be done any more.
    public var isOver: Bool { self == .retired || self == .abandoned }

    public var word: String {
        switch self {
        case .intended: "intended"
        case .creating: "creating"
        case .searching: "searching"
        case .pending: "pending"
        case .verified: "verified"
        case .promoted: "promoted"
        case .deactivated: "deactivated"
        case .revoked: "revoked"
        case .retired: "retired"
        case .restoring: "restoring"
        case .abandoning: "abandoning"
        case .abandoned: "abandoned"
        }
    }
}

/// Why a rotation is abandoned; the raw value is the byte in the file.
public enum RotationEnd: UInt8, Hashable, Sendable, CaseIterable {
    /// Someone asked for it.
    case asked = 1
    /// The issuer made no key.
    case refused = 2
    /// There are as many keys at the issuer as it allows.
    case full = 3
    /// The issuer exchanged the value, and the new one never arrived.
    case valueLost = 4

    public var word: String {
        switch self {
        case .asked: "asked"
        case .refused: "refused"
        case .full: "full"
        case .valueLost: "value-lost"
        }
    }
}

/// What an issuer calls a key: no secret.
public struct KeyID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Longest id, in bytes of UTF-8.
    public static let longest = 256

    public let text: String

    /// Nil if it is empty or too long.
    public init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    public var description: String { text }

    /// The order of the bytes.
    public static func < (left: KeyID, right: KeyID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    // Texts that look alike are other ids.
    public static func == (left: KeyID, right: KeyID) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

/// What the machine's clocks said at one moment.
public struct ClockReading: Hashable, Sendable {
    /// A clock that nobody sets: since the machine was started, sleep included.
    public struct Running: Hashable, Sendable {
        /// Which start of the machine.
        public let boot: Identifier
        public let milliseconds: UInt64

        public init(boot: Identifier, milliseconds: UInt64) {
            self.boot = boot
            self.milliseconds = milliseconds
        }
    }

    public let wall: Timestamp
    public let running: Running?

    public init(wall: Timestamp, running: Running? = nil) {
        self.wall = wall
        self.running = running
    }
}

/// The journal: sealed with the description, changed in one transaction with the versions.
public struct RotationJournal: Hashable, Sendable {
    public let id: RotationID
    public let mode: RotationMode
    public var state: RotationState
    /// Why it is, or is being, abandoned.
    public var end: RotationEnd?
    public let begun: Timestamp
    /// When the state was entered.
    public var changed: Timestamp
    /// The version that is replaced.
    public let old: UInt32
    /// The version that was stored for it.
    public var new: UInt32?
    /// How often the issuer was asked for a key, or may have been.
    public var attempts: UInt32 = 0
    /// How many of those nobody could look into: the issuer has no list, or says of no key whether
    /// it is accepted.
    public var doubts: UInt32 = 0
    /// Seconds for which both keys are to be valid.
    public let grace: UInt64
    /// Since when the present wait runs: the grace, or how long the old key is switched off.
    public var waiting: ClockReading?
    /// When the new version expires.
    public var expires: Timestamp?
    /// The keys at the issuer before one was made, sorted; nil if that is not known.
    public var known: [KeyID]?
    /// Keys at the issuer that this or an earlier rotation may have made and nobody holds, sorted.
    public var strays: [KeyID] = []

    /// Most ids in either list.
    public static let mostKeys = 1_024
    /// Longest grace: ten years, in seconds.
    public static let longestGrace: UInt64 = 315_360_000

    public init(
        id: RotationID, mode: RotationMode, old: UInt32, grace: UInt64, begun: Timestamp
    ) {
        self.id = id
        self.mode = mode
        state = .intended
        self.begun = begun
        changed = begun
        self.old = old
        self.grace = grace
    }
}

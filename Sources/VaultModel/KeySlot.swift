// The public side of a key slot: what the file says about how the root key is sealed.

/// What opens a slot; the raw value is the byte in the file.
public enum KeySlotKind: UInt8, Hashable, Sendable, CustomStringConvertible {
    case passphrase = 1
    /// A 256-bit key: recovery code, key file, job key.
    case rawKey = 3

    public var description: String {
        switch self {
        case .passphrase: "passphrase"
        case .rawKey: "raw key"
        }
    }
}

/// The cost of Argon2id (RFC 9106).
public struct KDFParameters: Hashable, Sendable {
    /// Memory in KiB.
    public let memory: UInt32
    /// Passes over the memory.
    public let passes: UInt32
    /// Lanes.
    public let lanes: UInt32

    public init(memory: UInt32, passes: UInt32, lanes: UInt32) {
        self.memory = memory
        self.passes = passes
        self.lanes = lanes
    }

    /// 256 MiB, 3 passes, 4 lanes.
    public static let standard = KDFParameters(memory: 262_144, passes: 3, lanes: 4)
    /// RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes; the least that `init` offers.
    public static let smallest = KDFParameters(memory: 65_536, passes: 3, lanes: 4)
    /// What a raw slot carries.
    public static let none = KDFParameters(memory: 0, passes: 0, lanes: 0)

    /// Whether a vault with these parameters is opened: checked before any memory is taken.
    ///
    /// 19 MiB ≤ memory ≤ `ceiling` KiB and 4 GiB, 1 ≤ passes ≤ 64, 1 ≤ lanes ≤ 64, 8 × lanes ≤
    /// memory.
    public func isAcceptable(ceiling: UInt64) -> Bool {
        memory >= 19 * 1_024 && UInt64(memory) <= min(ceiling, 4 * 1_024 * 1_024)
            && (1...64).contains(passes) && (1...64).contains(lanes) && 8 * lanes <= memory
    }
}

/// A slot as it was seen in the file: what is decided on it is not done to another that has its
/// number by then.
public struct SeenSlot: Hashable, Sendable {
    public let number: UInt8
    public let kind: KeySlotKind
    public let bytes: [UInt8]

    public init(number: UInt8, kind: KeySlotKind, bytes: [UInt8]) {
        self.number = number
        self.kind = kind
        self.bytes = bytes
    }
}

/// What `slot list` shows of a slot.
public struct KeySlotSummary: Hashable, Sendable {
    /// 0 to 7.
    public let number: UInt8
    public let kind: KeySlotKind
    /// `.none` for a raw key.
    public let parameters: KDFParameters
    public let created: Timestamp
    /// Whether one of the slot's two copies is damaged.
    public let hasDamagedCopy: Bool

    public init(
        number: UInt8, kind: KeySlotKind, parameters: KDFParameters, created: Timestamp,
        hasDamagedCopy: Bool
    ) {
        self.number = number
        self.kind = kind
        self.parameters = parameters
        self.created = created
        self.hasDamagedCopy = hasDamagedCopy
    }

    /// Most slots of a vault.
    public static let most = 8
}

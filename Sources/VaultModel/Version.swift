// The versions of a secret and the states they pass through.

/// Where a version stands; the raw value is the byte in the file.
public enum VersionState: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// Stored, not yet in use.
    case pending = 1
    /// What `get` and `run` hand out.
    case current = 2
    /// Replaced, still valid during its grace period.
    case previous = 3
    /// No longer valid at the issuer; kept for reference.
    case retired = 4
    /// Its blob is gone; only the tombstone stays.
    case destroyed = 5

    public var description: String {
        switch self {
        case .pending: "pending"
        case .current: "current"
        case .previous: "previous"
        case .retired: "retired"
        case .destroyed: "destroyed"
        }
    }
}

/// What a version has in the place of a public field of its secret.
public enum OwnField: Hashable, Sendable {
    case text(String)
    /// The secret has the field, this version does not.
    case absent

    /// The text, if there is one.
    public var text: String? {
        switch self {
        case .text(let text): text
        case .absent: nil
        }
    }
}

/// What is known of one version without opening it.
public struct VersionSummary: Hashable, Sendable {
    /// From 1, counted up per secret.
    public let number: UInt32
    public var state: VersionState
    public let created: Timestamp
    /// The secret fields that the version holds, in the profile's order; never empty.
    public let fields: [FieldName]
    /// Where its public fields are not those of the secret: an issuer knows each key by an id of
    /// its own. Empty for the current version, whose fields are those of the secret.
    public var ownFields: [FieldName: OwnField] = [:]

    public init(number: UInt32, state: VersionState, created: Timestamp, fields: [FieldName]) {
        self.number = number
        self.state = state
        self.created = created
        self.fields = fields
    }
}

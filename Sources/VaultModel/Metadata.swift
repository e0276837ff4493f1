// What is known of a secret besides its value: everything here may be shown to whoever may open the
// vault.

/// Whether a secret may be used.
public enum SecretStatus: Hashable, Sendable {
    case enabled
    /// Refused at retrieval unless asked for.
    case disabled
}

/// The description of a secret. Sealed in the file, plain in an open vault; it holds no secret.
public struct Metadata: Hashable, Sendable {
    public var name: SecretName
    public var issuer: IssuerID
    public var status: SecretStatus
    /// Free text, UTF-8, at most `longestLabel` bytes; escaped wherever it is shown.
    public var label: String
    /// The public fields by name, such as `client_id`; what they mean, the profile says. They are
    /// those of the current version, and of each other one but for what it has of its own.
    public var fields: [FieldName: String]
    /// Sorted and distinct.
    public var tags: [String]
    public internal(set) var created: Timestamp
    public var modified: Timestamp
    public var expires: Timestamp?
    /// When `rm` hid it, or nil.
    public var removed: Timestamp?
    /// Rotation policy: the age in seconds at which it is due, or nil.
    public var maximumAge: UInt64?
    /// Whether its owner manages it in another console, so that it is read-only here.
    public var isManagedElsewhere: Bool
    /// Whether it is used only by those who say why.
    public var requiresReason: Bool
    /// Whether an agent hands it only to programs that it was granted to.
    public var requiresGrant: Bool
    /// In ascending order of their numbers; never empty in a stored secret.
    public var versions: [VersionSummary]
    /// The rotation that runs, or the last one.
    public var rotation: RotationJournal?

    /// Longest label, in bytes of UTF-8.
    public static let longestLabel = 1_024
    /// Longest public field, in bytes of UTF-8.
    public static let longestField = 16_384
    /// Most public fields, tags or versions of one secret.
    public static let mostEntries = 1_024
    /// Longest tag, in bytes of UTF-8.
    public static let longestTag = 128
    /// Most public fields that the versions of one secret have of their own, together.
    public static let mostOwnFields = 8_192
    /// Longest texts of all of those together, in bytes of UTF-8.
    public static let longestOwnFields = 1_048_576

    public init(name: SecretName, issuer: IssuerID = .generic, created: Timestamp) {
        self.name = name
        self.issuer = issuer
        status = .enabled
        label = ""
        fields = [:]
        tags = []
        self.created = created
        modified = created
        isManagedElsewhere = false
        requiresReason = false
        requiresGrant = false
        versions = []
    }

    /// The public fields of a version: those of the secret, but for what it has of its own.
    public func fields(of version: VersionSummary) -> [FieldName: String] {
        var fields = fields
        for (name, own) in version.ownFields { fields[name] = own.text }
        return fields
    }

    /// The version that `selector` means, or nil. The previous version is the newest one in that
    /// state.
    public func version(_ selector: VersionSelector) -> VersionSummary? {
        switch selector {
        case .current: versions.last { $0.state == .current }
        case .previous: versions.last { $0.state == .previous }
        case .pending: versions.last { $0.state == .pending }
        case .number(let number): versions.first { $0.number == number }
        }
    }
}

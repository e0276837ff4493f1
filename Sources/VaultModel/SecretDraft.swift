// What a person or an issuer says about a secret before it is stored, and how it may change later.

/// The public half of a secret that is about to be stored; the values travel beside it.
public struct SecretDraft: Hashable, Sendable {
    public var name: SecretName
    public var issuer: IssuerID
    /// Nil: a new version keeps the status of the secret, a new secret is enabled.
    public var status: SecretStatus?
    public var label = ""
    public var fields: [FieldName: String] = [:]
    public var tags: [String] = []
    public var expires: Timestamp?
    /// Seconds after which the secret is due for rotation.
    public var maximumAge: UInt64?
    public var isManagedElsewhere = false
    /// Nil: a new version keeps what the secret had, a new secret needs no reason.
    public var requiresReason: Bool?
    /// Whether it is handed out by grant only. False: a new version keeps what the secret had.
    public var requiresGrant = false

    public init(name: SecretName, issuer: IssuerID = .generic) {
        self.name = name
        self.issuer = issuer
    }
}

/// What storing does when the name is taken.
public enum NameConflict: Hashable, Sendable {
    /// Refuse: nothing is stored under a name that exists.
    case refuse
    /// Store as the next version; the current one becomes the previous.
    case addVersion
}

/// One change of a description. Several are applied together or not at all.
public enum DescriptionChange: Hashable, Sendable {
    case label(String)
    case set(FieldName, String)
    /// A public field of the current version alone: each other one keeps what it has, or has none.
    case setOfCurrent(FieldName, String)
    case unset(FieldName)
    case tag(String)
    case untag(String)
    case expires(Timestamp?)
    case maximumAge(UInt64?)
    case managedElsewhere(Bool)
    case requiresReason(Bool)
    case requiresGrant(Bool)
    case status(SecretStatus)

    /// Whether it changes a public field, which may say where an issuer is found.
    public var isOfField: Bool {
        switch self {
        case .set(let field, _), .setOfCurrent(let field, _), .unset(let field):
            field != .verified
        default: false
        }
    }
}

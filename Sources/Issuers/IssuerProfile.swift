// What is known of an issuer: data, from one file (`docs/spec/issuer-profile.md`).

public import VaultModel

/// Where a profile was read from.
public enum ProfileSource: Hashable, Sendable {
    case builtIn
    case user(path: String)

    public var words: String { self == .builtIn ? "built in" : "yours" }
}

/// One issuer's credentials: their fields, how they are recognised, how long they live.
public struct IssuerProfile: Hashable, Sendable {
    public let id: IssuerID
    public let title: String
    /// Where a person creates such a credential.
    public let console: String?
    /// In the order in which a person is asked, secret ones last.
    public let fields: [ProfileField]
    public let lifetime: Lifetime
    public let source: ProfileSource
    /// Shapes of the issuer's JSON: for each field a path.
    let jsonShapes: [DocumentShape]
    /// Headings of the issuer's CSV.
    let csvShapes: [DocumentShape]
    /// Paths and headings of what its documents hold besides and nobody needs.
    let ignored: [String]
    /// Texts that the values of fields choose.
    let derived: [DerivedText]
    /// How calls are made with such a credential, if they can be.
    let use: CredentialUse?
    /// In the order of their purposes.
    let calls: [IssuerCall]
    /// What takes the place of such credentials; what is proposed stands first.
    public let successors: [Successor]

    /// The call for a purpose, if the issuer has one.
    public func call(_ purpose: IssuerCall.Purpose) -> IssuerCall? {
        calls.first { $0.purpose == purpose }
    }

    /// What stands in front of a session token in the header that proves it, if tokens are used.
    public var sessionHeader: String? {
        guard case .session(let header, let scheme) = use else { return nil }
        let name = header == "authorization" ? "Authorization" : header
        return scheme.isEmpty ? "\(name): " : "\(name): \(scheme) "
    }

    /// What calls there are, in the order of their purposes.
    public var purposes: [IssuerCall.Purpose] { calls.map(\.purpose) }

    public func field(_ name: FieldName) -> ProfileField? { fields.first { $0.name == name } }
    public var publicFields: [ProfileField] { fields.filter { $0.role == .publicField } }
    public var secretFields: [ProfileField] { fields.filter { $0.role == .secret } }
}

/// One field of a credential.
public struct ProfileField: Hashable, Sendable {
    public enum Role: Hashable, Sendable {
        case publicField, secret
    }

    public enum Requirement: Hashable, Sendable {
        case required, optional
    }

    /// Whether a person is asked for it; an identifier that only documents hold need not be typed.
    public enum Asking: Hashable, Sendable {
        case atAPrompt, never
    }

    /// What a public value may be.
    public enum Kind: Hashable, Sendable {
        case text
        case integer(ClosedRange<Int64>, unit: String?)
        /// One of these, or with `isOpen` anything else too.
        case choice([String], isOpen: Bool)
        case url
        /// The name of a host.
        case host
        /// One part of such a name.
        case label
    }

    /// How `run` hands the field to a job under its variables.
    public enum Delivery: Hashable, Sendable {
        case value
        /// The variable is the path of a file.
        case file
    }

    public let name: FieldName
    /// The words of the prompt.
    public let title: String
    public let role: Role
    public let requirement: Requirement
    public let asking: Asking
    public let kind: Kind
    public let defaultValue: String?
    /// Variables that the issuer's own tools read.
    public let environment: [String]
    public let delivery: Delivery
    let shape: Shape?
    /// The shape in words, for a person.
    let shapeWords: String?
    let checksum: Checksum?

    /// Bounds or choices in words for a person, or nothing.
    public var boundsText: String {
        switch kind {
        case .integer(let range, let unit):
            "\(range.lowerBound) to \(range.upperBound)\(unit.map { " \($0)" } ?? "")"
        case .choice(let choices, _): choices.joined(separator: ", ")
        case .text, .url, .host, .label: ""
        }
    }
}

/// Where the fields of a credential stand in a document.
struct DocumentShape: Hashable, Sendable {
    /// A path in JSON, a heading in CSV; an empty path means the whole document.
    var places: [FieldName: [String]]

    /// The steps of a path as a profile writes it.
    static func path(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }
}

/// How long credentials live and how many there may be.
public struct Lifetime: Hashable, Sendable {
    /// How many may be valid at the same time, or nil if unknown.
    public var slots: Int?
    /// Days after which the issuer lets them expire, or nil.
    public var maximumDays: Int?
    public var rotation: Rotation = .guided
    /// Seconds until what was done at the issuer shows everywhere.
    public var settling: UInt64 = 60
    /// Seconds for which an old key is switched off before it is deleted, where that can be done.
    public var soak: UInt64 = 3_600

    /// Whether the issuer takes it for theft if an exchanged value is presented, and revokes the
    /// new one.
    public var reuseRevokes = false

    /// The most that either may be, in seconds.
    static let longestSettling: Int64 = 600
    static let longestSoak: Int64 = 31_536_000

    /// What happens to the old secret when a new one is made.
    public enum Rotation: String, Hashable, Sendable, CaseIterable {
        /// Both are valid for a while.
        case dual
        /// The old one dies at once.
        case inPlace = "in-place"
        /// Only a person can make one, in the console.
        case guided
    }
}

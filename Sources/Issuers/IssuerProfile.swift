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
    /// The calls that exchange, verify, create and revoke; checked, not made yet.
    let calls: [IssuerCall]

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

    /// What a public value may be.
    public enum Kind: Hashable, Sendable {
        case text
        case integer(ClosedRange<Int64>, unit: String?)
        /// One of these, or with `isOpen` anything else too.
        case choice([String], isOpen: Bool)
        case url
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
        case .text, .url: ""
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

/// A call to the issuer, as data.
struct IssuerCall: Hashable, Sendable {
    enum Purpose: String, Hashable, Sendable, CaseIterable {
        case exchange, verify, create, revoke
    }

    let purpose: Purpose
    let method: String
    let url: String
    let query: [String: String]
    let headers: [String: String]
    let body: [String: String]
}

// A call to the issuer, as data (`docs/spec/issuer-profile.md`).

public import VaultModel

/// One call that a profile describes. Nothing in it is a secret.
public struct IssuerCall: Hashable, Sendable {
    /// What a call is for.
    public enum Purpose: String, Hashable, Sendable, CaseIterable {
        /// Secret to session token.
        case exchange
        /// The cheapest that proves the credential.
        case verify
        /// The credentials that there are, with their identifiers.
        case list
        case create, deactivate, activate
        /// Ends a credential for good.
        case revoke

        /// Whether doing it twice does what doing it once does.
        public var isIdempotent: Bool { self != .create }
    }

    /// Whose credential proves that we may.
    public enum Administration: Hashable, Sendable {
        /// None but what the call itself holds.
        case none
        /// One of these profiles, or, with `isOwn`, the credential itself.
        case credential(of: [IssuerID], isOwn: Bool)
    }

    enum Body: Hashable, Sendable {
        case none
        case form([Entry])
        case json(JSONPattern)
    }

    /// A name and what stands for it; left out where a placeholder of it has no value.
    struct Entry: Hashable, Sendable {
        let name: String
        let text: CallText
    }

    /// User and password of HTTP (RFC 7617), each encoded as in a form first if OAuth wants it so.
    struct BasicProof: Hashable, Sendable {
        let user: CallText
        let password: CallText
        let isEncoded: Bool
    }

    /// What AWS's signature is made for.
    struct SignatureScope: Hashable, Sendable {
        let service: String
        let region: String
    }

    public let purpose: Purpose
    public let administration: Administration
    /// Fields without which the call cannot be made.
    let needs: [FieldName]
    let method: String
    let url: CallText
    let query: [Entry]
    let headers: [Entry]
    let body: Body
    let basic: BasicProof?
    let scope: SignatureScope?
    let assertion: AssertionPattern?
    let statuses: ReplyStatuses
    let reply: ReplyPlaces
}

/// How calls are made with a credential of a profile.
enum CredentialUse: Hashable, Sendable {
    case headers([IssuerCall.Entry])
    case basic(IssuerCall.BasicProof)
    /// The token of `exchange`, in this header and behind this word.
    case session(header: String, scheme: String)
    /// AWS's signature, version 4; temporary keys have a token besides.
    case aws(key: CallText, secret: CallText, session: CallText?)
}

/// JSON with placeholders in its texts.
enum JSONPattern: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        let name: String
        let value: JSONPattern
    }

    case object([Member])
    case array([JSONPattern])
    case text(CallText)
    /// A number, boolean or null as it is written.
    case literal(String)
}

/// A signed statement (RFC 7519, RS256) that stands for a secret (RFC 7523).
struct AssertionPattern: Hashable, Sendable {
    /// The secret field that holds the private key as PEM, itself or at a path of its JSON.
    let key: FieldName
    let path: [String]
    let keyID: CallText?
    let issuer: CallText
    let subject: CallText?
    let audience: CallText
    let scope: CallText?
    /// In seconds.
    let life: UInt64
}

/// Which statuses of HTTP say what.
struct ReplyStatuses: Hashable, Sendable {
    var done: [Int]? = nil
    /// The credential that the call was made with is not, or no more, accepted.
    var refused = [401]
    /// What it is about is not there, or not any more.
    var missing = [404, 410]
    /// There is no room for another one.
    var full: [Int] = []

    /// Where an error is named, and names that say more than the status.
    var errorPlace: [String]? = nil
    var refusedErrors: [String] = []
    var missingErrors: [String] = []
    var fullErrors: [String] = []

    func isDone(_ status: Int) -> Bool {
        done?.contains(status) ?? (200...299).contains(status)
    }
}

/// Where in a reply what stands.
struct ReplyPlaces: Hashable, Sendable {
    enum Format: String, Hashable, Sendable, CaseIterable {
        case json, xml
    }

    var format = Format.json
    var fields: [FieldName: [String]] = [:]
    /// A document that the profile's `json` knows, itself or as a text, in base64 maybe.
    var document: DocumentPlace? = nil
    var token: [String]? = nil
    var life: [String]? = nil
    /// How long a token lives of which the reply does not say it, in seconds.
    var usualLife: UInt64? = nil
    /// What must stand where for a reply to count as done: some issuers say no with status 200.
    var proof: ProofPlace? = nil
    var keys: KeyPlaces? = nil

    struct DocumentPlace: Hashable, Sendable {
        let path: [String]
        let isBase64: Bool
    }

    struct ProofPlace: Hashable, Sendable {
        let path: [String]
        let values: [String]
    }

    /// The list of credentials.
    struct KeyPlaces: Hashable, Sendable {
        let list: [String]
        let fields: [FieldName: [String]]
        /// Of the value of a field only what follows the last of these counts.
        let lastPartAfter: String?
        let state: [String]?
        let activeStates: [String]
        /// Whether there is more than this page.
        let more: [String]?
    }
}

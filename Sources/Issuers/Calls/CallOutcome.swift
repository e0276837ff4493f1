// What an issuer answered, in the terms of coffer.

public import SecretMemory
public import VaultModel

/// How a call ended. Nothing of a reply is in it that the profile does not name.
public enum CallOutcome: ~Copyable, Sendable {
    case done(CallResult)
    /// The credential that the call was made with is not accepted.
    case refused
    /// What the call is about is not there, or not any more.
    case missing
    /// The issuer has no room for another one.
    case full
    /// Not now: too many calls, or the issuer has a fault; after so many seconds if it says so.
    case later(seconds: UInt64?, status: Int)
    case failed(status: Int)
    /// It was done, as the status says, but what the reply must hold is not in it.
    case notUnderstood
}

/// What a reply holds.
public struct CallResult: ~Copyable, Sendable {
    /// The secret fields of a new credential.
    public internal(set) var secrets = SecretFields()
    /// Its public ones, or those that tell which credential it is.
    public internal(set) var fields: [FieldName: String] = [:]
    /// A session token; it can stand in a header.
    public internal(set) var token: SecretBytes?
    /// How long it lives, in seconds; nil if neither the reply nor the profile says it.
    public internal(set) var life: UInt64?
    public internal(set) var keys: [ListedKey] = []
    /// Whether there are more credentials than are listed.
    public internal(set) var isCut = false

    init() {}

    /// Hands the secrets over.
    public consuming func takeSecrets() -> SecretFields { secrets }

    /// Hands the token over.
    public consuming func takeToken() -> SecretBytes? { token }
}

/// A credential in the issuer's own list.
public struct ListedKey: Hashable, Sendable {
    /// What tells it from others.
    public let fields: [FieldName: String]
    /// Nil if the list does not say.
    public let isActive: Bool?
}

/// A reply as it came.
public struct CallReply: ~Copyable, Sendable {
    /// The most of one that is read, in bytes.
    public static let longest = 1_048_576

    public let status: Int
    /// What `Retry-After` says, as it came; it may be anything.
    public let retryAfter: String
    public let body: SecretBytes

    public init(status: Int, retryAfter: String, body: consuming SecretBytes) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    /// Seconds to wait: a number, with or without an `s` behind it as some issuers write it. A date
    /// counts as nothing said.
    public var secondsToWait: UInt64? {
        var digits = retryAfter[...]
        if digits.hasSuffix("s") { digits = digits.dropLast() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return UInt64(digits) ?? .max
    }
}

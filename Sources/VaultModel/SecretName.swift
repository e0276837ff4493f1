// The names people give: of secrets, fields, issuers and tags. Each validates itself once.

/// The unique name of a secret, such as `zpa/prod/ci`.
///
/// 1 to 128 characters of `[A-Za-z0-9._@:+-]` in segments that are separated by `/`, none of them
/// empty, `.` or `..`; case-sensitive. ASCII only, so that two names that look alike are alike.
public struct SecretName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Longest name, in bytes.
    public static let longest = 128

    public let text: String

    /// Nil unless `text` is a valid name; `defect(in:)` says why not.
    public init?(_ text: String) {
        guard Self.defect(in: text) == nil else { return nil }
        self.text = text
    }

    /// `name+2` and so on, cut where it would be too long: what cannot have a name for itself is
    /// stored beside it.
    public func beside(_ number: Int) -> SecretName {
        let tail = "+\(number)"
        return SecretName(String(text.prefix(Self.longest - tail.count) + tail)) ?? self
    }

    /// How many names beside another one are tried.
    public static let mostBeside = 99

    /// What keeps `text` from being a name, or nil.
    public static func defect(in text: String) -> NameDefect? {
        let bytes = text.utf8
        if bytes.isEmpty { return .empty }
        if bytes.count > longest { return .tooLong }
        if bytes.first == UInt8(ascii: "-") { return .leadingDash }
        guard bytes.allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: "/") }) else {
            return .forbiddenCharacter
        }
        var (length, dots) = (0, 0)
        for byte in bytes {
            if byte == UInt8(ascii: "/") {
                if let defect = defect(ofSegment: length, dots: dots) { return defect }
                (length, dots) = (0, 0)
            } else {
                length += 1
                dots += byte == UInt8(ascii: ".") ? 1 : 0
            }
        }
        return defect(ofSegment: length, dots: dots)
    }

    /// What is wrong with a segment of `length` characters, `dots` of which are dots.
    private static func defect(ofSegment length: Int, dots: Int) -> NameDefect? {
        if length == 0 { return .emptySegment }
        return length <= 2 && dots == length ? .dotSegment : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._@:+-".utf8.contains(byte)
        }
    }

    public var description: String { text }
    public static func < (left: SecretName, right: SecretName) -> Bool {
        // Of ASCII, the order of characters is the order of bytes.
        left.text < right.text
    }
}

/// Why a text is not a name.
public enum NameDefect: Hashable, Sendable {
    case empty, tooLong, leadingDash, forbiddenCharacter, emptySegment, dotSegment
}

/// The name of a field of a credential, such as `client_secret`: 1 to 64 of `[a-z0-9_]`,
/// beginning with a letter.
public struct FieldName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    public init?(_ text: String) {
        guard Word.isValid(text, extra: UInt8(ascii: "_")) else { return nil }
        self.text = text
    }

    /// The secret field of a credential that has no named ones.
    public static let secret = FieldName(unchecked: "secret")
    /// The public field that tells what an issuer said of the credential, and when.
    public static let verified = FieldName(unchecked: "verified")
    /// The public fields that tell which secret of another issuer takes the place of this one, and
    /// of which one this takes the place.
    public static let migratedTo = FieldName(unchecked: "migrated_to")
    public static let migratedFrom = FieldName(unchecked: "migrated_from")
    private init(unchecked text: String) { self.text = text }

    public var description: String { text }
    public static func < (left: FieldName, right: FieldName) -> Bool { left.text < right.text }
}

/// The name of an issuer's profile, such as `zpa` or `aws-iam`: 1 to 64 of `[a-z0-9-]`,
/// beginning with a letter.
public struct IssuerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    public init?(_ text: String) {
        guard Word.isValid(text, extra: UInt8(ascii: "-")) else { return nil }
        self.text = text
    }

    /// The profile of a secret whose issuer has none.
    public static let generic = IssuerID(unchecked: "generic")
    private init(unchecked text: String) { self.text = text }

    public var description: String { text }
    public static func < (left: IssuerID, right: IssuerID) -> Bool { left.text < right.text }
}

/// The grammar that field names and issuer names share.
private enum Word {
    static func isValid(_ text: String, extra: UInt8) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first,
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        else { return false }
        return text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == extra
        }
    }
}

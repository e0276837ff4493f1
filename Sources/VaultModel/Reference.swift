// How people point at a value: NAME#field@version, or coffer://NAME#field@version.

/// Which version of a secret is meant.
public enum VersionSelector: Hashable, Sendable, CustomStringConvertible {
    case current, previous, pending
    case number(UInt32)

    /// `current`, `previous`, `pending`, or a number from 1 without leading zeros or sign.
    public init?(_ text: String) {
        switch text {
        case "current": self = .current
        case "previous": self = .previous
        case "pending": self = .pending
        default:
            guard let number = UInt32(text), number > 0, String(number) == text else { return nil }
            self = .number(number)
        }
    }

    public var description: String {
        switch self {
        case .current: "current"
        case .previous: "previous"
        case .pending: "pending"
        case .number(let number): String(number)
        }
    }
}

/// A reference to one field of one version: `zpa/prod/ci#client_secret@previous`.
///
/// Without a field it means the secret field if there is only one; without a version, the current.
public struct Reference: Hashable, Sendable, CustomStringConvertible {
    public let name: SecretName
    public let field: FieldName?
    public let version: VersionSelector

    public init(name: SecretName, field: FieldName? = nil, version: VersionSelector = .current) {
        self.name = name
        self.field = field
        self.version = version
    }

    /// Reads `NAME[#field][@version]`, with or without `coffer://` in front.
    ///
    /// `@` may stand in a name too, so a version is what follows the last `@` only behind a `#`, or
    /// if it is a version selector; `NAME@2` therefore means version 2 of `NAME`.
    public init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("coffer://") { rest = rest.dropFirst("coffer://".count) }
        var version = VersionSelector.current
        if let at = rest.lastIndex(of: "@") {
            let tail = String(rest[rest.index(after: at)...])
            if let selected = VersionSelector(tail) {
                version = selected
                rest = rest[..<at]
            } else if rest[..<at].contains("#") {
                return nil
            }
        }
        var field: FieldName?
        if let hash = rest.firstIndex(of: "#") {
            guard let named = FieldName(String(rest[rest.index(after: hash)...])) else {
                return nil
            }
            field = named
            rest = rest[..<hash]
        }
        guard let name = SecretName(String(rest)) else { return nil }
        self.init(name: name, field: field, version: version)
    }

    /// As short as it may be to be read again as the same reference.
    public var description: String {
        let place = name.text + (field.map { "#\($0)" } ?? "")
        // A name may end like a version, as `a@2` does; then the version has to be told.
        let isTold = version != .current || Reference(place)?.name != name
        return isTold ? "\(place)@\(version)" : place
    }
}

// A text of a call with placeholders in it: `Bearer {{token}}`.

internal import VaultModel

/// Pieces in their order; neighbours are never both literal.
struct CallText: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case literal(String)
        /// The value of a field of the credential.
        case field(FieldName)
        /// A text that the value of a field chooses.
        case derived(FieldName)
        /// What is given for one call alone.
        case given(GivenValue)
    }

    let parts: [Part]

    /// Why a text is none with placeholders.
    enum Defect: Error, Hashable, Sendable {
        case noEnd
        case unknown
    }

    init(literal: String) { parts = literal.isEmpty ? [] : [.literal(literal)] }

    /// Reads a text; `find` says what a name stands for.
    init(_ text: String, _ find: (String) -> Part?) throws(Defect) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = Self.index(of: "{{", in: rest) {
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            let name = rest[rest.index(open, offsetBy: 2)...]
            guard let end = Self.index(of: "}}", in: name) else { throw .noEnd }
            guard let part = find(String(name[..<end])) else { throw .unknown }
            parts.append(part)
            rest = name[name.index(end, offsetBy: 2)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }

    private static func index(of mark: String, in text: Substring) -> Substring.Index? {
        text.indices.first { text[$0...].hasPrefix(mark) }
    }

    /// The literal that the text begins with, or nothing.
    var head: String {
        guard case .literal(let text) = parts.first else { return "" }
        return text
    }
}

/// What is given for one call alone; the raw value is its name in a profile.
public enum GivenValue: String, Hashable, Sendable, CaseIterable {
    /// A name for a new credential.
    case label = "@label"
    /// When a new credential is to expire: the day, the moment, seconds since 1970, seconds from
    /// now.
    case expiryDay = "@expires_day"
    case expiryTime = "@expires_time"
    case expiryEpoch = "@expires_epoch"
    case expirySeconds = "@expires_seconds"
    /// The signed assertion of the call; as good as a secret for as long as it lasts.
    case assertion = "@assertion"
}

/// A text that the value of a public field chooses: the host of a cloud, for example.
struct DerivedText: Hashable, Sendable {
    let name: FieldName
    let source: FieldName
    /// By value of the field; an empty key is for a field without one.
    let texts: [String: CallText]
    /// For every other value; without it those have none.
    let otherwise: CallText?
}

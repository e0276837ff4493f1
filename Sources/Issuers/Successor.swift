// What takes the place of an issuer's credentials: those of another profile, and how to get there.

public import VaultModel

/// A profile whose credentials do what those of this one do.
public struct Successor: Hashable, Sendable {
    /// Where the value of a public field is taken from.
    struct Source: Hashable, Sendable {
        let field: FieldName
        /// The value for each that the field may have, an empty one for none; nil if it is the
        /// same.
        let texts: [String: String]?
    }

    /// The profile of the new credentials.
    public let issuer: IssuerID
    /// Why one would.
    public let reason: String?
    /// By field of the new profile.
    let sources: [FieldName: Source]
    /// By variable of jobs: the one in its place.
    public let environment: [String: String]
    /// What has to be there before there is a new credential.
    public let setup: [String]
    /// What works with the old credential and not with the new one.
    public let stops: [String]

    /// The fields of the new profile that get a value.
    public var fields: [FieldName] { sources.keys.sorted() }

    /// What the public fields of an old credential tell of a new one.
    public func fields(from old: [FieldName: String]) -> [FieldName: String] {
        sources.compactMapValues { source in
            let value = old[source.field].flatMap { value in
                source.texts.map { $0[value] ?? "" } ?? value
            }
            return value?.isEmpty == false ? value : nil
        }
    }

    /// The fields of which nobody can tell what the value of an old credential is here.
    public func unknownFields(from old: [FieldName: String]) -> [FieldName] {
        sources.filter { _, source in
            guard let value = old[source.field], let texts = source.texts else { return false }
            return !value.isEmpty && texts[value] == nil
        }.keys.sorted()
    }
}

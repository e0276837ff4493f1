// What is said of a stored value without showing it: made where the value is, read elsewhere.

public import VaultModel

/// One secret field of a current version, judged.
public struct ValueJudgement: Hashable, Sendable {
    public let name: SecretName
    public let field: FieldName
    /// Length in bytes.
    public let length: Int
    public let strength: ValueStrength
    public let fingerprint: ValueFingerprint
    /// What does not look like a secret of its issuer; empty if nothing does or if the issuer says
    /// nothing about the field.
    public let doubts: [ShapeDoubt]

    public init(
        name: SecretName, field: FieldName, length: Int, strength: ValueStrength,
        fingerprint: ValueFingerprint, doubts: [ShapeDoubt]
    ) {
        self.name = name
        self.field = field
        self.length = length
        self.strength = strength
        self.fingerprint = fingerprint
        self.doubts = doubts
    }

    /// Judges `value` where it is; only the fingerprint comes from outside, for it needs a key.
    ///
    /// A `profile` that is nil, or that does not know the field, raises no doubt.
    public init(
        of value: Span<UInt8>, name: SecretName, field: FieldName, profile: IssuerProfile?,
        fingerprint: ValueFingerprint
    ) {
        let known = profile?.field(field)
        let doubts = known.flatMap { profile?.doubts(about: value, of: $0) } ?? []
        self.init(
            name: name, field: field, length: value.count, strength: ValueStrength(of: value),
            fingerprint: fingerprint, doubts: doubts)
    }
}

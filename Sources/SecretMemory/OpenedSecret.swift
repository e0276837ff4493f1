// What retrieval hands out: a description and the values that belong to it.

public import VaultModel

/// One version of a secret, opened.
public struct OpenedSecret: ~Copyable, Sendable {
    public let metadata: Metadata
    public let version: VersionSummary
    public let secrets: SecretFields

    /// The public fields that belong to these values.
    public var fields: [FieldName: String] { metadata.fields(of: version) }

    public init(
        metadata: Metadata, version: VersionSummary, secrets: consuming SecretFields
    ) {
        self.metadata = metadata
        self.version = version
        self.secrets = secrets
    }

    /// Hands the values over.
    public consuming func takeSecrets() -> SecretFields { secrets }
}

// What travels beside a value that a rotation brought, and what is told of versions afterwards.

/// The public half of a new value from the issuer.
public struct RotatedValue: Hashable, Sendable {
    public let name: SecretName
    /// The journal that was there when the issuer was asked.
    public let seen: RotationJournal
    /// The public fields of the new version; what is not among them is as the secret has it.
    public var fields: [FieldName: String]
    public var expires: Timestamp?

    public init(
        name: SecretName, seen: RotationJournal, fields: [FieldName: String] = [:],
        expires: Timestamp? = nil
    ) {
        self.name = name
        self.seen = seen
        self.fields = fields
        self.expires = expires
    }
}

/// What was stored of it.
public struct RotatedReceipt: Hashable, Sendable {
    public let receipt: Receipt
    /// Whether the rotation waited for it; else it is a pending version beside it.
    public let isAwaited: Bool

    public init(receipt: Receipt, isAwaited: Bool) {
        self.receipt = receipt
        self.isAwaited = isAwaited
    }
}

/// One thing that was done to a version.
public struct VersionMove: Hashable, Sendable {
    public let version: UInt32
    public let time: Timestamp
    public let operation: AuditOperation

    public init(version: UInt32, time: Timestamp, operation: AuditOperation) {
        self.version = version
        self.time = time
        self.operation = operation
    }
}

/// The versions of a secret and what was done to them.
public struct VersionHistory: Hashable, Sendable {
    /// Most moves that are told.
    public static let mostMoves = 4_096

    public let metadata: Metadata
    /// The oldest first.
    public let moves: [VersionMove]

    public init(metadata: Metadata, moves: [VersionMove]) {
        self.metadata = metadata
        self.moves = moves
    }
}

extension AuditOperation {
    /// Whether it is told in a history of versions.
    public var movesVersions: Bool {
        switch self {
        case .capture, .accept, .discard, .rotate, .rotateStore, .promote, .rollBack, .retire,
            .rotateAbandon:
            true
        default: false
        }
    }
}

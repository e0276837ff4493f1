// What travels beside a value that a rotation brought.

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

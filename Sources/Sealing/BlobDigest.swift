// The digest that lies beside each sealed version and each row of the policy. It is not keyed:
// anyone can see that the two do not fit, and nobody can see without a key that they are the right
// ones.

public import VaultModel

extension SealedRecord {
    /// Whether the blob is the one of the digest beside it.
    public var fitsDigest: Bool {
        ConstantTime.areEqual(SHA256.digest(blob.span).span, digest.span)
    }
}

extension SealedPolicy {
    /// Whether the blob is the one of the digest beside it.
    public var fitsDigest: Bool {
        ConstantTime.areEqual(SHA256.digest(blob.span).span, columns.digest.span)
    }
}

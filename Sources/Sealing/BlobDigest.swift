// The digest that lies beside each sealed version. It is not keyed: anyone can see that the two do
// not fit, and nobody can see without the state tree that they are the right ones.

public import VaultModel

extension SealedRecord {
    /// Whether the blob is the one of the digest beside it.
    public var fitsDigest: Bool {
        ConstantTime.areEqual(SHA256.digest(blob.span).span, digest.span)
    }
}

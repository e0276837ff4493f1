// Whether two values are the same, told without the values.

internal import SecretMemory
public import VaultModel

/// Makes fingerprints that are equal only for equal values, and only among those it made: its key
/// is drawn at random and ends with it.
public struct Fingerprints: ~Copyable {
    private let mac: HMAC

    public init() throws(VaultError) {
        var key = SecretBytes(zeros: 32)
        var span = key.mutableBytes
        try Randomness.fill(&span)
        mac = HMAC(.sha256, key: key.bytes)
    }

    /// HMAC-SHA-256, its first 16 bytes.
    public func fingerprint(of value: Span<UInt8>) -> ValueFingerprint {
        mac.begin()
        mac.update(value)
        var code = [UInt8](repeating: 0, count: 32)
        var span = code.mutableSpan
        mac.finish(into: &span)
        guard let identifier = Identifier(code.span.extracting(first: 16)) else {
            preconditionFailure("sealing: a fingerprint has sixteen bytes")
        }
        return ValueFingerprint(identifier)
    }
}

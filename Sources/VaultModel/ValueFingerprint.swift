// What may be known of a value besides its length: whether it is the same as another one.

/// Sixteen opaque bytes, equal only for equal values within one run.
///
/// Whoever makes one keys it with random bytes that end with the run, so that it says nothing about
/// a value to anyone who has no second fingerprint of the same run. Never written anywhere.
public struct ValueFingerprint: Hashable, Sendable {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
}

// Text from bytes that someone else wrote. For what is no secret.

extension String {
    /// The text, or nil unless `bytes` are valid UTF-8 (RFC 3629): nothing is repaired.
    public init?(validUTF8 bytes: Span<UInt8>) {
        guard let valid = try? UTF8Span(validating: bytes) else { return nil }
        self = String(copying: valid)
    }
}

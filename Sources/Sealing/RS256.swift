// Signatures of RSA, for issuers that take a signed assertion in place of a secret.

internal import COpenSSL
public import SecretMemory

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3). Nothing of coffer's own is signed with it.
public enum RS256 {
    /// The longest signature, in bytes: of a key of 16,384 bits.
    static let longest = 2_048

    /// The signature of `message` by the private key in `pem`; nil if that is no RSA key of at
    /// least 2,048 bits, or an encrypted one.
    public static func sign(_ message: Span<UInt8>, by pem: Span<UInt8>) -> SecretBytes? {
        // libcrypto takes our memory functions only before its first allocation.
        _ = OpenSSL.shared
        var signature = SecretBytes(zeros: longest)
        var span = signature.mutableBytes
        var count = longest
        let isSigned = unsafe span.withUnsafeMutableBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe pem.withUnsafeBufferPointer { pem in
                    unsafe coffer_sign_rs256(
                        pem.baseAddress, pem.count, message.baseAddress, message.count,
                        signature.baseAddress, &count)
                }
            }
        }
        guard isSigned == 1 else { return nil }
        signature.truncate(to: count)
        return signature
    }
}

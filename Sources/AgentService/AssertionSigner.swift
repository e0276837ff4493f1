// A signature for an issuer, where a private key is a secret of the vault.

internal import Sealing
public import SecretMemory

/// What the command line, which holds no cryptography, has signed.
public enum AssertionSigner {
    /// The RS256 signature of `message` by the private key in `pem`, or nil if that is none.
    public static func sign(_ message: Span<UInt8>, by pem: Span<UInt8>) -> SecretBytes? {
        RS256.sign(message, by: pem)
    }
}

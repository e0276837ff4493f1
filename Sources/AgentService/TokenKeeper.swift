// Sealing of session tokens for the command line, which holds no cryptography.

internal import Sealing
public import SecretMemory
public import VaultModel

/// Seals and opens what the issuer gave for a secret.
public struct TokenKeeper: ~Copyable {
    private let sealing: TokenSealing

    public init(_ secrets: borrowing SecretFields, for binding: Span<UInt8>) {
        sealing = TokenSealing(secrets, for: binding)
    }

    /// What the token is called where it is kept.
    public var name: [UInt8] { sealing.name }

    public func seal(_ token: Span<UInt8>) throws(VaultError) -> [UInt8] {
        try sealing.seal(token)
    }

    /// The token, or nil if this is not what was sealed.
    public func open(_ sealed: Span<UInt8>) -> SecretBytes? { sealing.open(sealed) }
}

// Session tokens between two commands, under keys that only a holder of the secret can derive.

public import SecretMemory
public import VaultModel

/// The key of a token that was given for a secret. It comes from the secret alone: whoever could
/// open the token could ask the issuer for one.
public struct TokenSealing: ~Copyable {
    private static let context = Array("coffer/1/token".utf8)
    private static let nameCount = 16

    private let key: SecretBytes
    /// What the token is called where it is kept: it tells nothing of the secret.
    public let name: [UInt8]

    /// `binding` is what the token is for: another one has another key.
    public init(_ secrets: borrowing SecretFields, for binding: Span<UInt8>) {
        let packed = FieldPacking.pack(secrets)
        let root = HKDF.extract(salt: binding, packed.bytes.bytes)
        key = HKDF.expand(root, info: Array("coffer/1/token key".utf8).span, Span(), count: 32)
        let named = HKDF.expand(
            root, info: Array("coffer/1/token name".utf8).span, Span(), count: Self.nameCount)
        var name: [UInt8] = []
        for index in named.bytes.indices { name.append(named.bytes[index]) }
        self.name = name
    }

    public func seal(_ token: Span<UInt8>) throws(VaultError) -> [UInt8] {
        try Cobblestone(key: key.bytes).seal(token, context: Self.context)
    }

    /// The token, or nil if this is not what was sealed.
    public func open(_ sealed: Span<UInt8>) -> SecretBytes? {
        Cobblestone(key: key.bytes).open(sealed, context: Self.context)
    }
}

// Sealing the root key into a slot and opening it again.

internal import SecretMemory
public import VaultModel

/// What opens a slot.
public enum UnlockKey: ~Copyable, Sendable {
    case passphrase(Passphrase)
    case rawKey(RawKey)

    public var kind: KeySlotKind {
        switch self {
        case .passphrase: .passphrase
        case .rawKey: .rawKey
        }
    }

    /// The key under which the root key is sealed: Argon2id of a passphrase, or
    /// HKDF-SHA-512(salt, D("slot-raw")) of a raw key.
    func keyEncryptionKey(
        salt: [UInt8], parameters: KDFParameters
    ) throws(VaultError) -> SecretBytes {
        switch self {
        case .passphrase(let passphrase):
            return try Argon2.hash(passphrase.bytes.bytes, salt: salt, parameters)
        case .rawKey(let key):
            let extracted = HKDF.extract(salt: salt.span, key.bytes.bytes)
            let info = CanonicalBytes(domain: "slot-raw").bytes
            let nothing: [UInt8] = []
            return HKDF.expand(extracted, info: info.span, nothing.span, count: 32)
        }
    }
}

extension KeySlot {
    /// Seals `root`. A raw key has no KDF parameters, whatever is asked for.
    public static func seal(
        _ root: borrowing RootKey, with key: borrowing UnlockKey, number: UInt8, vault: VaultID,
        epoch: Epoch, parameters: KDFParameters, created: Timestamp
    ) throws(VaultError) -> KeySlot {
        try seal(
            root, with: key, number: number, vault: vault, epoch: epoch, parameters: parameters,
            created: created, salt: try Randomness.bytes(saltCount),
            sealSalt: try Randomness.bytes(Cobblestone.saltCount))
    }

    /// The same with salts that must never be used twice.
    static func seal(
        _ root: borrowing RootKey, with key: borrowing UnlockKey, number: UInt8, vault: VaultID,
        epoch: Epoch, parameters: KDFParameters, created: Timestamp, salt: [UInt8],
        sealSalt: [UInt8]
    ) throws(VaultError) -> KeySlot {
        let kind = key.kind
        let parameters = kind == .passphrase ? parameters : .none
        let header = header(
            number: number, kind: kind, vault: vault, epoch: epoch, parameters: parameters,
            salt: salt, created: created)
        let encryptionKey = try key.keyEncryptionKey(salt: salt, parameters: parameters)
        let cobblestone = Cobblestone(key: encryptionKey.bytes)
        let body =
            header
            + cobblestone.seal(root.bytes.bytes, context: context(header), salt: sealSalt)
        do throws(KeySlotDefect) {
            return try KeySlot(parsing: body + SHA256.digest(body.span))
        } catch {
            preconditionFailure("sealing: a slot that was just written cannot be read")
        }
    }

    /// The root key; `.wrongKey` for a wrong passphrase and for a slot that was replaced alike.
    public func open(with key: borrowing UnlockKey) throws(VaultError) -> RootKey {
        guard key.kind == kind else { throw .wrongKey }
        let encryptionKey = try key.keyEncryptionKey(salt: salt, parameters: parameters)
        let cobblestone = Cobblestone(key: encryptionKey.bytes)
        switch cobblestone.open(sealed.span, context: Self.context(header)) {
        case .some(let root):
            guard root.count == RootKey.byteCount else { throw .wrongKey }
            return RootKey(root)
        case .none: throw .wrongKey
        }
    }

    private static func context(_ header: [UInt8]) -> [UInt8] {
        var context = CanonicalBytes(domain: "slot")
        context.add(header)
        return context.bytes
    }
}

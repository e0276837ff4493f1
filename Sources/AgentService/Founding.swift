// Making a vault, and the keys that are handed to people before there is one.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

/// What can be done without a vault.
public enum Founding {
    /// A new 256-bit key, written down in `form`.
    public static func newKey(as form: KeyForm) throws(VaultError) -> SecretBytes {
        let key = try RawKey()
        switch form {
        case .recoveryCode: return key.recoveryCode()
        case .keyFile: return key.keyFile()
        }
    }

    /// Whether two texts are the same key, however they are written down.
    public static func isSameKey(
        _ one: borrowing SecretBytes, _ other: borrowing SecretBytes
    ) -> Bool {
        guard let one = RawKey(file: one.bytes), let other = RawKey(file: other.bytes) else {
            return false
        }
        return one.isSame(as: other)
    }

    /// Makes the vault: afterwards there is a complete one at the path, or none. What is seen of it
    /// is remembered in the folder `memory`. What kept it from being remembered is returned: the
    /// vault is there all the same.
    public static func create(
        _ request: borrowing NewVaultRequest, at time: Timestamp, by caller: Caller,
        memory: String?
    ) throws(VaultError) -> VaultError? {
        var vault = try NewVault(at: time)
        switch request.passphrase {
        case .some(let text):
            let key = UnlockKey.passphrase(try Passphrase(text.bytes))
            try vault.add(key, parameters: request.parameters)
        case .none: break
        }
        switch request.keyFile {
        case .some(let text): try add(text, to: &vault)
        case .none: break
        }
        switch request.recoveryCode {
        case .some(let text): try add(text, to: &vault)
        case .none: break
        }
        return try vault.write(to: request.path, by: caller, memory: memory)
    }

    private static func add(
        _ text: borrowing SecretBytes, to vault: inout NewVault
    ) throws(VaultError) {
        guard let key = RawKey(file: text.bytes) else { throw .unusableKey }
        try vault.add(UnlockKey.rawKey(key), parameters: .none)
    }
}

extension UnlockKey {
    /// Understands what was offered; `.unusableKey` or `.unusablePassphrase` if it is no key at
    /// all.
    init(_ offer: borrowing KeyOffer) throws(VaultError) {
        switch offer {
        case .passphrase(let text): self = .passphrase(try Passphrase(text.bytes))
        case .rawKey(let text):
            guard let key = RawKey(file: text.bytes) else { throw .unusableKey }
            self = .rawKey(key)
        }
    }
}

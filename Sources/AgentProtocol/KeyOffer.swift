// What a person or a job brings to open a vault.

public import SecretMemory

/// A key as it was typed or read, not yet understood.
public enum KeyOffer: ~Copyable, Sendable {
    /// The bytes of a passphrase, its trailing newline already stripped.
    case passphrase(SecretBytes)
    /// The text of a key file, or a recovery code.
    case rawKey(SecretBytes)
}

/// How a new 256-bit key is written down.
public enum KeyForm: Hashable, Sendable {
    /// Groups of letters and digits for paper.
    case recoveryCode
    /// One line for a file.
    case keyFile
}

// One step of an import, pulled by the vault so that a million secrets need the memory of one.

public import SecretMemory
public import VaultModel

/// What the source of an import has next.
public enum ImportStep: ~Copyable {
    case secret(SecretDraft, SecretFields)
    case end
    /// The source cannot go on; nothing must be stored.
    case giveUp
}

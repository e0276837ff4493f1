// Secrets that are laid into a vault by those who cannot open it.

/// Where a deposit goes: the vault and its public key of an epoch. No secret.
public struct DepositAddress: Hashable, Sendable {
    public let vault: VaultID
    public let epoch: Epoch
    /// X25519 public key, 32 bytes.
    public let key: [UInt8]

    public init(vault: VaultID, epoch: Epoch, key: [UInt8]) {
        self.vault = vault
        self.epoch = epoch
        self.key = key
    }
}

/// What a depositor keeps: with it the owner can be asked whether the deposit arrived.
public struct DepositReceipt: Hashable, Sendable {
    public let id: DepositID
    /// A fingerprint of the sealed deposit, 10 bytes.
    public let fingerprint: [UInt8]

    public init(id: DepositID, fingerprint: [UInt8]) {
        self.id = id
        self.fingerprint = fingerprint
    }
}

/// One deposit that lies in the inbox, as far as it can be known without a key.
public struct WaitingDeposit: Hashable, Sendable {
    public let id: DepositID
    /// Whether it did not open and was set aside.
    public let isQuarantined: Bool
    /// Sealed, in bytes.
    public let size: UInt64

    public init(id: DepositID, isQuarantined: Bool, size: UInt64) {
        self.id = id
        self.isQuarantined = isQuarantined
        self.size = size
    }
}

/// A deposit that lies in the inbox, looked at.
public struct DepositFacts: Hashable, Sendable {
    public let receipt: DepositReceipt
    public let epoch: Epoch
    /// When it was sealed, by the depositor's clock.
    public let time: Timestamp
    /// Sealed, in bytes.
    public let size: UInt64
    public let isQuarantined: Bool
    public let content: Content

    /// What is in it.
    public enum Content: Hashable, Sendable {
        /// Nobody can tell without a key.
        case sealed
        /// It was edited, or is for another vault.
        case unopenable
        /// A secret for this name.
        case secret(SecretName)
    }

    public init(
        receipt: DepositReceipt, epoch: Epoch, time: Timestamp, size: UInt64, isQuarantined: Bool,
        content: Content
    ) {
        self.receipt = receipt
        self.epoch = epoch
        self.time = time
        self.size = size
        self.isQuarantined = isQuarantined
        self.content = content
    }
}

/// A version that waits, or waited, to be accepted.
public struct PendingVersion: Hashable, Sendable {
    public let receipt: Receipt
    /// The deposit that it came by; nil if the log does not tell.
    public let deposit: DepositID?

    public init(receipt: Receipt, deposit: DepositID?) {
        self.receipt = receipt
        self.deposit = deposit
    }
}

/// What became of the deposits of a vault that was replaced by a backup of it.
public struct CarriedDeposits: Hashable, Sendable {
    /// Laid into the restored vault.
    public var carried = 0
    /// Sealed to keys that it does not have, or no deposits any more.
    public var left = 0

    public init() {}
}

/// What became of a deposit when the vault was opened.
public enum DepositNotice: Hashable, Sendable {
    /// It is a pending version now; `wanted` is the name that it was deposited under.
    case taken(DepositID, SecretName, version: UInt32, wanted: SecretName)
    /// It does not open and was set aside.
    case quarantined(DepositID)
    /// The log tells of it, but it is not in the inbox: someone removed it.
    case missing(DepositID)
    /// It was taken in before; this copy was set aside.
    case known(DepositID)
    /// Entries since the newest change are not as they were written, from this one on: whether
    /// deposits are gone cannot be told.
    case doubtful(entry: UInt64)
}

// What can be done with a vault's public key alone.

public import AgentProtocol
internal import Sealing
public import SecretMemory
public import VaultModel

/// Sealing for a vault that need not be on this host.
public enum Sealer {
    /// The address that a line gives, or nil.
    public static func address(_ text: [UInt8]) -> DepositAddress? {
        DepositAddressCoding.address(text)
    }

    public static func text(of address: DepositAddress) -> String {
        DepositAddressCoding.text(of: address)
    }

    /// Fails as sealing to this address would: asked before there is a value.
    public static func preflight(_ address: DepositAddress) throws(VaultError) {
        try address.rehearse()
    }

    public static func capsule(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, to address: DepositAddress,
        at time: Timestamp
    ) throws(VaultError) -> Capsuled {
        let sealed = try SealedDeposit.seal(draft, secrets, to: address, at: time)
        return Capsuled(text: Capsule.text(of: sealed), receipt: sealed.receipt)
    }

    /// What may be known of a capsule without a key.
    public static func facts(
        ofCapsule text: [UInt8]
    ) throws(VaultError) -> (receipt: DepositReceipt, epoch: Epoch, time: Timestamp, size: Int) {
        let sealed = try Capsule.read(text)
        return (sealed.receipt, sealed.epoch, sealed.time, sealed.bytes.count)
    }
}

// Deposits and capsules at the door in process.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    /// Where deposits go, as this machine last saw it with the vault open. Needs no key.
    public func depositAddress() throws(VaultError) -> DepositAddress {
        switch open {
        case .some(let vault): return vault.depositAddress
        case .none: return try locked.depositAddress()
        }
    }

    /// The same, and whether a deposit could be made now: asked before the value is.
    public func preflightDeposit() throws(VaultError) -> DepositAddress {
        try locked.preflightDeposit()
    }

    /// Seals a secret and lays it into the inbox; when this returns it is on disk and was read
    /// back. Needs no key.
    public func deposit(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> DepositReceipt {
        try locked.deposit(draft, secrets, at: time)
    }

    /// What lies in the inbox. Needs no key.
    public func waitingDeposits() throws(VaultError) -> [WaitingDeposit] {
        try locked.waitingDeposits()
    }

    /// Seals a secret that could not be stored, as a text that only this vault can open.
    public func capsule(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> Capsuled {
        try Sealer.capsule(draft, secrets, to: try depositAddress(), at: time)
    }

    /// Lays the deposit of a capsule into the inbox, and takes it in if the vault is open: then it
    /// must be one for this vault.
    public func takeIn(
        capsule text: [UInt8], at time: Timestamp
    ) throws(VaultError) -> (receipt: DepositReceipt, notices: [DepositNotice]) {
        let sealed = try Capsule.read(text)
        switch open {
        case .some(let vault):
            guard try vault.opens(sealed) else { throw .tampered(.deposit(sealed.id)) }
            let receipt = try locked.lay(sealed, at: time)
            return (receipt, try vault.drainInbox(thoroughly: false, at: time))
        case .none: return (try locked.lay(sealed, at: time), [])
        }
    }

    public func accept(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        switch open {
        case .some(let vault): return try vault.accept(name, version, at: time)
        case .none: throw .locked
        }
    }
}

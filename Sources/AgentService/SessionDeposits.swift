// Deposits and capsules at the door in process.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    public func depositAddress() throws(VaultError) -> DepositAddress {
        switch open {
        case .some(let vault): return vault.depositAddress
        case .none: return try locked.depositAddress()
        }
    }

    public func preflightDeposit() throws(VaultError) -> DepositAddress {
        try locked.preflightDeposit()
    }

    public func deposit(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> DepositReceipt {
        try locked.deposit(draft, secrets, at: time)
    }

    public func waitingDeposits() throws(VaultError) -> [WaitingDeposit] {
        try locked.waitingDeposits()
    }

    public func capsule(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> Capsuled {
        try Sealer.capsule(draft, secrets, to: try depositAddress(), at: time)
    }

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

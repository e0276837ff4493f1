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
            return (sealed.receipt, try vault.takeIn(sealed, at: time))
        case .none: return (try locked.lay(sealed, at: time), [])
        }
    }
}

// What lies in the inbox, and what waits to be accepted.
extension Session {
    public func depositFacts(
        _ id: DepositID, at time: Timestamp
    ) throws(VaultError) -> DepositFacts {
        switch open {
        case .some(let vault):
            return try vault.depositFacts(locked.sealedDeposit(id), at: time)
        case .none: return try locked.depositFacts(id)
        }
    }

    public func capsule(of id: DepositID) throws(VaultError) -> Capsuled {
        let sealed = try locked.sealedDeposit(id)
        return Capsuled(text: Capsule.text(of: sealed), receipt: sealed.receipt)
    }

    public func retryDeposits(
        _ ids: [DepositID]?, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice] {
        try unlocked { vault throws(VaultError) in try vault.retryDeposits(ids, at: time) }
    }

    public func discardDeposits(
        _ ids: [DepositID], at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in try vault.discardDeposits(ids, at: time) }
    }

    public func discard(
        _ name: SecretName, _ version: UInt32, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in try vault.discard(name, version, at: time) }
    }

    public func showPending(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try unlocked { vault throws(VaultError) in
            try vault.showPending(name, version, at: time)
        }
    }

    public func accept(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try unlocked { vault throws(VaultError) in try vault.accept(name, version, at: time) }
    }
}

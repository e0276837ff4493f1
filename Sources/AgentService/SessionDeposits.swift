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
            return (sealed.receipt, try vault.takeIn(sealed, at: time))
        case .none: return (try locked.lay(sealed, at: time), [])
        }
    }
}

// What lies in the inbox, and what waits to be accepted.
extension Session {
    /// A deposit in the inbox; what is in it shows with a key.
    public func depositFacts(
        _ id: DepositID, at time: Timestamp
    ) throws(VaultError) -> DepositFacts {
        switch open {
        case .some(let vault):
            return try vault.depositFacts(locked.sealedDeposit(id), at: time)
        case .none: return try locked.depositFacts(id)
        }
    }

    /// Seals a secret that could not be stored, as a text that only this vault can open.
    public func capsule(of id: DepositID) throws(VaultError) -> Capsuled {
        let sealed = try locked.sealedDeposit(id)
        return Capsuled(text: Capsule.text(of: sealed), receipt: sealed.receipt)
    }

    /// Tries to take in what was set aside: these, or all of it.
    public func retryDeposits(
        _ ids: [DepositID]?, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice] {
        try unlocked { vault throws(VaultError) in try vault.retryDeposits(ids, at: time) }
    }

    /// Drops deposits, whatever is in them.
    public func discardDeposits(
        _ ids: [DepositID], at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in try vault.discardDeposits(ids, at: time) }
    }

    /// Drops a pending version; with its only version the secret goes.
    public func discard(
        _ name: SecretName, _ version: UInt32, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in try vault.discard(name, version, at: time) }
    }

    /// A pending version, as it would be accepted: the one of that number, or the only one.
    public func showPending(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try unlocked { vault throws(VaultError) in
            try vault.showPending(name, version, at: time)
        }
    }

    /// Makes a pending version the current one: the one of that number, or the only one.
    public func accept(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try unlocked { vault throws(VaultError) in try vault.accept(name, version, at: time) }
    }
}

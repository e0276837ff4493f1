// Laying a secret into a vault whose keys are not here.

public import Sealing
public import SecretMemory
internal import Storage
public import VaultModel

extension LockedVault {
    /// Where a deposit goes: the key for deposits as this machine last saw it with the vault open.
    /// Whoever can write the file could have put another one into it; `.tampered(.depositKey)` if
    /// it is another, `.depositKeyUnknown` if none was seen here.
    public borrowing func depositAddress() throws(VaultError) -> DepositAddress {
        guard let seen = try anchor.bytes().flatMap({ Anchor(parsing: $0) }),
            seen.vault == slots.vault
        else { throw .depositKeyUnknown }
        let address = DepositAddress(
            vault: seen.vault, epoch: seen.epoch, key: seen.depositKey)
        let store = store
        let stated = try store.read { () throws(VaultError) -> DepositAddress in
            try Self.statedAddress(in: store, seen.vault)
        }
        // It was given new keys elsewhere: they show when the vault is opened.
        guard stated.epoch == address.epoch else { throw .depositKeyUnknown }
        guard stated == address else { throw .tampered(.depositKey) }
        return address
    }

    /// Whether a deposit could be made now: asked before the value is. Tries all that a deposit
    /// does, and leaves nothing of it.
    public borrowing func preflightDeposit() throws(VaultError) -> DepositAddress {
        let address = try depositAddress()
        try address.rehearse()
        let (store, vault) = (store, slots.vault)
        try store.read { () throws(VaultError) in
            try AuditPlace(store, vault).checkCanSeal()
        }
        try store.rehearse()
        return address
    }

    /// Seals a secret and lays it into the inbox. When this returns it is on disk and was read
    /// back, byte for byte; nobody here can open it.
    public borrowing func deposit(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> DepositReceipt {
        let address = try depositAddress()
        let sealed = try SealedDeposit.seal(draft, secrets, to: address, at: time)
        var note = AuditNote(.deposit, draft.name)
        note.rid = RecordID(sealed.id.identifier)
        return try lay(sealed, note, sealedTo: address, at: time)
    }

    /// Lays what someone else sealed into the inbox: what it is for shows when the vault is opened.
    public borrowing func lay(
        _ sealed: SealedDeposit, at time: Timestamp
    ) throws(VaultError) -> DepositReceipt {
        let store = store
        let vault = slots.vault
        let address = try store.read { () throws(VaultError) -> DepositAddress in
            try Self.statedAddress(in: store, vault)
        }
        var note = AuditNote(.deposit)
        note.rid = RecordID(sealed.id.identifier)
        return try lay(sealed, note, sealedTo: address, at: time)
    }

    private borrowing func lay(
        _ sealed: SealedDeposit, _ note: AuditNote, sealedTo address: DepositAddress,
        at time: Timestamp
    ) throws(VaultError) -> DepositReceipt {
        let (store, vault, caller) = (store, slots.vault, caller)
        let bytes = sealed.bytes
        try store.write { () throws(VaultError) in
            if let lying = try store.deposit(sealed.id) {
                // Only with a key can be told which of two is the good one.
                guard lying == bytes else { throw .depositDiffers(sealed.id) }
                guard try !store.isQuarantined(sealed.id) else {
                    throw .depositSetAside(sealed.id)
                }
                // Twice is once: it may come by mail again.
                return
            }
            // The vault has no such keys: they are another's, or were given up with its newer file.
            guard sealed.epoch.number <= address.epoch.number else {
                throw .tampered(.deposit(sealed.id))
            }
            let place = try AuditPlace(store, vault)
            try place.checkCanSeal()
            try store.insertDeposit(sealed.id, bytes)
            var (tip, key) = (place.tip, place.nextKey)
            var chain = AuditChain(vault: vault, resuming: tip)
            try chain.enter(note, .done, sealedTo: address, by: caller, in: store, at: time)
            tip.entries = chain.entries
            tip.tip = chain.tip
            try chain.seal(in: store, &tip, expecting: &key, at: time)
            try store.setAuditTip(tip)
        }
        store.forgetPages()
        guard try store.deposit(sealed.id) == bytes else { throw .readBackDiffers }
        return sealed.receipt
    }
}

// What lies in the inbox.
extension LockedVault {
    public borrowing func waitingDeposits() throws(VaultError) -> [WaitingDeposit] {
        try store.deposits()
    }

    /// A deposit as it was sealed; `.tampered(.deposit)` if its row has no such form any more.
    public borrowing func sealedDeposit(_ id: DepositID) throws(VaultError) -> SealedDeposit {
        guard let bytes = try store.deposit(id) else { throw .depositMissing(id) }
        guard let sealed = SealedDeposit(parsing: bytes), sealed.id == id else {
            throw .tampered(.deposit(id))
        }
        return sealed
    }

    /// What may be known of a deposit without a key.
    public borrowing func depositFacts(_ id: DepositID) throws(VaultError) -> DepositFacts {
        let sealed = try sealedDeposit(id)
        return sealed.facts(try store.isQuarantined(id), .sealed)
    }
}

extension SealedDeposit {
    func facts(_ isQuarantined: Bool, _ content: DepositFacts.Content) -> DepositFacts {
        DepositFacts(
            receipt: receipt, epoch: epoch, time: time, size: UInt64(bytes.count),
            isQuarantined: isQuarantined, content: content)
    }
}

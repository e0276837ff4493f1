// The keys of epochs that are over, opened when something asks for them.

internal import Sealing
internal import Storage
internal import VaultModel

/// Opened once each, and wiped with the vault.
final class RetiredKeys {
    private let store: Store
    private let key: RetirementKey
    private var opened: [Epoch: Opened] = [:]

    /// A key that an array can hold.
    final class Opened {
        let key: AuditKey

        init(_ key: consuming AuditKey) { self.key = key }
    }

    init(_ store: Store, _ key: consuming RetirementKey) {
        self.store = store
        self.key = key
    }

    /// The keys of an epoch, or nil if none are kept of it.
    func keys(of epoch: Epoch) throws(VaultError) -> Opened? {
        if let known = opened[epoch] { return known }
        for row in try store.retiredKeys() where row.epoch == epoch {
            let retired = try key.open(row.sealed, of: epoch)
            let found = Opened(retired.auditKey())
            opened[epoch] = found
            return found
        }
        return nil
    }

    /// Seals every one that is kept again, and the keys of the epoch that ends.
    func hand(
        over ended: borrowing RetiredKey, to next: borrowing RetirementKey
    ) throws(VaultError) {
        for row in try store.retiredKeys() {
            let retired = try key.open(row.sealed, of: row.epoch)
            try store.setRetiredKey(row.epoch, try next.seal(retired))
        }
        try store.setRetiredKey(ended.epoch, try next.seal(ended))
    }
}

extension OpenVault {
    /// What an entry of any epoch keeps private; nil if there is nothing.
    func detail(of entry: AuditEntry) throws(VaultError) -> AuditDetail? {
        if let epoch = AuditKey.epoch(of: entry.detail), epoch.number < keyring.epoch.number {
            guard let old = try retired.keys(of: epoch) else {
                throw .tampered(.auditEntry(entry.number))
            }
            return try old.key.open(entry.detail, number: entry.number)
        }
        return try log.key.open(entry.detail, number: entry.number)
    }

    /// What was deposited, in this epoch or one before, or nil.
    func open(_ deposit: SealedDeposit) throws(VaultError) -> OpenedDeposit? {
        if deposit.epoch.number < keyring.epoch.number {
            return try retired.keys(of: deposit.epoch)?.key.inbox.open(deposit)
        }
        return log.key.inbox.open(deposit)
    }
}

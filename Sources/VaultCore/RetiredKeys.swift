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

    /// The keys of an epoch, or nil if none are kept of it; `.tampered(.retiredKey)` if they are
    /// damaged.
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

    /// Seals every one that is kept again, and the keys of the epoch that ends. Returns the epochs
    /// whose keys do not open: they stay as they are.
    func hand(
        over ended: borrowing RetiredKey, to next: borrowing RetirementKey
    ) throws(VaultError) -> [Epoch] {
        var damaged: [Epoch] = []
        for row in try store.retiredKeys() where row.epoch != ended.epoch {
            do throws(VaultError) {
                let retired = try key.open(row.sealed, of: row.epoch)
                try store.setRetiredKey(row.epoch, try next.seal(retired))
            } catch {
                guard case .tampered = error else { throw error }
                damaged.append(row.epoch)
            }
        }
        try store.setRetiredKey(ended.epoch, try next.seal(ended))
        return damaged
    }

    /// The epochs whose keys do not open, and under which something in the inbox is sealed: that
    /// could never be opened any more if the keys were put back behind a rekey.
    func missed() throws(VaultError) -> [Epoch] {
        var damaged: Set<Epoch> = []
        for row in try store.retiredKeys() {
            do throws(VaultError) { _ = try key.open(row.sealed, of: row.epoch) } catch {
                guard case .tampered = error else { throw error }
                damaged.insert(row.epoch)
            }
        }
        guard !damaged.isEmpty else { return [] }
        var missed: Set<Epoch> = []
        for waiting in try store.deposits() {
            let sealed = try store.deposit(waiting.id).flatMap { SealedDeposit(parsing: $0) }
            if let epoch = sealed?.epoch, damaged.contains(epoch) { missed.insert(epoch) }
        }
        return missed.sorted { $0.number < $1.number }
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

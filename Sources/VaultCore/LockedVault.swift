// A vault whose file passed every check, and whose keys are not here.

public import Sealing
internal import Storage
public import VaultModel

/// What the vault will be used for.
public enum VaultPurpose: Hashable, Sendable {
    case reading
    case changing
}

/// An opened file and its key slots; it can be unlocked, and its slots can be changed with a key.
public struct LockedVault: ~Copyable {
    let store: Store
    let slots: SlotSet
    let watch = SlotWatch()
    let anchor: AnchorWatch
    let caller: Caller

    /// Opens the vault at `path` for `caller`. Nothing is created or changed. What is seen of it is
    /// remembered in the folder `memory`.
    public init(
        at path: String, for purpose: VaultPurpose, by caller: Caller, memory: String?
    ) throws(VaultError) {
        let store = try Store.open(at: path, purpose == .reading ? .readOnly : .readWrite)
        slots = try SlotSet(of: store, at: path)
        anchor = AnchorWatch(of: slots.vault, in: memory)
        self.caller = caller
        self.store = store
    }

    /// What kept the newest state from being remembered outside of the file, if anything did.
    public var anchorObstacle: VaultError? { anchor.obstacle }

    /// When this returns, every entry that was read is on disk: a power cut takes none of them.
    public func syncLog() throws(VaultError) { try store.sync() }

    /// How long to wait from now on for others who change the vault, in milliseconds.
    public func waitAtMost(_ milliseconds: Int32) { store.waitAtMost(milliseconds) }

    /// What may be known without a key.
    public func facts() -> VaultFacts {
        VaultFacts(
            vault: slots.vault, epoch: slots.epoch, suite: .one, slots: slots.summaries)
    }

    /// How many secrets there are, removed ones too.
    public func secretCount() throws(VaultError) -> UInt64 { try store.metadataCount() }

    /// Looks through the whole container for damage; `.tampered(.container)` if there is any.
    public func checkContainer() throws(VaultError) { try store.checkContainer() }

    /// The open vault; `.wrongKey` if `key` opens none of the slots, which the log counts;
    /// `.rolledBack` if it is older than it was seen here.
    ///
    /// A passphrase costs one key derivation per passphrase slot until one opens. A slot that holds
    /// another root key than the one that the vault is of does not fit the head.
    public borrowing func opened(
        with key: borrowing UnlockKey, at time: Timestamp, rollback choice: RollbackChoice = .refuse
    ) throws(VaultError) -> OpenVault {
        try settled(try unlocked(with: key, at: time, choice), at: time)
    }

    /// The root key, for whoever keeps the vault open for others; `.wrongKey` as above.
    public borrowing func rootKey(
        openedBy key: borrowing UnlockKey, at time: Timestamp
    ) throws(VaultError) -> RootKey {
        let now = try SlotSet(of: store, at: slots.path)
        let opened = try open(now, with: key, at: time)
        return opened.takeRoot()
    }

    /// The open vault of a root key that was kept; `.rekeyed` if it is of an epoch that is over.
    public borrowing func opened(
        with root: borrowing RootKey, of epoch: Epoch, at time: Timestamp
    ) throws(VaultError) -> OpenVault {
        guard slots.epoch == epoch else { throw .rekeyed(path: slots.path) }
        return try settled(try vault(of: root, slots, .refuse), at: time)
    }

    /// Looks at the slots and the policy, and enters that an older state was accepted.
    private borrowing func settled(
        _ vault: consuming OpenVault, at time: Timestamp
    ) throws(VaultError) -> OpenVault {
        let store = store
        let (watch, path) = (watch, slots.path)
        try store.read { () throws(VaultError) in
            try vault.tree.begin()
            try watch.look(store, at: path, vault.tree.head)
            try vault.policy.begin(after: vault.tree.head)
        }
        if case .accepted(let rollback) = vault.anchorState {
            try vault.enter(rollback, at: time)
        }
        return vault
    }

    /// The vault of the slots that were read on opening or, if it was given new keys since, of
    /// those that are there now.
    private borrowing func unlocked(
        with key: borrowing UnlockKey, at time: Timestamp, _ choice: RollbackChoice
    ) throws(VaultError) -> OpenVault {
        do throws(VaultError) {
            let opened = try open(slots, with: key, at: time)
            return try vault(of: opened.root, slots, choice)
        } catch {
            guard error == .tampered(.head) else { throw error }
            let now = try SlotSet(of: store, at: slots.path)
            guard now.vault == slots.vault, now.epoch.number > slots.epoch.number else {
                throw error
            }
            let opened = try open(now, with: key, at: time)
            return try vault(of: opened.root, now, choice)
        }
    }

    /// The vault of a root key, which must fit head, log and anchor.
    borrowing func vault(
        of root: borrowing RootKey, _ slots: SlotSet, _ choice: RollbackChoice
    ) throws(VaultError) -> OpenVault {
        let keyring = try Keyring(root: root, vault: slots.vault, epoch: slots.epoch)
        let tree = StateTree(
            store, StateKey(root: root, vault: slots.vault, epoch: slots.epoch), at: slots.path)
        let key = AuditKey(root: root, vault: slots.vault, epoch: slots.epoch)
        let log = AuditLog(store, key, vault: slots.vault, by: caller)
        let known = try anchor.bytes()
        let state = try store.read { () throws(VaultError) -> AnchorState in
            try tree.begin()
            let place = try AuditPlace(store, slots.vault)
            try place.check(goesOnFrom: tree.head)
            return try anchor.look(
                tree.head, code: tree.headCode, place, since: known, choice)
        }
        return OpenVault(
            store: store, keyring: keyring, slots: slots, watch: watch, tree: tree, log: log,
            retired: RetiredKeys(
                store, RetirementKey(root: root, vault: slots.vault, epoch: slots.epoch)),
            policy: Policy(store, PolicyKey(root: root, vault: slots.vault, epoch: slots.epoch)),
            anchor: anchor,
            depositAddress: DepositAddress(
                vault: slots.vault, epoch: slots.epoch, key: tree.head.depositKey),
            anchorState: state)
    }

    /// The root key; keys that open nothing are counted in the log.
    borrowing func open(
        _ slots: SlotSet, with key: borrowing UnlockKey, at time: Timestamp
    ) throws(VaultError) -> OpenedSlot {
        do throws(VaultError) { return try slots.open(with: key) } catch {
            if error == .wrongKey { noteFailedUnlock(at: time) }
            throw error
        }
    }
}

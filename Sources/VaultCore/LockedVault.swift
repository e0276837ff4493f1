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

    /// Opens the vault at `path`. Nothing is created or changed.
    public init(at path: String, for purpose: VaultPurpose) throws(VaultError) {
        let store = try Store.open(at: path, purpose == .reading ? .readOnly : .readWrite)
        slots = try SlotSet(of: store, at: path)
        self.store = store
    }

    /// What may be known without a key.
    public func facts() -> VaultFacts {
        VaultFacts(
            vault: slots.vault, epoch: slots.epoch, suite: .one, slots: slots.summaries)
    }

    /// How many secrets there are, removed ones too.
    public func secretCount() throws(VaultError) -> UInt64 { try store.metadataCount() }

    /// Looks through the whole container for damage; `.tampered(.container)` if there is any.
    public func checkContainer() throws(VaultError) { try store.checkContainer() }

    /// The open vault; `.wrongKey` if `key` opens none of the slots.
    ///
    /// A passphrase costs one key derivation per passphrase slot until one opens. A slot that holds
    /// another root key than the one that the vault is of does not fit the head.
    public borrowing func opened(with key: borrowing UnlockKey) throws(VaultError) -> OpenVault {
        let opened = try slots.open(with: key)
        let keyring = try Keyring(root: opened.root, vault: slots.vault, epoch: slots.epoch)
        let tree = StateTree(
            store, StateKey(root: opened.root, vault: slots.vault, epoch: slots.epoch))
        try store.read { () throws(VaultError) in
            try tree.begin()
            try watch.look(store, at: slots.path, tree.head)
        }
        return OpenVault(store: store, keyring: keyring, slots: slots, watch: watch, tree: tree)
    }
}

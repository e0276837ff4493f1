// A new vault: its keys are made and its slots sealed before there is a file.

public import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

/// The slots of a vault that is about to be made.
public struct NewVault: ~Copyable {
    private let root: RootKey
    private let vault: VaultID
    private let created: Timestamp
    private var slots: [KeySlot] = []

    /// Draws the vault id and the root key.
    public init(at time: Timestamp) throws(VaultError) {
        let identifier = try Randomness.identifier()
        let drawn = try RootKey()
        vault = VaultID(identifier)
        created = time
        root = drawn
    }

    /// Seals the root key under one more key, and opens it again to see that it can be.
    public mutating func add(
        _ key: borrowing UnlockKey, parameters: KDFParameters
    ) throws(VaultError) {
        guard slots.count < KeySlotSummary.most else { throw .noFreeSlot }
        let slot = try KeySlot.seal(
            root, with: key, number: UInt8(slots.count), vault: vault, epoch: .first,
            parameters: parameters, created: created)
        _ = try slot.open(with: key)
        slots.append(slot)
    }

    /// Writes the vault: afterwards there is a complete one at `path`, or none. Its log begins with
    /// `caller`, and what is seen of it is remembered in the folder `memory`. What kept it from
    /// being remembered is returned.
    public consuming func write(
        to path: String, by caller: Caller, memory: String?
    ) throws(VaultError) -> VaultError? {
        precondition(!slots.isEmpty, "vault core: a vault needs a slot")
        let (slots, vault, created) = (slots, vault, created)
        let key = StateKey(root: root, vault: vault, epoch: .first)
        let audit = AuditKey(root: root, vault: vault, epoch: .first)
        let depositKey = StateHead.depositKey(of: root, vault: vault, epoch: .first)
        var seen: SeenState?
        try Store.create(at: path) { store throws(VaultError) in
            let tip = try Self.beginLog(in: store, vault, audit, by: caller, at: created)
            let head = StateHead(
                newVault: vault, depositKey: depositKey, slots: slots, audit: tip, at: created)
            let sealed = key.seal(head)
            try store.setHead(sealed)
            for slot in slots { try store.setSlot(slot.number, slot.bytes) }
            seen = SeenState(head: head, code: sealed.code, tip: tip)
        }
        let anchor = AnchorWatch(of: vault, in: memory)
        // The first key was made here.
        if let seen { anchor.remember(seen) { true } }
        return anchor.obstacle
    }

    /// The first key, the first entry and its seal.
    private static func beginLog(
        in store: Store, _ vault: VaultID, _ key: borrowing AuditKey, by caller: Caller,
        at time: Timestamp
    ) throws(VaultError) -> AuditTip {
        let first = try SigningKey()
        var chain = AuditChain(vault: vault, firstKey: first.publicKey)
        let note = AuditNote(.initialise)
        let detail = try key.seal(note.detail(by: caller.attribution), number: 0)
        let entry = AuditEntry(note, .done, number: 0, at: time, caller, detail)
        chain.append(entry)
        var tip = AuditTip(
            firstKey: first.publicKey, entries: 1, seals: 0, tip: chain.tip, sealedEntries: 0,
            sealed: time, failures: 0, failuresSince: Timestamp(milliseconds: 0))
        try store.beginAudit(tip, signingKey: first.seed.bytes)
        try store.insert(AuditRow(entry: entry, link: chain.tip, seal: nil))
        var expected = first.publicKey
        try chain.seal(in: store, &tip, expecting: &expected, at: time)
        return tip
    }
}

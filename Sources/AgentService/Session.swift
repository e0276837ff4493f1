// The door in process: offers become keys here, questions become calls of the vault's core.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

/// One vault, locked at first. The keys are wiped and the file is closed when the session ends.
public final class Session: Door {
    let locked: LockedVault
    private(set) var open: OpenVault?
    private let purpose: Purpose
    /// What became of what waited in the inbox when `unlock` opened the vault.
    public private(set) var depositNotices: [DepositNotice] = []
    /// What kept `unlock` from taking it in, if anything did: it waits on.
    public private(set) var depositObstacle: VaultError?
    /// Told what kept the newest state from being remembered outside of the vault.
    private let remark: (VaultError) -> Void
    private var hasEnded = false

    /// Whether the session will change the vault.
    public enum Purpose: Hashable, Sendable {
        case reading
        case changing
    }

    /// Opens the file at `path` for `caller` and checks it; it stays locked. What is seen of it is
    /// remembered in the folder `memory`; what keeps it from being remembered goes to `remark` when
    /// the session ends, for it is no reason to undo what was done.
    public init(
        at path: String, for purpose: Purpose, by caller: Caller, memory: String?,
        remark: @escaping (VaultError) -> Void = { _ in }
    ) throws(VaultError) {
        locked = try LockedVault(
            at: path, for: purpose == .reading ? .reading : .changing, by: caller, memory: memory)
        self.remark = remark
        self.purpose = purpose
    }

    deinit { end() }

    /// Brings to disk what was entered in the log, and remembers it: at the latest when the session
    /// is let go, which a process that exits on the way does not do.
    public func end() {
        switch open {
        case .some(let vault): vault.settle()
        case .none: break
        }
        if !hasEnded, let obstacle = locked.anchorObstacle { remark(obstacle) }
        hasEnded = true
    }

    /// How long to wait from now on for others who change the vault, before `.busy`.
    public func waitAtMost(milliseconds: Int32) { locked.waitAtMost(milliseconds) }

    /// What may be known without a key.
    public func facts() throws(VaultError) -> VaultFacts { locked.facts() }

    /// How many secrets there are, removed ones too.
    public func secretCount() throws(VaultError) -> UInt64 { try locked.secretCount() }

    /// Looks through the whole container for damage; `.tampered(.container)` if there is any.
    public func checkContainer() throws(VaultError) { try locked.checkContainer() }

    /// Opens the vault; `.wrongKey` if `offer` opens no slot, `.rolledBack` if it is older than it
    /// was seen here, unless `choice` is to accept that.
    public func unlock(
        with offer: borrowing KeyOffer, at time: Timestamp, rollback choice: RollbackChoice
    ) throws(VaultError) -> AnchorState {
        let key = try UnlockKey(offer)
        let vault = try locked.opened(with: key, at: time, rollback: choice)
        let state = vault.anchorState
        do throws(VaultError) {
            depositNotices = try vault.drainInbox(thoroughly: purpose == .changing, at: time)
        } catch { depositObstacle = error }
        open = consume vault
        return state
    }

    /// The same with the root key in hand, for whoever keeps the vault open for others.
    func unlock(
        with root: borrowing RootKey, of epoch: Epoch, at time: Timestamp
    ) throws(VaultError) {
        let vault = try locked.opened(with: root, of: epoch, at: time)
        if purpose == .changing {
            do throws(VaultError) {
                depositNotices = try vault.drainInbox(thoroughly: false, at: time)
            } catch { depositObstacle = error }
        }
        open = consume vault
    }

    /// The root key, for whoever keeps the vault open for others.
    func rootKey(
        openedBy offer: borrowing KeyOffer, at time: Timestamp
    ) throws(VaultError) -> RootKey {
        try locked.rootKey(openedBy: try UnlockKey(offer), at: time)
    }

    /// Whether `unlock` found key slots that no coffer left there. A person must be told: the next
    /// change of the vault takes them over as they are.
    public var slotsWereChanged: Bool {
        switch open {
        case .some(let vault): return vault.slotsWereChanged
        case .none: return false
        }
    }

    /// Runs `body` on the open vault, or fails with `.locked`.
    func unlocked<R: ~Copyable>(
        _ body: (borrowing OpenVault) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        switch open {
        case .some(let vault): return try body(vault)
        case .none: throw .locked
        }
    }
}

// Using and changing secrets.
extension Session {
    /// Whether a secret could be stored under `name` now, asked before the issuer is. Returns the
    /// description of the one that is to get another version, or nil; that is not entered in the
    /// log, so whoever shows it asks for `describe`.
    public func preflight(
        _ name: SecretName, _ conflict: NameConflict, at time: Timestamp
    ) throws(VaultError) -> Metadata? {
        try unlocked { vault throws(VaultError) in try vault.preflight(name, conflict, at: time) }
    }

    /// Stores a secret; when this returns it is on disk, was read back and opened.
    public func store(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict,
        at time: Timestamp
    ) throws(VaultError) -> Receipt {
        switch open {
        case .some(let vault): return try vault.store(draft, secrets, conflict, at: time)
        case .none: throw .locked
        }
    }

    /// Stores what `next` yields until it yields `.end`: all or nothing. Returns how many.
    /// `.give up` ends it with `.abandoned`.
    public func storeAll(
        _ conflict: NameConflict, at time: Timestamp, next: () -> ImportStep
    ) throws(VaultError) -> Int {
        try unlocked { vault throws(VaultError) -> Int in
            try vault.importing(at: time) { () throws(VaultError) in
                var count = 0
                while true {
                    switch next() {
                    case .secret(let draft, let secrets):
                        try vault.storeInBatch(draft, secrets, conflict, at: time)
                        count += 1
                    case .end: return count
                    case .giveUp: throw .abandoned
                    }
                }
            }
        }
    }

    /// Fails as `storeAll` would fail now over the name or over what is said of the secret. Nothing
    /// is stored, nor entered in the log.
    public func rehearse(
        _ draft: SecretDraft, _ names: [FieldName], _ conflict: NameConflict, at time: Timestamp
    ) throws(VaultError) {
        try unlocked { vault throws(VaultError) in
            try vault.rehearse(draft, names, conflict, at: time)
        }
    }

    /// Opens one version with all its secret fields.
    public func fetch(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        try unlocked { vault throws(VaultError) in
            try vault.fetch(name, version, disabled: disabled, at: time)
        }
    }

    /// The description of a secret, hidden ones too.
    public func describe(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in try vault.describe(name, at: time) }
    }

    /// Descriptions in the order of names that begin with `prefix`.
    public func list(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> Inventory {
        try unlocked { vault throws(VaultError) in
            try vault.list(prefix: prefix, removed: removed, at: time)
        }
    }

    public func names(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> NameList {
        let list = try packedNames(prefix: prefix, removed: removed, at: time)
        guard let names = ListedName.unpack(list.names.bytes) else {
            throw .tampered(.metadata(nil))
        }
        return NameList(names: names, damaged: list.damaged)
    }

    /// The same as an agent sends it.
    func packedNames(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> PackedList {
        try unlocked { vault throws(VaultError) in
            try vault.names(prefix: prefix, removed: removed, at: time)
        }
    }

    /// Applies changes together or not at all and returns the new description.
    public func edit(
        _ name: SecretName, _ changes: [DescriptionChange], at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in try vault.edit(name, changes, at: time) }
    }

    public func rename(
        _ name: SecretName, to newName: SecretName, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in
            try vault.rename(name, to: newName, at: time)
        }
    }

    /// Hides a secret and refuses its use until `restore` or `purge`.
    /// Removes the rows of a secret from the file and from its log.
    public func remove(_ name: SecretName, at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in try vault.remove(name, at: time) }
    }

    public func restore(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        try unlocked { vault throws(VaultError) in try vault.restore(name, at: time) }
    }

    public func purge(_ name: SecretName, at time: Timestamp) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in try vault.purge(name, at: time) }
    }
}

// The audit.
extension Session {
    /// Opens one version for a person's eyes while the log cannot be written; a mark is left that
    /// the next entry reports.
    public func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        try unlocked { vault throws(VaultError) in
            try vault.fetchUnlogged(name, version, disabled: disabled, at: time)
        }
    }

    /// Enters that the log is read, once for a command.
    public func enterAudit(at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in
            try vault.enterAudit(at: time)
            // Whoever reads the log may do so for long, and end by a signal.
            vault.settle()
        }
    }

    /// At most `count` events of a page, of one record only if `object` is
    /// given. While the vault is locked their details stay sealed.
    public func events(
        _ page: AuditPage, of object: RecordID?, atMost count: Int,
        damaged: (UInt64) throws(VaultError) -> Void
    ) throws(VaultError) -> [AuditEvent] {
        switch open {
        case .some(let vault):
            return try vault.events(page, of: object, atMost: count, damaged: damaged)
        case .none: return try locked.events(page, atMost: count, damaged: damaged)
        }
    }

    /// When this returns, every event that was given is on disk.
    public func syncLog() throws(VaultError) { try locked.syncLog() }

    /// The record of the secret that has this name now, or nil.
    public func record(of name: SecretName) throws(VaultError) -> RecordID? {
        try unlocked { vault throws(VaultError) in try vault.record(of: name) }
    }

    /// Every secret with its record, hidden ones too.
    public func keys(at time: Timestamp) throws(VaultError) -> [(RecordID, Metadata)] {
        try unlocked { vault throws(VaultError) in try vault.keys(at: time) }
    }

    /// Lends each secret field of each current version to `body`, with a fingerprint that is equal
    /// for equal values within this call.
    public func examine(
        at time: Timestamp,
        _ body: (Metadata, FieldName, Span<UInt8>, ValueFingerprint) -> Void
    ) throws(VaultError) {
        try unlocked { vault throws(VaultError) in try vault.examine(at: time, body) }
    }

    /// Where the vault stands, for a receipt. Needs no key.
    public func receipt() throws(VaultError) -> AuditReceipt { try locked.receipt() }

    /// Verifies the whole log. Needs no key.
    public func verifyLog(
        against receipt: AuditReceipt?, progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> AuditVerification {
        try locked.verifyLog(against: receipt, progress: progress)
    }

    /// Verifies all rows of the open vault.
    public func verifyRows(
        progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> VerifiedRows {
        try unlocked { vault throws(VaultError) in try vault.verifyRows(progress: progress) }
    }
}

// Key slots.
extension Session {
    /// The lines of a slot's sheet, which holds no key. Needs none.
    public func sheet(ofSlot number: UInt8) throws(VaultError) -> [String] {
        try locked.sheet(ofSlot: number)
    }

    /// Adds a slot for `newKey`; `key` is one that opens the vault. Returns the slot's number.
    public func addSlot(
        for newKey: borrowing KeyOffer, openedBy key: borrowing KeyOffer,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> UInt8 {
        let opening = try UnlockKey(key)
        let new = try UnlockKey(newKey)
        return try locked.addSlot(for: new, openedBy: opening, parameters: parameters, at: time)
    }

    /// The slots that can be read, as they stand now.
    public func seenSlots() throws(VaultError) -> [SeenSlot] { try locked.seenSlots() }

    /// Puts `newKey` in the place of the slot that was `seen`, or of the one that `key` opens if
    /// nil.
    public func replaceSlot(
        _ seen: SeenSlot?, by newKey: borrowing KeyOffer, openedBy key: borrowing KeyOffer,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        let opening = try UnlockKey(key)
        let new = try UnlockKey(newKey)
        return try locked.replaceSlot(
            seen, by: new, openedBy: opening, parameters: parameters, at: time)
    }

    /// How many key slots there are now, damaged ones too.
    public func slotCount() throws(VaultError) -> Int { try locked.slotCount() }

    /// What a rekey would have to leave out; nothing if all is as it was left.
    public func damage() throws(VaultError) -> [DamagedObject] {
        try unlocked { vault throws(VaultError) in try vault.damage() }
    }

    /// Where the vault is kept as it was if a rekey leaves something out.
    public func aside(at time: Timestamp) -> String { locked.aside(at: time) }

    /// Seals every row again under a new root key. Only `key` opens the vault afterwards.
    public func rekey(
        openedBy key: borrowing KeyOffer, parameters: KDFParameters, _ consent: RekeyConsent,
        at time: Timestamp, progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> RekeyReport {
        let opening = try UnlockKey(key)
        return try locked.rekey(
            openedBy: opening, parameters: parameters, consent, at: time, progress: progress)
    }

    /// Removes a slot, never the last one.
    public func removeSlot(
        _ number: UInt8, openedBy key: borrowing KeyOffer, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        let opening = try UnlockKey(key)
        return try locked.removeSlot(number, openedBy: opening, at: time)
    }
}

// The audit log within one transaction: what is done is entered before anything of it leaves.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

/// What an operation turned out to be about; filled in while it runs.
struct AuditNote {
    let operation: AuditOperation
    var name: SecretName?
    var newName: SecretName?
    var rid: RecordID?
    var version: UInt32?
    var prefix: String?
    var slot: UInt8?
    var count: UInt64?
    var recipient: SecretName?
    /// The program that is granted something, if that is not who asks.
    var program: String?

    init(_ operation: AuditOperation, _ name: SecretName? = nil) {
        self.operation = operation
        self.name = name
    }

    func detail(by attribution: Attribution) -> AuditDetail {
        var detail = AuditDetail(attribution)
        detail.name = name
        detail.newName = newName
        detail.version = version
        detail.prefix = prefix
        detail.slot = slot
        detail.count = count
        detail.recipient = recipient
        if let program { detail.attribution.job = program }
        return detail
    }
}

/// Appends to the log and seals it. Used within one transaction at a time, from `begin` to its end.
final class AuditLog {
    /// Reads are sealed when the newest seal is as old as this, in milliseconds.
    static let longestTail: UInt64 = 1_000
    /// And when this many entries are not sealed: whoever opens the vault next reads all that
    /// SQLite has not moved into the file.
    static let mostUnsealed: UInt64 = 32

    private let store: Store
    let key: AuditKey
    private let vault: VaultID
    /// Who asks from now on.
    var caller: Caller
    /// The newest seal that was checked: to do so once is enough.
    private var checked: SealClaim?
    /// A sealed state that was committed, and may not be on disk yet.
    var unsettled: SeenState?
    private var state: (chain: AuditChain, tip: AuditTip, key: [UInt8])?

    init(_ store: Store, _ key: consuming AuditKey, vault: VaultID, by caller: Caller) {
        self.store = store
        self.key = key
        self.vault = vault
        self.caller = caller
    }

    private var known: (chain: AuditChain, tip: AuditTip, key: [UInt8]) {
        guard let state else { preconditionFailure("vault core: a log that was not begun") }
        return state
    }

    var tip: AuditTip { known.tip }

    /// Forgets another transaction and looks whether the log goes on from what `head` says of it.
    /// Returns where it stands.
    @discardableResult
    func begin(
        after head: StateHead, for purpose: VaultPurpose
    ) throws(VaultError) -> AuditPlace {
        state = nil
        let place = try AuditPlace(store, vault)
        try place.check(goesOnFrom: head)
        if purpose == .changing {
            try place.checkNothingIsAhead(of: head)
            try checkNewestSeal(place)
        }
        state = (AuditChain(vault: vault, resuming: place.tip), place.tip, place.nextKey)
        return place
    }

    /// Enters what was done; on disk with the transaction.
    func append(
        _ note: AuditNote, _ outcome: AuditOutcome, at time: Timestamp
    ) throws(VaultError) {
        try add(note, outcome, at: time)
        try keepTip()
    }

    /// The same as one of several: `keepTip` follows the last one, before anything is sealed.
    func add(
        _ note: AuditNote, _ outcome: AuditOutcome, at time: Timestamp
    ) throws(VaultError) {
        if known.tip.failures > 0 {
            var failures = AuditNote(.failedUnlock)
            failures.count = known.tip.failures
            try enter(failures, .refused, at: time)
            state?.tip.failures = 0
        }
        try enter(note, outcome, at: time)
    }

    func keepTip() throws(VaultError) { try store.setAuditTip(known.tip) }

    private func enter(
        _ note: AuditNote, _ outcome: AuditOutcome, at time: Timestamp
    ) throws(VaultError) {
        var (chain, tip, nextKey) = known
        let detail = try key.seal(
            note.detail(by: caller.attribution), number: chain.entries)
        let entry = AuditEntry(note, outcome, number: chain.entries, at: time, caller, detail)
        chain.append(entry)
        try store.insert(AuditRow(entry: entry, link: chain.tip, seal: nil))
        tip.entries = chain.entries
        tip.tip = chain.tip
        state = (chain, tip, nextKey)
    }

    /// Whether what was read has to be sealed now.
    func isSealDue(at time: Timestamp) -> Bool {
        let tip = known.tip
        return time < tip.sealed || tip.entries - tip.sealedEntries >= Self.mostUnsealed
            || time.milliseconds - tip.sealed.milliseconds >= Self.longestTail
    }

    /// Signs everything so far, and puts the next key in the place of the one that signed.
    func seal(at time: Timestamp) throws(VaultError) {
        try checkNewestSeal(AuditPlace(store, vault))
        var (chain, tip, key) = known
        // What was signed here needs no check when it is the newest one next time.
        checked = try chain.seal(in: store, &tip, expecting: &key, at: time)
        state = (chain, tip, key)
    }

    private func checkNewestSeal(_ place: AuditPlace) throws(VaultError) {
        let newest = try place.newestSeal()
        guard newest != checked else { return }
        guard newest?.isGenuine != false else { throw .tampered(.audit) }
        checked = newest
    }

    /// Whether the newest entry is sealed.
    var isSealed: Bool { known.tip.sealedEntries == known.tip.entries }
}

extension AuditChain {
    /// Signs everything so far with the stored key, which must be the one `key` names, and puts a
    /// new one in its place: that needs no key of the vault. Returns what the seal claims.
    @discardableResult
    mutating func seal(
        in store: Store, _ tip: inout AuditTip, expecting key: inout [UInt8], at time: Timestamp
    ) throws(VaultError) -> SealClaim? {
        precondition(entries > sealedEntries, "vault core: nothing to seal")
        var seed = SecretBytes()
        try store.withSigningKey { bytes in seed = SecretBytes(copying: bytes) }
        let current = SigningKey(seed: seed)
        // A seal by a key that someone put there would be one that nobody accepts.
        guard current.publicKey == key else { throw .tampered(.audit) }
        let next = try SigningKey()
        var before = self
        let seal = self.seal(with: current, next: next.publicKey)
        try store.setSeal(seal, behind: entries - 1)
        try store.setSigningKey(next.seed.bytes)
        tip.seals = seals
        tip.tip = self.tip
        tip.sealedEntries = entries
        tip.sealed = time
        try store.setAuditTip(tip)
        key = next.publicKey
        return before.advance(by: seal, of: current.publicKey)
    }
}

extension AuditEntry {
    init(
        _ note: AuditNote, _ outcome: AuditOutcome, number: UInt64, at time: Timestamp,
        _ caller: Caller, _ detail: [UInt8]
    ) {
        self.init(
            number: number, time: time, operation: note.operation.rawValue,
            outcome: outcome.rawValue, user: caller.user, process: caller.process,
            object: note.rid?.identifier ?? .zero, detail: detail)
    }
}

// Where the log stands, looked at without walking it: each claim is held against one row.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

/// The stored tip of the log, which fits the newest rows.
struct AuditPlace {
    let tip: AuditTip
    /// The public key whose seal comes next.
    let nextKey: [UInt8]
    private let store: Store
    private let vault: VaultID

    /// Fails with `.tampered(.audit)` unless the tip is that of the newest row, and the newest seal
    /// where it says.
    init(_ store: Store, _ vault: VaultID) throws(VaultError) {
        guard let tip = try store.auditTip() else { throw .tampered(.audit) }
        var seal: AuditSeal?
        if tip.sealedEntries > 0 { seal = try store.auditRow(tip.sealedEntries - 1)?.seal }
        self.tip = tip
        self.store = store
        self.vault = vault
        nextKey = seal?.nextKey ?? tip.firstKey
        let newest = try store.auditRows(.newest, of: nil, atMost: 1).first
        guard tip.sealedEntries <= tip.entries, tip.seals <= tip.sealedEntries,
            (tip.sealedEntries == 0) == (tip.seals == 0), (tip.seals == 0) == (seal == nil),
            tip.entries == newest.map({ $0.entry.number + 1 }) ?? 0,
            Self.areEqual(tip.tip, newest?.tip ?? start)
        else { throw .tampered(.audit) }
    }

    private var start: [UInt8] { AuditChain(vault: vault, firstKey: tip.firstKey).tip }

    /// Whether the chain had the tip `known` after `entries` entries, with the seal behind them or
    /// before it was there.
    func had(_ known: [UInt8], after entries: UInt64) throws(VaultError) -> Bool {
        guard entries > 0 else { return Self.areEqual(start, known) }
        guard let row = try store.auditRow(entries - 1) else { return false }
        return Self.areEqual(row.tip, known) || Self.areEqual(row.link, known)
    }

    /// Fails with `.tampered(.audit)` if the log is not what the head saw and what came after. Each
    /// seal since has an entry of its own.
    func check(goesOnFrom head: StateHead) throws(VaultError) {
        guard tip.entries >= head.entries, tip.seals >= head.seals,
            tip.seals - head.seals <= tip.entries - head.entries,
            try had(head.auditTip, after: head.entries)
        else { throw .tampered(.audit) }
    }

    /// What the newest seal claims: to be the one of its number, by the key that the seal before it
    /// names. Another number of seals would spoil each seal to come, and what is remembered. Nil if
    /// there is none; `.tampered(.audit)` if it cannot be one.
    func newestSeal() throws(VaultError) -> SealClaim? {
        guard tip.sealedEntries > 0 else { return nil }
        let last = tip.sealedEntries - 1
        guard let row = try store.auditRow(last), let seal = row.seal else {
            throw .tampered(.audit)
        }
        let key = tip.seals == 1 ? tip.firstKey : try store.keyNamed(before: last)
        var before = tip
        before.seals -= 1
        before.tip = row.link
        before.entries = tip.sealedEntries
        before.sealedEntries = last
        var chain = AuditChain(vault: vault, resuming: before)
        guard let key, let claim = chain.advance(by: seal, of: key) else {
            throw .tampered(.audit)
        }
        return claim
    }

    /// Fails with `.tampered(.audit)` if nothing could be sealed here: the newest seal is forged,
    /// or the key that signs next is not the one that it names.
    func checkCanSeal() throws(VaultError) {
        guard try newestSeal()?.isGenuine != false else { throw .tampered(.audit) }
        var seed = SecretBytes()
        try store.withSigningKey { bytes in seed = SecretBytes(copying: bytes) }
        let key = SigningKey(seed: seed)
        guard key.publicKey == nextKey else { throw .tampered(.audit) }
    }

    /// A log with more entries is not walked to prove its first key: whoever remembers nothing, as
    /// in a fresh container, would do so with every command.
    private static let longestProof: UInt64 = 1_024

    /// Fails unless the chain that begins with the first key is the one of `head`; false if the log
    /// is too long to tell. The key follows from nothing that is signed; the head's tip, which a
    /// key of the vault vouches for, binds it, with every entry up to there.
    func proveFirstKey(by head: StateHead) throws(VaultError) -> Bool {
        guard head.entries <= Self.longestProof else { return false }
        var chain = AuditChain(vault: vault, firstKey: tip.firstKey)
        while chain.entries < head.entries {
            let rows = try store.auditRows(.from(chain.entries), of: nil, atMost: 256)
            guard rows.first?.entry.number == chain.entries else {
                throw .logBroken(at: chain.entries, .gap)
            }
            for row in rows where row.entry.number < head.entries {
                guard row.entry.number == chain.entries else {
                    throw .logBroken(at: chain.entries, .gap)
                }
                chain.append(row.entry)
                guard Self.areEqual(chain.tip, row.link) else {
                    throw .logBroken(at: row.entry.number, .link)
                }
                if let seal = row.seal { chain.follow(seal) }
            }
        }
        guard chain.seals == head.seals, Self.areEqual(chain.tip, head.auditTip) else {
            throw .logBroken(at: head.entries, .end)
        }
        return true
    }

    /// Fails if the log tells of a change that the head does not count: rows and head were put
    /// back, and the next head would hide that for good.
    func checkNothingIsAhead(of head: StateHead) throws(VaultError) {
        var page = AuditPage.from(head.entries)
        while true {
            let rows = try store.auditRows(page, of: nil, atMost: 256)
            guard let last = rows.last else { return }
            if let change = rows.first(where: { $0.entry.tellsOfChange }) {
                throw .logBroken(at: change.entry.number, .ahead)
            }
            page = .from(last.entry.number + 1)
        }
    }

    /// More entries than this since the newest head are left to a verification of the whole log.
    private static let longestLook: UInt64 = 4_096

    /// The first entry since `head` that is not as it was linked and sealed, or nil. Only keys that
    /// are erased could seal an edited one again, so an entry about a deposit cannot be made to say
    /// something else; what was put back as a whole fits.
    func firstEdited(since head: StateHead) throws(VaultError) -> UInt64? {
        guard tip.entries - head.entries <= Self.longestLook else { return nil }
        var before = tip
        before.entries = head.entries
        before.sealedEntries = head.entries
        before.seals = head.seals
        before.tip = head.auditTip
        var chain = AuditChain(vault: vault, resuming: before)
        guard var key = try store.keyNamed(before: head.entries) else { return head.entries }
        while chain.entries < tip.entries {
            let rows = try store.auditRows(.from(chain.entries), of: nil, atMost: 256)
            guard !rows.isEmpty else { return chain.entries }
            for row in rows {
                let number = row.entry.number
                guard number == chain.entries else { return chain.entries }
                chain.append(row.entry)
                guard Self.areEqual(chain.tip, row.link) else { return number }
                guard let seal = row.seal else { continue }
                guard let claim = chain.advance(by: seal, of: key), claim.isGenuine else {
                    return number
                }
                key = seal.nextKey
            }
        }
        return Self.areEqual(chain.tip, tip.tip) ? nil : tip.entries
    }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        ConstantTime.areEqual(left.span, right.span)
    }
}

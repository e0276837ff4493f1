// The whole log in one walk: every link, every seal, every key. Needs no secret.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

/// What must be met on the way: a place in the chain that someone remembers.
struct AuditMilestone {
    let entries: UInt64
    let seals: UInt64
    /// Whether the chain fits with this tip.
    let fits: ([UInt8]) -> Bool
    /// What is said if it does not, or if the chain ends before.
    let error: VaultError
    var isMet = false

    init(
        entries: UInt64, seals: UInt64, error: VaultError, fits: @escaping ([UInt8]) -> Bool
    ) {
        self.entries = entries
        self.seals = seals
        self.error = error
        self.fits = fits
    }
}

/// One walk, from the first entry to the newest.
struct AuditWalk {
    /// A seal that comes later than this after the first entry it covers is late, in milliseconds.
    private static let longestDelay: UInt64 = 2_000
    /// Processes take the time before they wait for each other, so entries may cross by so much
    /// without a clock that went back, in milliseconds.
    private static let crossing: UInt64 = 10_000
    /// As many signatures are checked together: a multiple of what all cores do at once.
    private static let mostClaims = 1_024

    private var chain: AuditChain
    private var key: [UInt8]
    private var milestones: [AuditMilestone]
    /// How many entries the head knows of.
    private let known: UInt64
    private var found = AuditVerification()
    /// When the oldest entry without a seal was made, and its number.
    private var open: (time: Timestamp, number: UInt64)?
    private var last = Timestamp(milliseconds: 0)
    /// Seals on whose signatures everything since rests, with the numbers of their entries.
    private var claims: [(number: UInt64, claim: SealClaim)] = []
    /// Whether an entry did not fit.
    private var isBroken = false
    /// Those that are being checked while the walk goes on.
    private var checking: (numbers: [UInt64], work: Cores.Work<Bool>)?

    init(
        _ vault: VaultID, firstKey: [UInt8], headAfter known: UInt64, milestones: [AuditMilestone]
    ) {
        self.known = known
        chain = AuditChain(vault: vault, firstKey: firstKey)
        key = firstKey
        self.milestones = milestones
    }

    /// Begins: milestones before the first entry.
    mutating func begin() throws(VaultError) { try meet(chain.tip) }

    mutating func take(_ row: AuditRow) throws(VaultError) {
        do throws(VaultError) { try follow(row) } catch {
            isBroken = true
            // A forged seal before it is what was done first.
            try checkAllClaims()
            throw error
        }
        if claims.count >= Self.mostClaims { try checkClaims() }
    }

    /// What is first at fault if the next row could not be read: a seal before it, a gap, or it.
    mutating func stopped(by error: VaultError) throws(VaultError) -> VaultError {
        guard !isBroken else { return error }
        try checkAllClaims()
        if case .logBroken(let number, _) = error, number != chain.entries {
            return .logBroken(at: chain.entries, .gap)
        }
        return error
    }

    /// Ends what is being checked, and begins with what was collected since.
    private mutating func checkClaims() throws(VaultError) {
        if let (numbers, work) = checking {
            for (number, isGenuine) in zip(numbers, work.finish()) where !isGenuine {
                throw .logBroken(at: number, .seal)
            }
        }
        let work = Cores.Work(claims.map(\.claim), with: Array(0..<Cores.count)) { $1.isGenuine }
        checking = claims.isEmpty ? nil : (claims.map(\.number), work)
        claims = []
    }

    private mutating func checkAllClaims() throws(VaultError) {
        try checkClaims()
        try checkClaims()
    }

    private mutating func follow(_ row: AuditRow) throws(VaultError) {
        let entry = row.entry
        guard entry.number == chain.entries else {
            throw .logBroken(at: chain.entries, .gap)
        }
        chain.append(entry)
        guard chain.tip == row.link else { throw .logBroken(at: entry.number, .link) }
        guard entry.number < known || !entry.tellsOfChange else {
            throw .logBroken(at: entry.number, .ahead)
        }
        if entry.time.milliseconds &+ Self.crossing < last.milliseconds { found.clockSteps += 1 }
        last = max(last, entry.time)
        open = open ?? (entry.time, entry.number)
        try meet(chain.tip)
        guard let seal = row.seal else { return }
        guard let claim = chain.advance(by: seal, of: key) else {
            throw .logBroken(at: entry.number, .seal)
        }
        claims.append((entry.number, claim))
        key = seal.nextKey
        note(sealBehind: entry)
        try meet(chain.tip)
    }

    private mutating func note(sealBehind entry: AuditEntry) {
        defer { open = nil }
        guard let open, entry.time > open.time else { return }
        let delay = entry.time.milliseconds - open.time.milliseconds
        guard delay > Self.longestDelay else { return }
        found.lateCount += 1
        guard found.late.count < AuditVerification.mostLate else { return }
        found.late.append(LateSeal(first: open.number, last: entry.number, delay: delay))
    }

    private mutating func meet(_ tip: [UInt8]) throws(VaultError) {
        for place in milestones.indices where milestones[place].entries == chain.entries {
            guard milestones[place].seals == chain.seals else { continue }
            guard milestones[place].fits(tip) else { throw milestones[place].error }
            milestones[place].isMet = true
        }
    }

    /// Ends: what was stored of the chain must be where it stands, and nothing may be missing.
    mutating func end(
        _ tip: AuditTip, signingKey: [UInt8]
    ) throws(VaultError) -> AuditVerification {
        try checkAllClaims()
        guard tip.entries == chain.entries, tip.seals == chain.seals,
            tip.sealedEntries == chain.sealedEntries, tip.tip == chain.tip
        else { throw .logBroken(at: chain.entries, .end) }
        guard signingKey == key else { throw .logBroken(at: chain.entries, .key) }
        for milestone in milestones where !milestone.isMet { throw milestone.error }
        found.entries = chain.entries
        found.seals = chain.seals
        found.unsealed = chain.entries - chain.sealedEntries
        return found
    }
}

extension AuditEntry {
    /// Whether it was written in one transaction with a head.
    var tellsOfChange: Bool {
        guard outcome == AuditOutcome.done.rawValue,
            let operation = AuditOperation(rawValue: operation)
        else { return false }
        switch operation {
        case .initialise, .capture, .edit, .rename, .enable, .disable, .remove, .undelete, .purge,
            .importing, .slotAdd, .slotReplace, .slotRemove, .acceptRollback, .takeIn, .quarantine,
            .accept, .rekey, .restore, .discard, .jobAdd, .jobRemove, .deliver, .revoke,
            .grantAdd, .grantRemove, .rotate, .rotateStep, .rotateStore, .promote, .rollBack,
            .retire, .rotateAbandon:
            return true
        case .read, .list, .show, .unlock, .failedUnlock, .lock, .breakGlass, .audit, .deposit,
            .exporting, .backup, .slotMend, .refusedPeer, .collect, .permit:
            return false
        }
    }
}

// Every use of an open vault: one transaction, and an entry in the log before anything leaves it.

internal import Sealing
internal import Storage
internal import VaultModel

extension OpenVault {
    /// Reads one state of the vault, whose head and log fit, for the vault's own purposes: nothing
    /// of it leaves.
    func looking<R: ~Copyable>(
        for purpose: VaultPurpose = .reading, _ body: () throws(VaultError) -> R
    ) throws(VaultError) -> R {
        try store.read { () throws(VaultError) -> R in
            try begin(for: purpose)
            return try body()
        }
    }

    /// Reads one state of the vault for someone, and enters that in the log: also what was refused
    /// or not found. Nothing leaves if the entry cannot be written.
    func reading<R: ~Copyable>(
        _ note: AuditNote, at time: Timestamp,
        _ body: (inout AuditNote) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        var failure: VaultError?
        let found = try readingAll(at: time) { () throws(VaultError) -> R? in
            var note = note
            var result: R?
            do throws(VaultError) { result = try body(&note) } catch { failure = error }
            try log.add(note, AuditOutcome(of: failure), at: time)
            return result
        }
        switch consume found {
        case .some(let result): return result
        case .none: throw failure ?? .tampered(.audit)
        }
    }

    /// One transaction of reads, each of which `body` adds to the log.
    func readingAll<R: ~Copyable>(
        at time: Timestamp, _ body: () throws(VaultError) -> R
    ) throws(VaultError) -> R {
        var glass: AnchorWatch.Glass?
        let result: R
        do throws(VaultError) {
            result = try store.write(.later) { () throws(VaultError) -> R in
                try beginWriting()
                glass = try enterBrokenGlass(at: time)
                let result = try body()
                try log.keepTip()
                if log.isSealDue(at: time) || isUnseen { try log.seal(at: time) }
                return result
            }
        } catch { throw error.asUnlogged(at: slots.path) }
        forget(glass)
        if log.isSealed { log.unsettled = seen }
        return result
    }

    /// Changes the vault, with its state tree, log and head, in one transaction that is on disk
    /// when this returns. What is refused is entered in the log too.
    ///
    /// `changing` are the key slots that a change of slots was decided on: `.slotsChanged` if they
    /// are others by now.
    func change<R>(
        _ note: AuditNote, changing slots: SlotSet? = nil, whenBehind: WhenBehind = .refuse,
        at time: Timestamp, _ body: (inout AuditNote) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        if slots == nil { mendSlots() }
        var glass: AnchorWatch.Glass?
        var behind: VaultError?
        let result = try entering(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            try store.write { () throws(VaultError) -> R in
                behind = try beginWriting(for: .changing, whenBehind)
                glass = try enterBrokenGlass(at: time)
                if let slots, try !slots.isCurrent(in: store) {
                    throw .slotsChanged(path: slots.path)
                }
                try policy.begin(after: tree.head)
                let result = try body(&note)
                let rows = try followInPolicy(at: time)
                try log.append(note, .done, at: time)
                try log.seal(at: time)
                let digest = try watch.digest(
                    store, at: self.slots.path, after: tree.head, changing: slots)
                try tree.commit(slots: digest, policy: rows, audit: log.tip, at: time)
                return result
            }
        }
        forget(glass)
        if let behind {
            // What is remembered stays: the next use says it again.
            anchor.note(behind)
            return result
        }
        log.unsettled = seen
        // Else the anchor would be ahead of the vault after a power cut.
        if store.isSyncedAtCommit {
            remember(seen)
            if anchor.obstacle == nil { log.unsettled = nil }
        }
        return result
    }

    /// Runs `body`, which a change begins with or is, and enters what kept it from being made.
    func entering<R: ~Copyable>(
        _ note: AuditNote, at time: Timestamp,
        _ body: (inout AuditNote) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        var note = note
        do throws(VaultError) { return try body(&note) } catch {
            enter(note, error, at: time)
            throw error
        }
    }

    /// Enters what kept a change from being made, unless the system did: then an entry would fail
    /// for the same reason.
    private func enter(_ note: AuditNote, _ error: VaultError, at time: Timestamp) {
        let outcome = AuditOutcome(of: error)
        guard outcome != .failed else { return }
        var glass: AnchorWatch.Glass?
        do throws(VaultError) {
            try store.write { () throws(VaultError) in
                try beginWriting()
                glass = try enterBrokenGlass(at: time)
                try log.append(note, outcome, at: time)
                try log.seal(at: time)
            }
            forget(glass)
            log.unsettled = seen
        } catch {}
    }

    /// Enters that an older state was taken as it is, and remembers it from now on.
    func enter(_ rollback: Rollback, at time: Timestamp) throws(VaultError) {
        var note = AuditNote(.acceptRollback)
        switch rollback {
        case .generation(let found, let seen), .entries(let found, let seen):
            note.count = seen - found
        case .forked: break
        }
        anchor.accept()
        try change(note, at: time) { (_: inout AuditNote) throws(VaultError) in }
    }

    /// Enters what was shown while the log could not be written; returns the mark of it.
    private func enterBrokenGlass(at time: Timestamp) throws(VaultError) -> AnchorWatch.Glass? {
        guard let glass = try anchor.brokenGlass() else { return nil }
        var note = AuditNote(.breakGlass)
        note.count = glass.count
        try log.append(note, .done, at: time)
        return glass
    }

    /// The mark goes when the entry that tells of it is on disk: a power cut must not take both.
    private func forget(_ glass: AnchorWatch.Glass?) {
        guard let glass else { return }
        do throws(VaultError) { try store.sync() } catch { return }
        anchor.forget(glass)
    }

    @discardableResult
    private func begin(for purpose: VaultPurpose) throws(VaultError) -> AuditPlace {
        try tree.begin()
        return try log.begin(after: tree.head, for: purpose)
    }

    /// What to do if the vault is older than what is remembered by now.
    enum WhenBehind {
        case refuse
        /// A value is here that cannot be shown again: it is stored, and that is said.
        case goOn
    }

    /// Returns that the vault is older than what is remembered, if that is no reason to stop.
    @discardableResult
    func beginWriting(
        for purpose: VaultPurpose = .reading, _ whenBehind: WhenBehind = .refuse
    ) throws(VaultError) -> VaultError? {
        let place = try begin(for: purpose)
        do throws(VaultError) { try anchor.check(tree.head, code: tree.headCode, place) } catch {
            guard whenBehind == .goOn, case .rolledBack = error else { throw error }
            return error
        }
        return nil
    }

    /// Whether this machine has nothing to remember the vault by yet: then the first use is
    /// sealed, however soon it comes, for only what is sealed is remembered.
    private var isUnseen: Bool {
        guard case .absent = anchorState else { return false }
        return anchor.remembers && log.unsettled == nil
    }

    /// What the transaction that was just committed left.
    var seen: SeenState { SeenState(head: tree.head, code: tree.headCode, tip: log.tip) }

    /// Brings sealed entries to disk, which takes the keys that signed them out of the file, and
    /// remembers them. What a transaction did that was not committed is nothing to be remembered.
    public func settle() {
        guard let seen = log.unsettled else { return store.tidy() }
        log.unsettled = nil
        // Someone who reads for long keeps SQLite's log; what is in it is on disk all the same.
        if store.truncateLog(.briefly) != .gone {
            do throws(VaultError) { try store.sync() } catch { return anchor.note(error) }
        }
        remember(seen)
    }

    func remember(_ seen: SeenState) {
        anchor.remember(seen) { () throws(VaultError) -> Bool in
            try store.read { () throws(VaultError) -> Bool in
                try AuditPlace(store, slots.vault).proveFirstKey(by: seen.head)
            }
        }
    }
}

extension AuditOutcome {
    /// What an error means to a reader of the log; nil is success.
    init(of error: VaultError?) {
        switch error {
        case nil: self = .done
        case .secretMissing, .fieldMissing, .versionMissing, .slotMissing, .versionDestroyed,
            .removed, .notRemoved, .depositMissing, .jobMissing, .notDelivered, .grantMissing:
            self = .missing
        case .disabled, .reasonMissing, .nameTaken, .nameTakenByRemoved, .managedElsewhere,
            .fieldAmbiguous, .fieldIsSecret, .lastSlot, .noFreeSlot, .slotsChanged, .wrongKey,
            .locked, .tooManyVersions, .metadataTooLong, .valueTooLong, .valueEmpty,
            .pendingAmbiguous, .depositDiffers, .depositSetAside, .jobTaken, .deliveryExpired,
            .policyFull, .foreignIdentity, .unusableIdentity, .notGranted, .interpreter,
            .rotationRunning, .rotationMoved, .rotationUnfit:
            self = .refused
        case .tampered, .readBackDiffers, .rolledBack, .logBroken, .receiptDiffers: self = .damaged
        default: self = .failed
        }
    }
}

extension VaultError {
    /// The same as a reason why nothing was released, if it kept an entry from being written.
    func asUnlogged(at path: String) -> VaultError {
        switch self {
        case .diskFull: .notLogged(path: path, .diskFull)
        case .io(.write, _, errno: 13), .io(.write, _, errno: 30):
            .notLogged(path: path, .readOnly)
        case .io(let operation, _, let code) where operation != .read:
            .notLogged(path: path, .io(errno: code))
        default: self
        }
    }
}

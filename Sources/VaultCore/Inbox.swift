// Taking in what was deposited: pending versions, never in the place of anything.

public import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// Whether a sealed deposit is one for this vault.
    public func opens(_ deposit: SealedDeposit) throws(VaultError) -> Bool {
        switch try open(deposit) {
        case .some: true
        case .none: false
        }
    }

    /// Takes everything in that waits in the inbox, in one transaction. What does not open is set
    /// aside; what the log tells of and the inbox does not hold is said, once. `thoroughly` looks
    /// for that too where nothing waits.
    public func drainInbox(
        thoroughly: Bool, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice] {
        var isNeeded = try store.hasDeposits()
        guard isNeeded || thoroughly else { return [] }
        // Before a change: the next head goes on from whatever is there.
        let doubts = try doubts()
        if !isNeeded { isNeeded = try !store.missingDeposits().isEmpty }
        guard isNeeded else { return doubts }
        return try change(AuditNote(.takeIn), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var notices = doubts
            for waiting in try store.deposits() {
                if waiting.isQuarantined, try store.isSetAside(waiting.id) { continue }
                notices.append(try takeIn(waiting.id, .unasked, at: time))
            }
            for missing in try store.missingDeposits() {
                notices.append(.missing(missing))
                try enter(.takeIn, missing, .missing, at: time)
            }
            note.count = UInt64(notices.count - doubts.count)
            return notices
        }
    }

    /// Whether the log can be believed about deposits that are gone.
    private func doubts() throws(VaultError) -> [DepositNotice] {
        try looking { () throws(VaultError) -> [DepositNotice] in
            let edited = try AuditPlace(store, slots.vault).firstEdited(since: tree.head)
            return edited.map { [.doubtful(entry: $0)] } ?? []
        }
    }

    /// Whether somebody asked for a deposit to be taken in.
    private enum Wish {
        case asked, unasked
    }

    /// Takes in the deposit of a capsule, which opens. One that was set aside is tried again, and
    /// takes the place of a row that was damaged.
    public func takeIn(
        _ sealed: SealedDeposit, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice] {
        let id = sealed.id
        return try change(AuditNote(.takeIn), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            let lying = try store.deposit(id)
            if lying != sealed.bytes {
                if lying != nil {
                    // What opens is somebody's: the one must not be lost over the other.
                    guard case .none = try opened(id) else { throw .depositDiffers(id) }
                    try store.deleteDeposit(id)
                }
                try store.insertDeposit(id, sealed.bytes)
                try enter(.deposit, id, .done, at: time)
            }
            note.count = 1
            return [try takeIn(id, .asked, at: time)]
        }
    }

    /// Tries to take in what was set aside: these, or all of it.
    public func retryDeposits(
        _ ids: [DepositID]?, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice] {
        let lying = try store.deposits().map(\.id)
        for id in ids ?? [] where !lying.contains(id) { throw .depositMissing(id) }
        let tried = ids ?? lying
        guard !tried.isEmpty else { return [] }
        return try change(AuditNote(.takeIn), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var notices: [DepositNotice] = []
            for id in tried { notices.append(try takeIn(id, .asked, at: time)) }
            note.count = UInt64(notices.count)
            return notices
        }
    }

    /// Drops deposits, whatever is in them. When this returns their rows are gone.
    public func discardDeposits(
        _ ids: [DepositID], at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try change(AuditNote(.discard), at: time) { (note: inout AuditNote) throws(VaultError) in
            for id in ids {
                guard try store.deposit(id) != nil else { throw .depositMissing(id) }
                try store.deleteDeposit(id)
                try enter(.discard, id, .done, at: time)
            }
            note.count = UInt64(ids.count)
        }
        return store.truncateLog()
    }

    /// What may be known of a deposit with a key.
    public func depositFacts(
        _ sealed: SealedDeposit, at time: Timestamp
    ) throws(VaultError) -> DepositFacts {
        var note = AuditNote(.show)
        note.rid = RecordID(sealed.id.identifier)
        return try reading(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            let isQuarantined = try store.isQuarantined(sealed.id)
            switch try open(sealed) {
            case .none: return sealed.facts(isQuarantined, .unopenable)
            case .some(let opened):
                note.name = opened.draft.name
                return sealed.facts(isQuarantined, .secret(opened.draft.name))
            }
        }
    }

    private func takeIn(
        _ id: DepositID, _ wish: Wish, at time: Timestamp
    ) throws(VaultError) -> DepositNotice {
        // A copy of its row may have been put back: that would be a version nobody deposited. It is
        // kept all the same, for whoever writes the file can make the log say so; who asks for it
        // gets it unless its value is stored.
        let isKnown = try wish == .asked ? isStored(id) : store.isTakenIn(id)
        if isKnown {
            try setAside(id, .refused, at: time)
            return .known(id)
        }
        switch try opened(id) {
        case .none:
            try setAside(id, .damaged, at: time)
            return .quarantined(id)
        case .some(let opened):
            let draft = opened.draft
            let stored: (name: SecretName, version: UInt32)
            do throws(VaultError) {
                stored = try storePending(draft, opened.takeSecrets(), at: time)
            } catch {
                // One that no vault can hold must not keep the others waiting.
                guard error.isAboutTheDeposit else { throw error }
                try setAside(id, .refused, at: time)
                return .quarantined(id)
            }
            try store.deleteDeposit(id)
            try enter(.takeIn, id, .done, stored, at: time)
            return .taken(id, stored.name, version: stored.version, wanted: draft.name)
        }
    }

    /// Whether a version holds what was deposited: the one that it was taken in as.
    private func isStored(_ id: DepositID) throws(VaultError) -> Bool {
        switch try opened(id) {
        case .none: return false
        case .some(let opened):
            let secrets = opened.takeSecrets()
            let packed = FieldPacking.pack(secrets)
            for row in try store.auditRows(.from(0), of: id.identifier, atMost: 256)
            where row.entry.operation == AuditOperation.takeIn.rawValue {
                if holds(packed, secrets.names, as: row.entry) { return true }
            }
            return false
        }
    }

    /// False too where it cannot be told: twice is better than not at all.
    private func holds(
        _ packed: borrowing PackedFields, _ fields: [FieldName], as entry: AuditEntry
    ) -> Bool {
        do throws(VaultError) {
            guard let detail = try detail(of: entry), let name = detail.name,
                let number = detail.version, let found = try find(name),
                let version = found.metadata.version(.number(number)),
                version.state != .destroyed, version.fields == fields
            else { return false }
            let value = try plaintext(of: version, in: found)
            return ConstantTime.areEqual(value.bytes, packed.bytes.bytes)
        } catch { return false }
    }

    private func setAside(
        _ id: DepositID, _ outcome: AuditOutcome, at time: Timestamp
    ) throws(VaultError) {
        try store.quarantineDeposit(id)
        try enter(.quarantine, id, outcome, at: time)
    }

    private func opened(_ id: DepositID) throws(VaultError) -> OpenedDeposit? {
        let sealed = try store.deposit(id).flatMap { SealedDeposit(parsing: $0) }
        guard let sealed, sealed.id == id else { return nil }
        do throws(VaultError) { return try open(sealed) } catch {
            // Keys of another epoch that are damaged must not keep the others waiting.
            guard case .tampered(.retiredKey) = error else { throw error }
            return nil
        }
    }

    private func enter(
        _ operation: AuditOperation, _ id: DepositID, _ outcome: AuditOutcome,
        _ stored: (name: SecretName, version: UInt32)? = nil, at time: Timestamp
    ) throws(VaultError) {
        var note = AuditNote(operation, stored?.name)
        note.rid = RecordID(id.identifier)
        note.version = stored?.version
        try log.append(note, outcome, at: time)
    }

    /// Stores a pending version under the name that was asked for, or beside it.
    private func storePending(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> (name: SecretName, version: UInt32) {
        var draft = draft
        let wanted = draft.name
        var number = 2
        while true {
            do throws(VaultError) { return try storeBeside(draft, secrets, at: time) } catch {
                guard error.isAboutTheName, number <= SecretName.mostBeside else { throw error }
                draft.name = wanted.beside(number)
                number += 1
            }
        }
    }
}

extension VaultError {
    /// Whether it was thrown over what is in a deposit, before anything of it was written.
    fileprivate var isAboutTheDeposit: Bool {
        switch self {
        case .valueEmpty, .valueTooLong: true
        default: isAboutTheName
        }
    }
}

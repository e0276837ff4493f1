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
        if !isNeeded, thoroughly { isNeeded = try !store.missingDeposits().isEmpty }
        guard isNeeded else { return [] }
        return try change(AuditNote(.takeIn), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var notices: [DepositNotice] = []
            for waiting in try store.deposits() {
                if waiting.isQuarantined, try store.isSetAside(waiting.id) { continue }
                notices.append(try takeIn(waiting.id, at: time))
            }
            for missing in try store.missingDeposits() {
                notices.append(.missing(missing))
                try enter(.takeIn, missing, .missing, at: time)
            }
            note.count = UInt64(notices.count)
            return notices
        }
    }

    private func takeIn(
        _ id: DepositID, at time: Timestamp
    ) throws(VaultError) -> DepositNotice {
        // A copy of its row may have been put back: that would be a version nobody deposited. It is
        // kept all the same, for whoever writes the file can make the log say so.
        if try store.isTakenIn(id) {
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

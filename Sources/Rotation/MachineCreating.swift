// The machine until a new value is stored: the states in which a key may be at the issuer that is
// nowhere else.

internal import VaultModel

extension Machine {
    func intended(_ event: Event, _ journal: RotationJournal) -> Move {
        var journal = journal
        switch event {
        case .resume:
            guard abilities.list, journal.mode != .inPlace else { return create(journal) }
            return Move(journal: journal, steps: [.list])
        case .listed(let keys):
            if let slots = abilities.slots, keys.count >= slots {
                return ended(journal, .full, telling: [.full(keys.sorted())])
            }
            let known = Set(keys).sorted()
            guard known.count <= RotationJournal.mostKeys else {
                return create(journal, telling: [.tooManyKeys])
            }
            journal.known = known
            return create(journal)
        default: return ignored(journal)
        }
    }

    /// Journals that a key may be being made, and has it made then.
    private func create(_ journal: RotationJournal, telling notices: [Notice] = []) -> Move {
        var journal = journal
        journal.attempts = journal.attempts &+ 1 == 0 ? .max : journal.attempts + 1
        return to(
            .creating, journal,
            notices.map(Step.tell) + [abilities.create == .person ? .guide(.create) : .create])
    }

    func creating(_ event: Event, _ journal: RotationJournal) -> Move {
        switch event {
        // What was under way when it was interrupted may have been done.
        case .resume, .lost: return search(journal)
        case .refused: return unmade(journal, .refused, .refused)
        case .full: return unmade(journal, .full, .full([]))
        default: return ignored(journal)
        }
    }

    /// This call made no key. One before it may have, which shows by now: it may be the one that
    /// there is no place for, or have made the credential invalid.
    private func unmade(
        _ journal: RotationJournal, _ end: RotationEnd, _ notice: Notice
    ) -> Move {
        guard journal.attempts > 1 else { return ended(journal, end, telling: [notice]) }
        var move = abandon(journal, end)
        move.steps.insert(.tell(notice), at: 0)
        return move
    }

    private func search(_ journal: RotationJournal) -> Move {
        var journal = journal
        if !canFind(journal) { journal.doubts = doubted(journal) }
        return to(.searching, journal, searchSteps(journal))
    }

    private func doubted(_ journal: RotationJournal) -> UInt32 {
        journal.doubts == .max ? .max : journal.doubts + 1
    }

    private func searchSteps(_ journal: RotationJournal) -> [Step] {
        if journal.mode == .inPlace {
            // An exchange that took place makes the old value invalid, sooner or later.
            return canTryOld
                ? [.wait(seconds: abilities.settling), .verify(.old)] : [.ask(.createAgain)]
        }
        guard canSearch(journal) else { return [.tell(.noList), .ask(.createAgain)] }
        return [.wait(seconds: abilities.settling), .list]
    }

    func searching(_ event: Event, _ journal: RotationJournal) -> Move {
        var journal = journal
        switch event {
        case .resume: return Move(journal: journal, steps: searchSteps(journal))
        case .listed(let keys) where canSearch(journal):
            let strays = look(among: keys, &journal)
            guard strays.isEmpty else {
                return Move(journal: journal, steps: [.offerDeletion(strays)])
            }
            return create(journal)
        case .confirmed where !canFind(journal): return create(journal)
        case .verified(.old) where journal.mode == .inPlace: return create(journal)
        case .notYetEffective(.old) where journal.mode == .inPlace:
            return Move(journal: journal, steps: searchSteps(journal))
        case .rejected(.old) where journal.mode == .inPlace:
            // Whoever exchanges it with another credential can do so again.
            guard abilities.renewsItself else { return create(journal) }
            return ended(journal, .valueLost, telling: [.valueLost])
        default: return ignored(journal)
        }
    }

    /// Whether it can be found out what became of a call, without a person's word.
    private func canFind(_ journal: RotationJournal) -> Bool {
        journal.mode == .inPlace ? canTryOld : canSearch(journal)
    }

    var canTryOld: Bool { abilities.verify && abilities.oldMayBeTried }
}

// The end without a new key.
extension Machine {
    func abandoned(_ journal: RotationJournal) throws(MachineRefusal) -> Move {
        switch journal.state {
        case .intended: return ended(journal, .asked)
        case .creating:
            var journal = journal
            // A call may be under way that nobody counted yet.
            if !canFind(journal) { journal.doubts = doubted(journal) }
            return abandon(journal, .asked)
        case .searching: return abandon(journal, .asked)
        case .pending, .verified:
            // Exchanged in place, there is nothing to be taken back: the value waits.
            guard journal.mode == .inPlace else { return abandon(journal, .asked) }
            return ended(journal, .asked)
        case .promoted, .deactivated:
            guard journal.mode != .inPlace else { throw .tooLate }
            var journal = journal
            journal.end = .asked
            return to(.restoring, journal, restoreSteps)
        case .revoked: throw .tooLate
        case .restoring: return Move(journal: journal, steps: restoreSteps)
        case .abandoning: return Move(journal: journal, steps: abandonSteps(journal))
        case .retired, .abandoned: throw .over
        }
    }

    func abandon(_ journal: RotationJournal, _ end: RotationEnd) -> Move {
        var journal = journal
        journal.end = journal.end ?? end
        return to(.abandoning, journal, abandonSteps(journal))
    }

    func abandonSteps(_ journal: RotationJournal) -> [Step] {
        guard journal.new == nil else {
            if journal.mode == .inPlace { return [.goOn] }
            return abilities.deactivate ? [.deactivate(.new)] : removeSteps
        }
        if journal.mode == .inPlace {
            return canTryOld
                ? [.wait(seconds: abilities.settling), .verify(.old)] : [.ask(.abandonUnseen)]
        }
        guard canSearch(journal) else { return [.tell(.noList), .ask(.abandonUnseen)] }
        return [.wait(seconds: abilities.settling), .list]
    }

    private var removeSteps: [Step] {
        switch abilities.revoke {
        case .call: [.revoke(.new)]
        case .person: [.guide(.revoke(.new))]
        case .nobody: [.tell(.newStaysLive), .ask(.leaveNew)]
        }
    }

    func abandoning(_ event: Event, _ journal: RotationJournal) -> Move {
        let end = journal.end ?? .asked
        if journal.mode == .inPlace { return abandoningExchange(event, journal, end) }
        var journal = journal
        switch event {
        case .resume: return Move(journal: journal, steps: abandonSteps(journal))
        case .deactivated(.new, _) where journal.new != nil:
            return Move(journal: journal, steps: removeSteps)
        case .revoked(.new) where journal.new != nil:
            guard canSearch(journal) else { return ended(journal, end) }
            return Move(journal: journal, steps: [.list])
        case .listed(let keys) where canSearch(journal):
            let strays = look(among: keys, &journal)
            if journal.new != nil, let newID, keys.contains(newID) {
                let wait = Step.wait(seconds: abilities.settling)
                return Move(journal: journal, steps: [wait] + removeSteps)
            }
            guard strays.isEmpty else {
                return Move(journal: journal, steps: [.offerDeletion(strays)])
            }
            return ended(journal, end)
        case .confirmed: return ended(journal, end)
        default: return ignored(journal)
        }
    }

    private func abandoningExchange(
        _ event: Event, _ journal: RotationJournal, _ end: RotationEnd
    ) -> Move {
        switch event {
        case .resume where journal.new != nil:
            return ended(journal, end, telling: [.exchangedAfterAll])
        case .resume: return Move(journal: journal, steps: abandonSteps(journal))
        case .notYetEffective(.old):
            return Move(journal: journal, steps: abandonSteps(journal))
        case .verified(.old), .confirmed: return ended(journal, end)
        case .rejected(.old) where journal.new == nil:
            var journal = journal
            journal.end = .valueLost
            return ended(journal, .valueLost, telling: [.valueLost])
        default: return ignored(journal)
        }
    }
}

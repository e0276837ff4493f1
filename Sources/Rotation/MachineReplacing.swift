// The machine from the stored value on: the new key is verified and put into use, the old one goes.

internal import VaultModel

extension Machine {
    func pending(_ event: Event, _ journal: RotationJournal) -> Move {
        let isExchange = journal.mode == .inPlace
        switch event {
        case .resume:
            return Move(
                journal: journal,
                steps: [abilities.verify ? .verify(.new) : .ask(.useUnverified)])
        case .verified(.new): return to(.verified, journal, [.readClock])
        case .confirmed where !abilities.verify: return to(.verified, journal, [.readClock])
        case .notYetEffective(.new):
            return Move(
                journal: journal, steps: [.wait(seconds: abilities.settling), .verify(.new)])
        case .rejected(.new):
            return Move(
                journal: journal,
                steps: [.tell(.newRejected)] + (isExchange && canTryOld ? [.verify(.old)] : []))
        case .verified(.old) where isExchange:
            return Move(journal: journal, steps: [.tell(.oldStillValid)])
        case .rejected(.old) where isExchange:
            return Move(journal: journal, steps: [.tell(.neitherValid)])
        default: return ignored(journal)
        }
    }

    func verified(_ event: Event, _ journal: RotationJournal) -> Move {
        switch event {
        case .resume: return Move(journal: journal, steps: [.readClock])
        case .clock(let reading):
            var journal = journal
            journal.waiting = reading
            return to(.promoted, journal, [.goOn])
        default: return ignored(journal)
        }
    }

    func promoted(_ event: Event, _ journal: RotationJournal) -> Move {
        var journal = journal
        guard journal.mode != .inPlace else {
            return event == .resume ? to(.retired, journal, [.tell(.done)]) : ignored(journal)
        }
        switch event {
        case .resume: return Move(journal: journal, steps: [.readClock])
        case .clock(let now): return after(journal.grace, journal, now)
        case .hasten: return parting(journal)
        case .deactivated(.old, let now):
            journal.waiting = now
            return to(.deactivated, journal, [.readClock])
        default: return gone(event, journal)
        }
    }

    func deactivated(_ event: Event, _ journal: RotationJournal) -> Move {
        switch event {
        case .resume: return Move(journal: journal, steps: [.readClock])
        case .clock(let now): return after(abilities.soak, journal, now)
        case .hasten: return parting(journal)
        default: return gone(event, journal)
        }
    }

    /// The next steps if the wait of so many seconds is over, else that it is waited for.
    private func after(
        _ seconds: UInt64, _ journal: RotationJournal, _ now: ClockReading
    ) -> Move {
        guard let began = journal.waiting else { return ignored(journal) }
        let standing = Wait(began: began, seconds: seconds).standing(at: now)
        var move =
            switch standing {
            case .running(let end, _): Move(journal: journal, steps: [.waitUntil(end)])
            case .over: parting(journal)
            }
        if let notice = standing.notice { move.steps.insert(.tell(notice), at: 0) }
        return move
    }

    /// The old key goes: switched off first where that can be done.
    private func parting(_ journal: RotationJournal) -> Move {
        let isOff = journal.state == .deactivated
        if abilities.deactivate, !isOff {
            return Move(journal: journal, steps: [.deactivate(.old)])
        }
        switch abilities.revoke {
        case .call: return Move(journal: journal, steps: [.revoke(.old)])
        case .person: return Move(journal: journal, steps: [.guide(.revoke(.old))])
        case .nobody:
            return to(
                .retired, journal, (isOff ? [] : [.tell(.oldStaysLive)]) + [.tell(.done)])
        }
    }

    /// The old key is gone at the issuer, by a call or by a person's word.
    private func gone(_ event: Event, _ journal: RotationJournal) -> Move {
        switch event {
        case .revoked(.old): return to(.revoked, journal, [.goOn])
        case .confirmed where abilities.revoke == .person: return to(.revoked, journal, [.goOn])
        default: return ignored(journal)
        }
    }

    func revoked(_ event: Event, _ journal: RotationJournal) -> Move {
        var journal = journal
        switch event {
        case .resume where canSearch(journal): return Move(journal: journal, steps: [.list])
        case .resume: return to(.retired, journal, [.tell(.done)])
        case .listed(let keys) where canSearch(journal):
            // What a call made that was given up shows by now.
            let strays = look(among: keys, &journal)
            return to(
                .retired, journal,
                (strays.isEmpty ? [] : [.offerDeletion(strays)]) + [.tell(.done)])
        default: return ignored(journal)
        }
    }
}

// Back to the old key.
extension Machine {
    var restoreSteps: [Step] { abilities.activate ? [.activate(.old)] : checkSteps }

    private var checkSteps: [Step] { abilities.verify ? [.verify(.old)] : [.ask(.oldWorks)] }

    func restoring(_ event: Event, _ journal: RotationJournal) -> Move {
        var journal = journal
        switch event {
        case .resume: return Move(journal: journal, steps: restoreSteps)
        case .activated(.old): return Move(journal: journal, steps: checkSteps)
        case .verified(.old): return to(.abandoning, journal, abandonSteps(journal))
        case .confirmed where !abilities.verify:
            return to(.abandoning, journal, abandonSteps(journal))
        case .notYetEffective(.old):
            return Move(
                journal: journal, steps: [.wait(seconds: abilities.settling), .verify(.old)])
        case .rejected(.old):
            journal.end = nil
            return to(.promoted, journal, [.tell(.oldDead)])
        default: return ignored(journal)
        }
    }
}

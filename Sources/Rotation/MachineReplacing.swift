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
                steps: [.tell(.newRejected)] + (isExchange ? [.verify(.old)] : []))
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
        switch event {
        case .resume where journal.mode == .inPlace: return to(.retired, journal, [.tell(.done)])
        case .resume: return Move(journal: journal, steps: [.readClock])
        case .clock(let now) where journal.mode != .inPlace:
            return after(journal.grace, journal, now) {
                abilities.deactivate ? [.deactivate(.old)] : nil
            }
        case .deactivated(.old, let now) where journal.mode != .inPlace:
            journal.waiting = now
            return to(.deactivated, journal, [.readClock])
        default: return gone(event, journal)
        }
    }

    func deactivated(_ event: Event, _ journal: RotationJournal) -> Move {
        switch event {
        case .resume: return Move(journal: journal, steps: [.readClock])
        case .clock(let now): return after(abilities.soak, journal, now) { nil }
        default: return gone(event, journal)
        }
    }

    /// The next steps if the wait is over: the first that there are, or the end of the old key.
    private func after(
        _ seconds: UInt64, _ journal: RotationJournal, _ now: ClockReading, _ first: () -> [Step]?
    ) -> Move {
        guard let began = journal.waiting else { return ignored(journal) }
        switch Wait(began: began, seconds: seconds).standing(at: now) {
        case .running(let end, let notice):
            return Move(
                journal: journal, steps: notice.map { [.tell($0)] } ?? [] + [.waitUntil(end)])
        case .over(let notice):
            let told = notice.map { [Step.tell($0)] } ?? []
            if let steps = first() { return Move(journal: journal, steps: told + steps) }
            switch abilities.revoke {
            case .call: return Move(journal: journal, steps: told + [.revoke(.old)])
            case .person: return Move(journal: journal, steps: told + [.guide(.revoke(.old))])
            case .nobody:
                let isOff = journal.state == .deactivated
                return to(
                    .retired, journal,
                    told + (isOff ? [] : [.tell(.oldStaysLive)]) + [.tell(.done)])
            }
        }
    }

    /// The old key is gone at the issuer, by a call or by a person's word.
    private func gone(_ event: Event, _ journal: RotationJournal) -> Move {
        guard journal.mode != .inPlace else { return ignored(journal) }
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

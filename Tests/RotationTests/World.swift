// The machine at work: a disk that a kill leaves as it is, a program that a kill takes everything
// from, and an issuer.

import Rotation
import TestSupport
import VaultModel

/// What survives a kill.
struct Disk {
    var journal: RotationJournal
    /// Versions by number, with the key that each holds.
    var versions: [UInt32: (key: KeyID, state: VersionState)]
    /// What a person was told, ever.
    var told: [Notice] = []

    var held: Set<KeyID> { Set(versions.values.map(\.key)) }
    var current: KeyID? { versions.values.first { $0.state == .current }?.key }

    /// One transaction: what the vault does when a journal takes the place of another.
    mutating func commit(_ next: RotationJournal) {
        precondition(journal.mayBecome(next), "\(journal) -> \(next)")
        let (old, new) = (journal.old, journal.new)
        switch journal.effect(of: next) {
        case .none: break
        case .promote:
            versions[old]?.state = .previous
            if let new { versions[new]?.state = .current }
        case .rollBack:
            versions[old]?.state = .current
            if let new { versions[new]?.state = .previous }
        case .retireOld: versions[old]?.state = .retired
        case .retireNew: if let new { versions[new]?.state = .retired }
        }
        journal = next
    }

    mutating func store(_ key: KeyID, seen: RotationJournal) {
        let number = (versions.keys.max() ?? 0) + 1
        versions[number] = (key, .pending)
        guard journal == seen,
            let next = journal.storing(number, expires: nil, at: Sample.begun)
        else { return }
        journal = next
    }
}

/// One rotation, with faults drawn at random.
struct World {
    enum Stop: Error { case killed, waits }

    var generator: SeededGenerator
    let abilities: Abilities
    var issuer: ModelIssuer
    var disk: Disk
    var now: UInt64 = 0
    /// Faults happen one time in so many; 0 is never.
    var faults: UInt64 = 6
    var boot: UInt8 = 0
    /// A reply that another process waits for, which takes its time.
    private var late: (key: KeyID, seen: RotationJournal)?
    private(set) var hasArrivedLate = false

    init(seed: UInt64, mode: RotationMode) {
        generator = SeededGenerator(seed: seed)
        var abilities = Sample.able
        func draws(_ generator: inout SeededGenerator) -> Bool { generator.next() % 3 > 0 }
        abilities.list = draws(&generator)
        abilities.verify = draws(&generator)
        abilities.deactivate = draws(&generator)
        abilities.activate = abilities.deactivate
        abilities.renewsItself = draws(&generator)
        abilities.oldMayBeTried = draws(&generator)
        abilities.revoke = [.call, .call, .person, .nobody][Int(generator.next() % 4)]
        abilities.create = mode == .guided ? .person : .call
        abilities.settling = ModelIssuer.settling
        let slots = Int(2 + generator.next() % 3)
        abilities.slots = generator.next() % 2 == 0 ? slots : nil
        self.abilities = abilities
        let others = (0..<Int(generator.next() % 2)).map { Sample.key("other\($0)") }
        issuer = ModelIssuer(mode: mode, slots: slots, others: others)
        var journal = RotationJournal(
            id: RotationID(Sample.boot), mode: mode, old: 1, grace: 600, begun: Sample.begun)
        journal.known = nil
        disk = Disk(journal: journal, versions: [1: (Sample.key("old"), .current)])
    }

    mutating func happens(oneIn count: UInt64) -> Bool {
        faults > 0 && generator.next() % (faults * count) == 0
    }

    /// A kill may come between any two lines.
    mutating func mayDie() throws(Stop) { if happens(oneIn: 4) { throw .killed } }

    var machine: Machine {
        Machine(
            abilities, held: disk.held,
            newID: disk.journal.new.flatMap { disk.versions[$0]?.key })
    }

    /// Goes on from what is on disk, until it is killed, waits for someone, or has nothing to do.
    mutating func run(from first: Event = .resume, check: (World) -> Void) throws(Stop) {
        var event: Event? = first
        var value: KeyID?
        var steps: [Step] = []
        while true {
            if let happened = event {
                let move = try answer(happened, &value)
                check(self)
                try mayDie()
                if !move.steps.isEmpty { steps = move.steps }
                event = nil
            }
            guard !steps.isEmpty else { return }
            let step = steps.removeFirst()
            event = try take(step, &value)
            check(self)
        }
    }

    private mutating func answer(_ event: Event, _ value: inout KeyID?) throws(Stop) -> Move {
        let move: Move
        do throws(MachineRefusal) {
            move = try machine.answer(event, in: disk.journal)
        } catch {
            precondition(event == .abandon, "refused: \(event)")
            return Move(journal: disk.journal)
        }
        try mayDie()
        if move.storesValue {
            precondition(move.journal == disk.journal, "a value and something else")
            if let key = value { disk.store(key, seen: disk.journal) }
            value = nil
        } else {
            disk.commit(move.journal)
        }
        return move
    }

    private mutating func take(_ step: Step, _ value: inout KeyID?) throws(Stop) -> Event? {
        try mayDie()
        if happens(oneIn: 1) { arrive() }
        switch step {
        case .goOn: return .resume
        case .wait(let seconds):
            now += seconds
            return nil
        case .waitUntil(let end):
            if generator.next() % 2 == 0 { throw .waits }
            now = max(now, (end.milliseconds - Sample.begun.milliseconds) / 1_000)
            return .resume
        case .tell(let notice):
            disk.told.append(notice)
            return nil
        case .readClock: return .clock(reading)
        case .create, .guide(.create): return try create(&value)
        case .guide(.revoke(let which)), .revoke(let which):
            let byHand = abilities.revoke == .person
            return try change(which) { $0.keys[$1] = nil }
                ?? (byHand ? .confirmed : .revoked(which))
        case .deactivate(let which):
            return try change(which) { $0.keys[$1]?.isActive = false }
                ?? .deactivated(which, reading)
        case .activate(let which):
            return try change(which) { $0.keys[$1]?.isActive = true } ?? .activated(which)
        case .list: return happens(oneIn: 1) ? .unreachable : .listed(issuer.list(at: now))
        case .verify(let which): return verify(which)
        case .ask(let question): return try answer(to: question)
        case .offerDeletion(let keys): return try decide(on: keys)
        }
    }

    /// What the other process waited for is here, and it stores it.
    mutating func arrive() {
        guard let reply = late else { return }
        disk.store(reply.key, seen: reply.seen)
        (late, hasArrivedLate) = (nil, true)
    }

    private var reading: ClockReading {
        let boot = Identifier([UInt8](repeating: boot, count: 16))!
        return ClockReading(
            wall: Sample.begun.adding(seconds: now),
            running: ClockReading.Running(boot: boot, milliseconds: now * 1_000))
    }

    private func key(_ which: RotatedKey) -> KeyID {
        let number = which == .old ? disk.journal.old : disk.journal.new ?? 0
        guard let version = disk.versions[number] else {
            preconditionFailure("a step about a key that is not stored")
        }
        return version.key
    }

    private mutating func create(_ value: inout KeyID?) throws(Stop) -> Event {
        now += generator.next() % 5
        if happens(oneIn: 2) { return .refused }
        // Whoever asks with the value that was exchanged is not listened to any more.
        if disk.journal.mode == .inPlace, abilities.renewsItself,
            !issuer.accepts(key(.old), at: now)
        {
            return .refused
        }
        // Lost on the way there: nothing is made.
        if happens(oneIn: 2) { return .lost }
        let lag = generator.next() % ModelIssuer.settling
        guard case .key(let key) = issuer.create(at: now, lag: lag) else { return .full }
        // Lost on the way back, with or without the program; or another process has it.
        if happens(oneIn: 1) {
            if generator.next() % 2 == 0 { late = (key, disk.journal) }
            return .lost
        }
        try mayDie()
        value = key
        return .created
    }

    /// A change that may be repeated: done or not, told or not.
    private mutating func change(
        _ which: RotatedKey, _ body: (inout ModelIssuer, KeyID) -> Void
    ) throws(Stop) -> Event? {
        if happens(oneIn: 2) { return .unreachable }
        body(&issuer, key(which))
        try mayDie()
        return happens(oneIn: 2) ? .unreachable : nil
    }

    private mutating func verify(_ which: RotatedKey) -> Event {
        if happens(oneIn: 2) { return .unreachable }
        if issuer.accepts(key(which), at: now) { return .verified(which) }
        let isSoon = issuer.keys[key(which)]?.isActive == true
        return isSoon ? .notYetEffective(which) : .rejected(which)
    }

    /// A person who looks, tells the truth, and sometimes goes away.
    private mutating func answer(to question: Question) throws(Stop) -> Event {
        if happens(oneIn: 1) { throw .waits }
        switch question {
        case .createAgain, .abandonUnseen, .leaveNew: return .confirmed
        case .useUnverified:
            guard issuer.accepts(key(.new), at: now) else { throw .waits }
            return .confirmed
        case .oldWorks: return issuer.isLive(key(.old)) ? .confirmed : .rejected(.old)
        }
    }

    private mutating func decide(on keys: [KeyID]) throws(Stop) -> Event? {
        var last: Event?
        for key in keys {
            if happens(oneIn: 2) { throw .waits }
            // What was decided is on disk before the next one is asked about.
            var unused: KeyID?
            if let event = last { _ = try answer(event, &unused) }
            if generator.next() % 3 == 0 {
                last = .strayKept(key)
            } else {
                issuer.keys[key] = nil
                try mayDie()
                last = .strayDeleted(key)
            }
        }
        return last
    }
}

// Going on with a rotation: what the machine decides is put on disk, then done, and told to it.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

/// One rotation of one secret, from where it stands as far as it can go now.
final class RotationDriver {
    /// Why it went no further.
    enum Ending: Hashable {
        case over
        /// Nothing can be done before.
        case waits(until: Timestamp)
        /// It was not decided, or the issuer could not do it; what was said tells.
        case stopped
    }

    private(set) var secret: Metadata
    let service: any KeyService
    let door: any Door
    let person: RotationPerson
    private let rescue: (Timestamp) -> CaptureRescue
    /// What is left of the grace is left out.
    private let isHasty: Bool
    private let expires: Timestamp?
    /// The ids of keys that versions hold, as the issuer's list told.
    private var learned: Set<KeyID> = []
    /// When a key was switched on again, by the clock that only grows.
    private var activated: Int64?
    /// Why something was not done.
    private(set) var trouble: Complaint?
    /// Steps of the last move that are not taken yet.
    private var steps: [Step] = []

    init(
        _ secret: Metadata, _ service: any KeyService, _ door: any Door, _ person: RotationPerson,
        isHasty: Bool, expires: Timestamp?, rescue: @escaping (Timestamp) -> CaptureRescue
    ) {
        self.secret = secret
        self.service = service
        self.door = door
        self.person = person
        self.isHasty = isHasty
        self.expires = expires
        self.rescue = rescue
    }

    var journal: RotationJournal {
        guard let rotation = secret.rotation else {
            preconditionFailure("rotation: driven without a journal")
        }
        return rotation
    }

    private var machine: Machine {
        let held = Set(secret.versions.compactMap { secret.keyID(of: $0, by: service.keyField) })
        let new = version(.new).flatMap { secret.keyID(of: $0, by: service.keyField) }
        return Machine(
            service.abilities(for: secret), held: held.union(learned), newID: new)
    }

    private func version(_ key: RotatedKey) -> VersionSummary? {
        let number = key == .old ? journal.old : journal.new
        return number.flatMap { secret.version(.number($0)) }
    }

    /// Goes on from `first` until nothing is to be done, or can be.
    func run(from first: Event) throws(Complaint) -> Ending {
        var event: Event? = first
        while true {
            if let happened = event {
                let move = try answer(happened)
                if !move.isEmpty { steps = move }
                event = nil
            }
            guard !steps.isEmpty else { return journal.state.isOver ? .over : .stopped }
            guard !HeldSignals.isOneWaiting else { throw Complaint(.interrupted, "interrupted") }
            let step = steps.removeFirst()
            if case .waitUntil(let end) = step {
                guard isHasty else { return .waits(until: end) }
                event = .hasten
            } else {
                event = try take(step)
            }
        }
    }

    /// What follows an event, once it is on disk.
    private func answer(_ event: Event) throws(Complaint) -> [Step] {
        let move: Move
        do throws(MachineRefusal) { move = try machine.answer(event, in: journal) } catch {
            throw Complaint(.refused, error.words)
        }
        try commit(move.journal)
        return move.steps
    }

    private static let mostAttempts = 20

    private func commit(_ next: RotationJournal) throws(Complaint) {
        let seen = journal
        guard next != seen else { return }
        var attempt = 1
        while true {
            do throws(VaultError) {
                secret = try door.advanceRotation(
                    secret.name, from: seen, to: next, at: Clock.now())
                return
            } catch {
                guard case .busy = error, attempt < Self.mostAttempts else {
                    throw Complaint(error)
                }
                attempt += 1
                usleep(100_000)
            }
        }
    }

    private func take(_ step: Step) throws(Complaint) -> Event? {
        switch step {
        case .goOn: return .resume
        case .readClock: return .clock(Clock.reading())
        case .wait(let seconds):
            try person.wait(seconds: seconds)
            return nil
        case .waitUntil: return nil
        case .tell(let notice):
            person.tell(notice)
            return nil
        case .list: return try attempt { () throws(Complaint) in .listed(try list()) }
        case .create: return try create()
        case .guide(.create): return try createByHand()
        case .guide(.revoke(let key)):
            let isDone = try person.hasDeleted(
                version(key).flatMap { keyWords($0) }, at: service.console)
            return isDone ? .confirmed : nil
        case .verify(let key):
            return try attempt { () throws(Complaint) in try verify(key) }
        case .deactivate(let key):
            return try attempt { () throws(Complaint) in
                try change(.deactivate, key)
                    ? .deactivated(key, Clock.reading()) : .revoked(key)
            }
        case .activate(let key):
            return try attempt { () throws(Complaint) in
                let isThere = try change(.activate, key)
                activated = Clock.monotonicMilliseconds()
                return isThere ? .activated(key) : .rejected(key)
            }
        case .revoke(let key):
            return try attempt { () throws(Complaint) in
                _ = try change(.revoke, key)
                return .revoked(key)
            }
        case .ask(let question): return try ask(question)
        case .offerDeletion(let keys): return try offer(keys)
        }
    }

    /// What may be done again later is told as unreachable; why, at the end.
    private func attempt(_ body: () throws(Complaint) -> Event) throws(Complaint) -> Event {
        do throws(Complaint) { return try body() } catch {
            guard error.code != .interrupted, error.code != .locked else { throw error }
            trouble = error
            return .unreachable
        }
    }
}

// Keys.
extension RotationDriver {
    private func list() throws(Complaint) -> [KeyID] {
        guard let field = service.keyField else { return [] }
        let listed = try service.list(secret)
        for key in listed where secret.holder(of: key) != nil {
            if let id = key.fields[field].flatMap({ KeyID($0) }) { learned.insert(id) }
        }
        return listed.compactMap { $0.fields[field].flatMap { KeyID($0) } }
    }

    private func change(
        _ purpose: IssuerCall.Purpose, _ key: RotatedKey
    ) throws(Complaint) -> Bool {
        guard let version = version(key) else { return false }
        return try service.change(purpose, version, of: secret)
    }

    private func verify(_ key: RotatedKey) throws(Complaint) -> Event {
        // A version whose value is gone is a key that is not accepted.
        guard let version = version(key), version.state != .destroyed else {
            return .rejected(key)
        }
        if try service.verify(version, of: secret) { return .verified(key) }
        let window = service.abilities(for: secret).settling
        switch key {
        case .new:
            let age = Clock.now().seconds(since: version.created)
            return age < window ? .notYetEffective(.new) : .rejected(.new)
        case .old:
            let now = Clock.monotonicMilliseconds()
            let isFresh = activated.map { now - $0 < Int64(window) * 1_000 } ?? false
            return isFresh ? .notYetEffective(.old) : .rejected(.old)
        }
    }

    private func create() throws(Complaint) -> Event? {
        // No signal ends us between its coming and its being stored.
        let signals = HeldSignals.hold()
        defer { signals.release() }
        return try receive(service.create(for: secret, expires: expires))
    }

    private func createByHand() throws(Complaint) -> Event? {
        person.show(console: service.console)
        let captured = try person.take(for: secret)
        let signals = HeldSignals.hold()
        defer { signals.release() }
        return try receive(.made(captured, expires: expires))
    }

    /// What comes of asking for a key.
    private func receive(_ creation: consuming Creation) throws(Complaint) -> Event? {
        switch consume creation {
        case .made(let captured, let expires):
            let move = try? machine.answer(.created, in: journal)
            try store(captured, seen: journal, expires: expires)
            steps = move?.steps ?? []
            return nil
        case .unread(let captured, let why):
            trouble = why
            let number = try store(captured, seen: nil, expires: nil)
            person.tellUnread(captured, number, why)
            return .lost
        case .refused(let why):
            trouble = why
            return .refused
        case .full: return .full
        case .notNow(let why):
            trouble = why
            return .unreachable
        case .lost(let why):
            trouble = why
            person.tellLost(why)
            return .lost
        }
    }

    /// Stores it before anything else looks at it; without a journal it is what the rotation does
    /// not wait for. The number of its version.
    @discardableResult
    private func store(
        _ captured: borrowing Captured, seen: RotationJournal?, expires: Timestamp?
    ) throws(Complaint) -> UInt32 {
        let other = RotationJournal(
            id: journal.id, mode: journal.mode, old: journal.old, grace: journal.grace,
            begun: journal.begun)
        var value = RotatedValue(name: secret.name, seen: seen ?? other)
        value.fields = captured.draft.fields
        value.expires = captured.draft.expires ?? expires
        let receipt = try rescue(Clock.now()).storeRotated(value, captured)
        captured.speak()
        secret = receipt.receipt.metadata
        person.tellStored(receipt)
        if case .clear(let content) = captured.ending { try content.clear() }
        return receipt.receipt.version.number
    }
}

// People.
extension RotationDriver {
    private func ask(_ question: Question) throws(Complaint) -> Event? {
        if try person.confirms(question.words, default: .no) { return .confirmed }
        return question == .oldWorks ? .rejected(.old) : nil
    }

    /// Decides on keys that nobody holds; what was decided is on disk before the next one is asked
    /// about.
    private func offer(_ keys: [KeyID]) throws(Complaint) -> Event? {
        var last: Event?
        for key in keys {
            guard let choice = try person.decides(on: key, isOver: journal.state.isOver) else {
                continue
            }
            if let event = last { steps += try answer(event).filter { $0 != .goOn } }
            switch choice {
            case .keep: last = .strayKept(key)
            case .delete:
                try delete(key)
                last = .strayDeleted(key)
            }
        }
        return last
    }

    private func delete(_ key: KeyID) throws(Complaint) {
        let abilities = service.abilities(for: secret)
        guard abilities.revoke == .call else {
            throw Complaint(
                .refused,
                "no call deletes keys: \(Escaped.text(key.text)) is to be deleted by hand",
                hint: "then `\(RotateCommand.keepKey.name) ID` has it forgotten")
        }
        // Some issuers delete only what is switched off.
        if abilities.deactivate { _ = try service.change(.deactivate, key, of: secret) }
        _ = try service.change(.revoke, key, of: secret)
    }

    private func keyWords(_ version: VersionSummary) -> String {
        let id = secret.keyID(of: version, by: service.keyField).map { Escaped.text($0.text) }
        return id.map { "\($0) (version \(version.number))" } ?? "version \(version.number)"
    }
}

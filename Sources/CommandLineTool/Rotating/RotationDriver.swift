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

    var secret: Metadata
    let service: any KeyService
    let door: any Door
    let person: RotationPerson
    let rescue: (Timestamp) -> CaptureRescue
    /// What is left of the grace is left out.
    private let isHasty: Bool
    let expires: Timestamp?
    /// The ids of keys that versions hold, as the issuer's list told.
    var learned: Set<KeyID> = []
    /// How often a key was asked for, and waited, since this began.
    var asked = 0
    private var waits = 0
    /// When a key was switched on again, by the clock that only grows.
    var activated: Int64?
    /// Why something was not done.
    var trouble: Complaint?
    /// Steps of the last move that are not taken yet.
    var steps: [Step] = []

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

    var machine: Machine {
        let held = Set(secret.versions.compactMap { secret.keyID(of: $0, by: service.keyField) })
        let new = version(.new).flatMap { secret.keyID(of: $0, by: service.keyField) }
        return Machine(
            service.abilities(for: secret), held: held.union(learned), newID: new)
    }

    func version(_ key: RotatedKey) -> VersionSummary? {
        let number = key == .old ? journal.old : journal.new
        return number.flatMap { secret.version(.number($0)) }
    }

    /// Goes on from `first` until nothing is to be done, or can be.
    func run(from first: Event) throws(Complaint) -> Ending {
        for key in journal.strays where person.choices[key] != nil {
            if let decided = try offer([key]) { _ = try answer(decided) }
        }
        steps = []
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
    func answer(_ event: Event) throws(Complaint) -> [Step] {
        let move: Move
        do throws(MachineRefusal) { move = try machine.answer(event, in: journal) } catch {
            throw Complaint(.refused, error.words)
        }
        try commit(move.journal)
        return move.steps
    }

    private static let mostAttempts = 20
    /// Most keys that are asked for at one go, and waits: an issuer that fails each time must not
    /// be asked for ever.
    static let mostAsked = 2
    private static let mostWaits = 6

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
            waits += 1
            guard waits <= Self.mostWaits else {
                throw Complaint(.failed, "the issuer does not show yet what was done")
            }
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
            if key == .old { try requireNewIfHeard() }
            let isDone = try person.hasDeleted(
                version(key).flatMap { keyWords($0) }, at: service.console, byOption: true)
            return isDone ? .confirmed : nil
        case .verify(let key):
            return try attempt { () throws(Complaint) in try verify(key) }
        case .deactivate(let key):
            return try attempt { () throws(Complaint) in
                switch try change(.deactivate, key) {
                case .done: .deactivated(key, Clock.reading())
                case .missing: .revoked(key)
                case .refused(let why): try endByHand(key, why)
                }
            }
        case .activate(let key):
            return try attempt { () throws(Complaint) in
                let outcome = try change(.activate, key)
                activated = Clock.monotonicMilliseconds()
                switch outcome {
                case .done: return .activated(key)
                case .missing: return .rejected(key)
                case .refused(let why): return try reviveByHand(key, why)
                }
            }
        case .revoke(let key):
            return try attempt { () throws(Complaint) in
                guard case .refused(let why) = try change(.revoke, key) else {
                    return .revoked(key)
                }
                return try endByHand(key, why)
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

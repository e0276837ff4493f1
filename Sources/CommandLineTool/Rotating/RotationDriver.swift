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
    /// How often a key was asked for, and waited, since this began.
    private var asked = 0
    private var waits = 0
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
    private func answer(_ event: Event) throws(Complaint) -> [Step] {
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
    private static let mostAsked = 2
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

// Keys.
extension RotationDriver {
    private func list() throws(Complaint) -> [KeyID] {
        guard let field = service.keyField else { return [] }
        let listed = try service.list(secret)
        try learn(listed)
        return listed.compactMap { $0.fields[field].flatMap { KeyID($0) } }
    }

    private func change(
        _ purpose: IssuerCall.Purpose, _ key: RotatedKey
    ) throws(Complaint) -> KeyChange {
        guard let version = version(key) else { return .missing }
        if key == .old, purpose != .activate { try requireNew() }
        return try service.change(purpose, version, of: secret)
    }

    private func staysNew() throws(Complaint) -> Bool {
        try person.confirms(
            "the old key is not accepted: is the new one to stay?", default: .no, byOption: true)
    }

    /// The old key does not go while the new one does not work: somebody may have deleted that.
    private func requireNew() throws(Complaint) {
        guard [.promoted, .deactivated].contains(journal.state), let new = version(.new),
            service.abilities(for: secret).verify, try !service.verify(new, of: secret)
        else { return }
        throw Complaint(
            .failed, "the issuer does not accept the new key any more: the old one stays",
            hint: "`coffer rotate \(secret.name) --abandon` makes that the current one")
    }

    private func verify(_ key: RotatedKey) throws(Complaint) -> Event {
        // A version whose value is gone is a key that is not accepted.
        guard let version = version(key), version.state != .destroyed else {
            return .rejected(key)
        }
        if try service.verify(version, of: secret) { return .verified(key) }
        // A person who mistyped a key is told sooner.
        let settling = service.abilities(for: secret).settling
        let window = journal.mode == .guided ? settling : 2 * settling
        switch key {
        case .new:
            let age = Clock.now().seconds(since: version.created)
            return age < window ? .notYetEffective(.new) : .rejected(.new)
        case .old:
            let now = Clock.monotonicMilliseconds()
            let isFresh = activated.map { now - $0 < Int64(window) * 1_000 } ?? false
            guard !isFresh else { return .notYetEffective(.old) }
            // One no, which may be a proxy's, must not undo that somebody wants the old one back.
            if journal.state == .restoring {
                guard try staysNew() else {
                    throw Complaint(.failed, "the issuer does not accept the old key")
                }
            }
            return .rejected(.old)
        }
    }

    private func create() throws(Complaint) -> Event? {
        guard asked < Self.mostAsked else {
            throw trouble
                ?? Complaint(.failed, "no key came of \(asked) calls: the issuer may have a fault")
        }
        asked += 1
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
            _ = try answer(.lost)
            // It may be in there: a person looks before anything else is done.
            throw Complaint(
                .failed,
                "the new key of \"\(secret.name)\" was not understood: it may be in version"
                    + " \(number)",
                hint: "`coffer get \(secret.name)@\(number)` shows what came; then"
                    + " `coffer rotate \(secret.name) --resume` or `--abandon`")
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
        value.fields = ownFields(captured.draft)
        value.expires = captured.draft.expires ?? expires
        let receipt = try rescue(Clock.now()).storeRotated(value, captured)
        captured.speak()
        secret = receipt.receipt.metadata
        person.tellStored(receipt)
        if case .clear(let content) = captured.ending { try content.clear() }
        return receipt.receipt.version.number
    }
}

// What is whose.
extension RotationDriver {
    /// The public fields of a new key. Without an id of its own it has none: that of the old one
    /// would have the wrong key deleted.
    private func ownFields(_ draft: SecretDraft) -> [FieldName: String] {
        var fields = draft.fields
        // Exchanged in place it is the same key with another value.
        guard let key = service.keyField, journal.mode != .inPlace else { return fields }
        let old = version(.old).flatMap { secret.fields(of: $0)[key] }
        if fields[key] == nil || fields[key] == old { fields[key] = "" }
        return fields
    }

    /// Takes note of the listed keys that a secret of the vault holds, this one or another.
    private func learn(_ listed: [ListedKey]) throws(Complaint) {
        let holders = [secret] + (try everySecret())
        for key in listed {
            guard let id = service.keyField.flatMap({ key.fields[$0] }).flatMap({ KeyID($0) })
            else { continue }
            // One call was made and brought its key: whatever else is new there is not of it.
            let isNotOurs = journal.attempts <= 1 && journal.new != nil
            if isNotOurs && !journal.strays.contains(id)
                || holders.contains(where: { $0.holder(of: key) != nil })
            {
                learned.insert(id)
            }
        }
    }

    private func everySecret() throws(Complaint) -> [Metadata] {
        try Complaint.from { () throws(VaultError) in try door.keys(at: Clock.now()) }.map(\.1)
    }

    /// The secret that holds a key of this id, as the vault is now.
    private func holder(of key: KeyID) throws(Complaint) -> SecretName? {
        guard let field = service.keyField else { return nil }
        return try everySecret().first { other in
            other.versions.contains { other.fields(of: $0)[field] == key.text }
        }?.name
    }
}

// People.
extension RotationDriver {
    private func ask(_ question: Question) throws(Complaint) -> Event? {
        // A yes beforehand is no yes to one key after another.
        if question == .createAgain, asked > 0 {
            throw trouble ?? Complaint(.failed, "nobody knows whether a key was made")
        }
        if try person.confirms(question.words, default: .no, byOption: mayBeAnswered(question)) {
            return .confirmed
        }
        return question == .oldWorks ? .rejected(.old) : nil
    }

    /// Whether `--yes` answers it: not for a key that a command may have refused before, nor where
    /// asking with the old value may revoke the new one.
    private func mayBeAnswered(_ question: Question) -> Bool {
        switch question {
        case .createAgain: service.abilities(for: secret).oldMayBeTried
        case .useUnverified: journal.mode != .command || asked > 0
        default: true
        }
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
        if let name = try holder(of: key) {
            throw Complaint(
                .refused, "the key \(Escaped.text(key.text)) is that of \"\(name)\": not deleted")
        }
        // Some issuers delete only what is switched off.
        if abilities.deactivate { _ = try service.change(.deactivate, key, of: secret) }
        if case .refused(let why) = try service.change(.revoke, key, of: secret) { throw why }
    }

    /// What no call does, a person can do at the console; nobody else says that it is done.
    private func endByHand(_ key: RotatedKey, _ why: Complaint) throws(Complaint) -> Event {
        guard let version = version(key), person.isThere else { throw why }
        Console.warn("\(why.words)")
        guard try person.hasDeleted(keyWords(version), at: service.console, byOption: false)
        else { throw why }
        return .revoked(key)
    }

    private func reviveByHand(_ key: RotatedKey, _ why: Complaint) throws(Complaint) -> Event {
        guard person.isThere else { throw why }
        Console.warn("\(why.words): see to it at the issuer's console")
        if try person.confirms("is the old key switched on there?", default: .no, byOption: false) {
            return .activated(key)
        }
        let isGone = try person.confirms("is it gone for good?", default: .no, byOption: false)
        guard isGone else { throw why }
        return .rejected(key)
    }

    private func keyWords(_ version: VersionSummary) -> String {
        let id = secret.keyID(of: version, by: service.keyField).map { Escaped.text($0.text) }
        return id.map { "\($0) (version \(version.number))" } ?? "version \(version.number)"
    }
}

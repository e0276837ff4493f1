// The machine that rotates one key: a journal and an event give the next journal and what is to be
// done. Pure: it knows neither time nor network (`docs/spec/rotation.md`).

public import VaultModel

/// What follows an event.
public struct Move: Hashable, Sendable {
    /// To be on disk before the first step is taken, in one transaction with what it does to the
    /// versions.
    public var journal: RotationJournal
    /// Whether the value that arrived is stored first: the journal that is on disk then is
    /// `storing` of this one, if it waits for a value.
    public var storesValue = false
    public var steps: [Step] = []

    public init(journal: RotationJournal, storesValue: Bool = false, steps: [Step] = []) {
        self.journal = journal
        self.storesValue = storesValue
        self.steps = steps
    }
}

/// Why an event is not followed.
public enum MachineRefusal: Error, Hashable, Sendable, CaseIterable {
    /// The old key is gone at the issuer.
    case tooLate
    /// Nothing runs any more.
    case over

    public var words: String {
        switch self {
        case .tooLate: "it is too late to abandon this: the old key is no longer valid"
        case .over: "this rotation is over"
        }
    }
}

/// The machine, for one secret at one issuer.
public struct Machine: Sendable {
    public let abilities: Abilities
    /// The ids of the keys of all versions that are stored.
    public let held: Set<KeyID>
    /// The id of the key of the version that was stored for this rotation.
    public let newID: KeyID?

    public init(_ abilities: Abilities, held: Set<KeyID>, newID: KeyID? = nil) {
        self.abilities = abilities
        self.held = held
        self.newID = newID
    }

    /// What follows `event`. `journal` is what is on disk.
    public func answer(
        _ event: Event, in journal: RotationJournal
    ) throws(MachineRefusal) -> Move {
        switch event {
        case .created: return received(journal)
        case .strayDeleted(let key): return settled(key, isKept: false, journal)
        case .strayKept(let key): return settled(key, isKept: true, journal)
        case .abandon: return try abandoned(journal)
        case .unreachable where !journal.state.isOver:
            return Move(journal: journal, steps: [.tell(.unreachable)])
        default: break
        }
        return switch journal.state {
        case .intended: intended(event, journal)
        case .creating: creating(event, journal)
        case .searching: searching(event, journal)
        case .pending: pending(event, journal)
        case .verified: verified(event, journal)
        case .promoted: promoted(event, journal)
        case .deactivated: deactivated(event, journal)
        case .revoked: revoked(event, journal)
        case .restoring: restoring(event, journal)
        case .abandoning: abandoning(event, journal)
        case .retired, .abandoned: over(event, journal)
        }
    }

    /// Nothing follows.
    func ignored(_ journal: RotationJournal) -> Move { Move(journal: journal) }

    /// A value is here: whatever else is true, it is stored. Which state follows, the journal says;
    /// what is to be done then, `resume` tells.
    private func received(_ journal: RotationJournal) -> Move {
        let isAwaited =
            [.creating, .searching, .abandoning].contains(journal.state)
            && journal.new == nil
        return Move(
            journal: journal, storesValue: true,
            steps: isAwaited ? [.goOn] : [.tell(.storedBeside)])
    }

    private func settled(_ key: KeyID, isKept: Bool, _ journal: RotationJournal) -> Move {
        var journal = journal
        guard journal.strays.contains(key) else { return ignored(journal) }
        journal.strays.removeAll { $0 == key }
        if isKept, let known = journal.known, known.count < RotationJournal.mostKeys {
            journal.known = Set(known).union([key]).sorted()
        }
        return Move(journal: journal, steps: journal.state.isOver ? [] : [.goOn])
    }

    private func over(_ event: Event, _ journal: RotationJournal) -> Move {
        guard event == .resume else { return ignored(journal) }
        return Move(journal: journal, steps: offers(journal))
    }

    // What several states need.

    /// Whether the issuer can be asked which keys there are, and what there were before is known.
    func canSearch(_ journal: RotationJournal) -> Bool {
        abilities.list && journal.known != nil && journal.mode != .inPlace
    }

    /// Takes note of keys that are at the issuer, were not before, and that nobody holds. Returns
    /// those that nobody decided about.
    func look(among keys: [KeyID], _ journal: inout RotationJournal) -> [KeyID] {
        let explained = held.union(journal.known ?? [])
        let fresh = Set(keys).subtracting(explained)
        // A value that came late holds what was a stray.
        let strays = Set(journal.strays).union(fresh).subtracting(held).sorted()
        // More than are kept in mind are too many to be ours.
        journal.strays = Array(strays.prefix(RotationJournal.mostKeys))
        return journal.strays.filter { !explained.contains($0) }
    }

    /// Offers to delete what nobody holds: never a key whose value came late and is stored.
    func offers(_ journal: RotationJournal) -> [Step] {
        let strays = journal.strays.filter { !held.contains($0) }
        return strays.isEmpty ? [] : [.offerDeletion(strays)]
    }

    func to(
        _ state: RotationState, _ journal: RotationJournal, _ steps: [Step]
    ) -> Move {
        var journal = journal
        journal.state = state
        return Move(journal: journal, steps: steps)
    }

    /// The end without a new key in use.
    func ended(
        _ journal: RotationJournal, _ end: RotationEnd, telling notices: [Notice] = []
    ) -> Move {
        var journal = journal
        let end = journal.end ?? end
        journal.end = end
        var steps = notices.map(Step.tell) + [.tell(.ended(end))]
        steps += offers(journal)
        return to(.abandoned, journal, steps)
    }
}

// Events one after another, as many as are wanted: a log may be longer than memory.

internal import AgentProtocol
internal import Glibc
internal import VaultModel

/// The events that a filter lets pass, from the newest or from the oldest.
final class EventSource {
    private static let pageSize = 256

    let filter: AuditFilter
    private let door: any Door
    private let object: RecordID?
    private var page: AuditPage
    private var events: ArraySlice<AuditEvent> = []
    /// Entries that do not open: the others are shown all the same.
    private(set) var damaged: [UInt64] = []

    /// Looks up the record of a name that the filter asks for: an index finds its events.
    init(_ door: any Door, _ filter: AuditFilter, isReversed: Bool) throws(Complaint) {
        self.door = door
        page = isReversed ? .from(0) : .newest
        var filter = filter
        if case .one(let name) = filter.names {
            object = try Complaint.from { () throws(VaultError) in try door.record(of: name) }
            if let object { filter.names = try Self.history(of: object, now: name, door) }
        } else {
            object = nil
        }
        self.filter = filter
    }

    func next() throws(Complaint) -> AuditEvent? {
        while true {
            while let event = events.popFirst() {
                if filter.matches(event) { return event }
            }
            guard try read() else { return nil }
        }
    }

    /// What is said of entries that do not open, once all that was asked for is shown.
    var complaint: Complaint? { Self.complaint(over: damaged) }

    static func complaint(over damaged: [UInt64]) -> Complaint? {
        guard let first = damaged.first else { return nil }
        let others = damaged.count > 1 ? ", nor do \(damaged.count - 1) more" : ""
        return Complaint(
            .integrity, "entry \(first) of the audit log does not fit its seal\(others)",
            hint: "`coffer audit verify` looks through all of it")
    }

    /// Whether there was another page.
    private func read() throws(Complaint) -> Bool {
        guard let read = try EventPage(door, page, of: object, atMost: Self.pageSize) else {
            return false
        }
        page = read.next
        damaged += read.damaged
        events = read.events[...]
        return true
    }

    /// Every name that a record had. An import enters no names, so the one of now is among them.
    private static func history(
        of object: RecordID, now name: SecretName, _ door: any Door
    ) throws(Complaint) -> AuditFilter.Names {
        var names: Set<SecretName> = [name]
        var page = AuditPage.from(0)
        while let read = try EventPage(door, page, of: object, atMost: pageSize) {
            page = read.next
            for event in read.events where event.object == object {
                for name in [event.detail?.name, event.detail?.newName] {
                    if let name { names.insert(name) }
                }
            }
        }
        return .record(object, names: names)
    }
}

/// Some entries one after another: those that open, and the numbers of those that do not.
private struct EventPage {
    let events: [AuditEvent]
    let damaged: [UInt64]
    /// What follows.
    let next: AuditPage

    /// Nil if there are no more.
    init?(
        _ door: any Door, _ page: AuditPage, of object: RecordID?, atMost count: Int
    ) throws(Complaint) {
        var damaged: [UInt64] = []
        events = try Complaint.from { () throws(VaultError) in
            try door.events(page, of: object, atMost: count) { damaged.append($0) }
        }
        self.damaged = damaged
        let numbers = events.map(\.number) + damaged
        guard let least = numbers.min(), let most = numbers.max() else { return nil }
        next = if case .before = page { .before(least) } else { .from(most + 1) }
    }
}

/// What happens from now on.
struct EventTail {
    private let door: any Door
    private let filter: AuditFilter
    /// The number of the next event.
    private(set) var number: UInt64

    /// From `number` on, or from now on.
    init(_ door: any Door, _ filter: AuditFilter, from number: UInt64? = nil) throws(Complaint) {
        self.door = door
        self.filter = filter
        self.number = if let number { number } else { try Self.count(door) }
    }

    /// What happened since, a page at most. Exit code 7 if the log ends before what was seen of it:
    /// waiting for it to grow so far again would leave out what happens until then.
    ///
    /// An entry that does not open goes to `damaged`; without it that fails.
    mutating func next(
        damaged: (([UInt64]) -> Void)? = nil
    ) throws(Complaint) -> [AuditEvent] {
        guard let read = try EventPage(door, .from(number), of: nil, atMost: 256) else {
            try Self.check(door, reaches: number)
            return []
        }
        if let complaint = EventSource.complaint(over: read.damaged) {
            guard let damaged else { throw complaint }
            damaged(read.damaged)
        }
        if case .from(let number) = read.next { self.number = number }
        return read.events.filter(filter.matches)
    }

    private static func count(_ door: any Door) throws(Complaint) -> UInt64 {
        let newest = try EventPage(door, .newest, of: nil, atMost: 1)
        return newest.map { ($0.events.first?.number ?? $0.damaged.first ?? 0) + 1 } ?? 0
    }

    /// Fails if the log has fewer entries than were seen of it.
    static func check(_ door: any Door, reaches seen: UInt64) throws(Complaint) {
        let found = try count(door)
        guard found < seen else { return }
        throw Complaint(
            .rollback,
            "the audit log is older than what was read of it before (\(found) entries < \(seen))",
            hints: [
                "look for the newer file of the vault",
                "to go on from this one, remove the cursor file, if there is one",
            ])
    }

    /// A second, or until a signal comes.
    static func wait() { _ = sleep(1) }
}

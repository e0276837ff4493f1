// Events one after another, as many as are wanted: a log may be longer than memory.

internal import AgentService
internal import Glibc
internal import VaultModel

/// The events that a filter lets pass, from the newest or from the oldest.
final class EventSource {
    private static let pageSize = 256

    let filter: AuditFilter
    private let session: Session
    private let object: RecordID?
    private var page: AuditPage
    private var events: ArraySlice<AuditEvent> = []

    /// Looks up the record of a name that the filter asks for: an index finds its events.
    init(_ session: Session, _ filter: AuditFilter, isReversed: Bool) throws(Complaint) {
        self.session = session
        page = isReversed ? .from(0) : .newest
        var filter = filter
        if case .one(let name) = filter.names {
            object = try Complaint.from { () throws(VaultError) in try session.record(of: name) }
            // It may have had other names before.
            if object != nil { filter.names = nil }
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

    /// Whether there was another page.
    private func read() throws(Complaint) -> Bool {
        let (session, page, object) = (session, page, object)
        let read = try Complaint.from { () throws(VaultError) in
            try session.events(page, of: object, atMost: Self.pageSize)
        }
        guard let last = read.last else { return false }
        switch page {
        case .before: self.page = .before(last.number)
        case .from: self.page = .from(last.number + 1)
        }
        events = read[...]
        return true
    }
}

/// What happens from now on.
struct EventTail {
    private let session: Session
    private let filter: AuditFilter
    /// The number of the next event.
    private(set) var number: UInt64

    /// From `number` on, or from now on.
    init(_ session: Session, _ filter: AuditFilter, from number: UInt64? = nil) throws(Complaint) {
        self.session = session
        self.filter = filter
        self.number = if let number { number } else { try Self.count(session) }
    }

    /// What happened since, a page at most. Exit code 7 if the log ends before what was seen of it:
    /// waiting for it to grow so far again would leave out what happens until then.
    mutating func next() throws(Complaint) -> [AuditEvent] {
        let (session, number) = (session, number)
        let read = try Complaint.from { () throws(VaultError) in
            try session.events(.from(number), of: nil, atMost: 256)
        }
        if let last = read.last {
            self.number = last.number + 1
        } else {
            try Self.check(session, reaches: number)
        }
        return read.filter(filter.matches)
    }

    private static func count(_ session: Session) throws(Complaint) -> UInt64 {
        let newest = try Complaint.from { () throws(VaultError) in
            try session.events(.newest, of: nil, atMost: 1)
        }
        return newest.first.map { $0.number + 1 } ?? 0
    }

    /// Fails if the log has fewer entries than were seen of it.
    static func check(_ session: Session, reaches seen: UInt64) throws(Complaint) {
        let found = try count(session)
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

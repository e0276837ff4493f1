// Who used which secret and when: folded from the audit log in one pass.

internal import VaultModel

/// How one secret was used, as the log tells it. Days are days of UTC.
struct KeyUsage: Hashable, Sendable {
    /// Reads by one program.
    struct Program: Hashable, Sendable {
        var count = 0
        /// The newest of them.
        var last: Timestamp
    }

    /// The newest read, or nil if there was none.
    fileprivate(set) var last: Timestamp?
    /// The program of the newest read; nil if the log does not tell it.
    fileprivate(set) var lastProgram: String?
    /// Reads in the last `recentDays` days.
    fileprivate(set) var recentCount = 0
    /// By path. Reads whose program the log does not tell are under the empty path.
    fileprivate(set) var programs: [String: Program] = [:]
    /// How many reads by days since 1970-01-01; days without a read are not in it.
    fileprivate(set) var days: [UInt64: Int] = [:]
    /// The newest read while the secret was disabled, since it was last enabled.
    fileprivate(set) var lastWhileDisabled: Timestamp?
    /// The newest read of the current version after it had expired.
    fileprivate(set) var lastAfterExpiry: Timestamp?

    /// How far back `recentCount` looks.
    static let recentDays: UInt64 = 30

    var wasUsed: Bool { last != nil }
    /// All reads.
    var count: Int { days.values.reduce(0, +) }

    /// Adds the next older read.
    fileprivate mutating func add(_ time: Timestamp, _ program: String?, isRecent: Bool) {
        // The order is that of the log; a clock may have been set back in between.
        if last == nil {
            last = time
            lastProgram = program
        }
        if isRecent { recentCount += 1 }
        programs[program ?? "", default: Program(last: time)].count += 1
        days[time.day, default: 0] += 1
    }
}

/// What the whole log says of all secrets.
struct UsageLedger: Sendable {
    fileprivate(set) var usages: [RecordID: KeyUsage] = [:]
    /// The time of the oldest entry: before it nothing is known. Nil if there is none.
    fileprivate(set) var begins: Timestamp?

    /// Nothing known.
    init() {}

    func usage(of id: RecordID) -> KeyUsage { usages[id] ?? KeyUsage() }

    /// Since when the secret is unused: its last use, else when it was stored, but not before the
    /// log begins; nil without a log, which says nothing about use.
    func unusedSince(_ id: RecordID, _ secret: Metadata) -> Timestamp? {
        if let last = usage(of: id).last { return last }
        return begins.map { max($0, secret.created) }
    }
}

/// Folds events, newest first, to a ledger.
///
/// Whether a secret was disabled at a read follows from the status that it has now and from the
/// events that change it, walking back: behind the last `disable`, and before the next `enable`, it
/// was disabled. A capture or an import may change the status without the log's saying so, so what
/// lies before one is known only when a `disable` is met before it. An edit of the status alone is
/// logged as `enable` or `disable`; other edits leave it as it is.
struct UsageFold {
    /// What is known of the status at the place that the walk has reached.
    private enum Standing {
        case disabled
        /// The newest read that a `disable` further back would make one of a disabled secret.
        case unknown(Timestamp?)
        case settled
    }

    private struct State {
        var standing: Standing
        let expires: Timestamp?
        let current: VersionSummary?
    }

    private var ledger = UsageLedger()
    private var states: [RecordID: State] = [:]
    private let recentFrom: Timestamp
    private var newest: UInt64?

    init(_ secrets: [(RecordID, Metadata)], now: Timestamp) {
        let span = KeyUsage.recentDays * 86_400_000
        recentFrom = Timestamp(milliseconds: now.milliseconds - min(now.milliseconds, span))
        for (id, secret) in secrets {
            states[id] = State(
                standing: secret.status == .disabled ? .disabled : .settled,
                expires: secret.expires, current: secret.version(.current))
        }
    }

    /// Takes the next older event.
    mutating func take(_ event: AuditEvent) {
        precondition(newest.map { event.number < $0 } ?? true, "audit: events must come backwards")
        newest = event.number
        ledger.begins = min(ledger.begins ?? event.time, event.time)
        guard event.outcome == .done, let id = event.object else { return }
        switch event.operation {
        case .read, .breakGlass, .collect: count(event, of: id)
        case .enable, .disable, .capture, .importing: walkBack(over: event.operation, of: id)
        default: break
        }
    }

    consuming func finish() -> UsageLedger { ledger }

    private mutating func count(_ event: AuditEvent, of id: RecordID) {
        let program = event.detail?.attribution.program
        let isAfterExpiry = isAfterExpiry(event, of: id)
        let isDisabled = isDisabled(event, of: id)
        let isRecent = event.time >= recentFrom
        ledger.usages[id, default: KeyUsage()].add(event.time, program, isRecent: isRecent)
        if isDisabled, ledger.usages[id]?.lastWhileDisabled == nil {
            ledger.usages[id]?.lastWhileDisabled = event.time
        }
        if isAfterExpiry, ledger.usages[id]?.lastAfterExpiry == nil {
            ledger.usages[id]?.lastAfterExpiry = event.time
        }
    }

    /// Whether the read was one of a disabled secret, as far as it is known yet.
    private mutating func isDisabled(_ event: AuditEvent, of id: RecordID) -> Bool {
        switch states[id]?.standing {
        case .disabled: return true
        case .unknown(nil):
            states[id]?.standing = .unknown(event.time)
            return false
        case .unknown, .settled, nil: return false
        }
    }

    /// Whether the read was one of the version whose date of expiry is known, and behind that date.
    private func isAfterExpiry(_ event: AuditEvent, of id: RecordID) -> Bool {
        guard let state = states[id], let expires = state.expires, let current = state.current,
            event.time > expires, event.time >= current.created
        else { return false }
        return event.detail?.version.map { $0 == current.number } ?? true
    }

    private mutating func walkBack(over operation: AuditOperation, of id: RecordID) {
        guard let standing = states[id]?.standing else { return }
        switch (operation, standing) {
        case (.capture, .disabled), (.importing, .disabled): states[id]?.standing = .unknown(nil)
        case (.capture, _), (.importing, _): break
        case (.disable, .unknown(let read)):
            if let read, ledger.usages[id]?.lastWhileDisabled == nil {
                ledger.usages[id]?.lastWhileDisabled = read
            }
            states[id]?.standing = .settled
        default: states[id]?.standing = .settled
        }
    }
}

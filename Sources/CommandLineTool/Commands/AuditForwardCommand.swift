// `coffer audit forward`: events to a file or to the journal, as they happen.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum AuditForwardCommand {
    static let file = Option.one("--file", "FILE", "append JSON lines to a file", .file)
    static let journal = Option.flag("--journal", "send them to this machine's journal")
    static let cursor = Option.one(
        "--cursor-file", "FILE", "remember there what was forwarded, and go on from it", .file)
    static let all = Option.flag("--all", "begin with the first event instead of the next one")
    static let once = Option.flag("--once", "end when everything that is there is forwarded")
    static let ocsf = Option.flag("--ocsf", "write OCSF events instead of coffer's own JSON")

    static let verb = Verb(
        words: "audit forward", summary: "forward events of the log as they happen",
        details: [
            "Runs until it is interrupted; docs/systemd has a service. Without a key, or with"
                + " --locked, names and programs are left out. Nothing is forwarded twice or left"
                + " out between runs that share a cursor file, but that an event whose cursor was"
                + " not yet written when it was killed comes again.",
            "An event is on disk in the vault before it is forwarded. Exit code 7 if the log ends"
                + " before the cursor: the vault is older than it was.",
        ],
        options: [file, journal, cursor, all, once, ocsf, AuditLogCommand.locked],
        examples: [
            Example("coffer audit forward --journal --locked", "without names, as a service"),
            Example(
                "coffer audit forward --file events.jsonl --cursor-file events.cursor --once",
                "for a timer"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        var target = try EventTarget(call)
        let cursor = call.value(of: cursor)
        var start: UInt64? = call.has(all) ? 0 : nil
        if let cursor, let number = try EventCursor.read(cursor) { start = number }
        let (session, open) =
            call.has(AuditLogCommand.locked)
            ? (try VaultAccess.locked(call, for: .reading), nil)
            : try VaultAccess.doorIfPossible(call, for: .reading)
        let door: any Door = open ?? session
        // Before an entry of ours makes up for one that is missing.
        if let start { try EventTail.check(session, reaches: start) }
        if let open {
            try Complaint.from { () throws(VaultError) in try open.enterAudit(at: Clock.now()) }
        }
        var tail = try EventTail(door, AuditFilter(), from: start)
        while true {
            let events = try tail.next()
            let isFurther = !events.isEmpty || start == nil
            // Else a power cut could take from the log what others have, and the cursor counts.
            if isFurther { try Complaint.from { () throws(VaultError) in try session.syncLog() } }
            try target.send(events)
            if let cursor, isFurther { try EventCursor.write(tail.number, to: cursor) }
            start = tail.number
            guard events.isEmpty else { continue }
            if call.has(once) { return .ok }
            EventTail.wait()
        }
    }
}

/// Where events go.
enum EventTarget: ~Copyable {
    case file(ForwardFile, isOCSF: Bool)
    case journal(Journal)

    init(_ call: Invocation) throws(Complaint) {
        let isOCSF = call.has(AuditForwardCommand.ocsf)
        switch (call.value(of: AuditForwardCommand.file), call.has(AuditForwardCommand.journal)) {
        case (let path?, false): self = .file(try ForwardFile(path), isOCSF: isOCSF)
        case (nil, true):
            guard !isOCSF else { throw Complaint(.usage, "`--ocsf` goes with `--file`") }
            self = .journal(try Journal())
        default: throw Complaint(.usage, "name one place: `--file FILE` or `--journal`")
        }
    }

    /// When this returns, the events are out of our hands.
    mutating func send(_ events: [AuditEvent]) throws(Complaint) {
        guard !events.isEmpty else { return }
        switch self {
        case .file(let file, let isOCSF):
            let lines = events.map { event in
                isOCSF ? OCSFEvent.line(event, vault: nil) : AuditJSON.line(event)
            }
            try file.append(lines.joined())
            try file.sync()
        case .journal(let journal):
            for event in events { try journal.send(JournalEntry(event)) }
        }
    }
}

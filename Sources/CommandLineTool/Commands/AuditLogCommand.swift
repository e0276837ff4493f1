// `coffer audit log`: who did what, newest first.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum AuditLogCommand {
    static let long = Option.flag("--long", "everything that is known of each event")
    static let format = Option.one(
        "--format", "text|json|ocsf", "JSON lines, or events for a SIEM (OCSF)",
        .words(["text", "json", "ocsf"]))
    static let reverse = Option.flag("--reverse", "the oldest first")
    static let follow = Option.flag("--follow", "then wait for what happens, until interrupted")
    static let limit = Option.one("--limit", "N", "at most N events")
    static let locked = Option.flag("--locked", "ask for no key: names and programs stay sealed")

    static let verb = Verb(
        words: "audit log", summary: "show who did what with the vault",
        details: [
            "Newest first, through your pager on a terminal. Reading the log is itself logged. With"
                + " --locked it needs no key: times, operations and users are clear, the rest is"
                + " sealed.",
            "--name NAME shows what was done to the secret that has this name now, under whatever"
                + " name; NAME/ all whose names began so. Exports that its value was in are shown"
                + " too.",
            "Entries that do not open do not keep the others back: they are named at the end, exit"
                + " code 5.",
        ],
        options: AuditFilter.options + [
            long, format, VerbTable.json, reverse, follow, limit, locked,
        ],
        examples: [
            Example("coffer audit log --name zpa/prod/ci --since 30d", "who used a key this month"),
            Example("coffer audit log --outcome refused --outcome missing", "what was tried"),
            Example("coffer audit log --reverse --format ocsf > events.jsonl", "for a SIEM"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let filter = try AuditFilter(call, now: Clock.now())
        let view = try EventView(call)
        let limit = try call.count(limit) ?? .max
        guard !(call.has(follow) && call.has(reverse)) else {
            throw Complaint(.usage, "`--follow` and `--reverse` exclude each other")
        }
        guard !(call.has(locked) && filter.needsDetail) else {
            throw Complaint(
                .usage, "`--locked` shows no names and programs, so it cannot look for one")
        }
        let door = try door(call)
        let source = try EventSource(door, filter, isReversed: call.has(reverse))
        if call.has(follow) {
            return try follow(source, view, door, showing: min(limit, 10))
        }
        var left = limit
        try Pager.show { () throws(Complaint) -> String? in
            guard left > 0, let event = try source.next() else { return nil }
            left -= 1
            return view.text(event)
        }
        if let complaint = source.complaint { throw complaint }
        return .ok
    }

    private static func door(_ call: Invocation) throws(Complaint) -> any Door {
        if call.has(locked) { return try VaultAccess.locked(call, for: .reading) }
        let door = try VaultAccess.door(call, for: .reading)
        try Complaint.from { () throws(VaultError) in try door.enterAudit(at: Clock.now()) }
        return door
    }

    /// Shows the last few, oldest first, and then each as it happens.
    private static func follow(
        _ source: EventSource, _ view: EventView, _ door: any Door, showing count: Int
    ) throws(Complaint) -> ExitCode {
        var last: [AuditEvent] = []
        while last.count < count, let event = try source.next() { last.append(event) }
        for event in last.reversed() { try Console.out(view.text(event)) }
        try Console.flush()
        var tail = try EventTail(door, source.filter)
        while true {
            let events = try tail.next { damaged in
                if let complaint = EventSource.complaint(over: damaged) {
                    Console.warn(complaint.words)
                }
            }
            for event in events { try Console.out(view.text(event)) }
            try Console.flush()
            EventTail.wait()
        }
    }
}

/// How events are shown.
struct EventView {
    private enum Form { case line, entry, json, ocsf }

    private let form: Form
    private let words: AuditText

    init(_ call: Invocation) throws(Complaint) {
        let named = call.value(of: AuditLogCommand.format)
        guard named == nil || !call.has(VerbTable.json) else {
            throw Complaint(.usage, "`--json` and `--format` exclude each other")
        }
        switch call.has(VerbTable.json) ? "json" : named ?? "text" {
        case "text": form = call.has(AuditLogCommand.long) ? .entry : .line
        case "json": form = .json
        case "ocsf": form = .ocsf
        default: throw Complaint(.usage, "`--format` is text, json or ocsf")
        }
        words = AuditText(paint: .forStandardOutput, user: ThisProcess.user)
    }

    func text(_ event: AuditEvent) -> String {
        switch form {
        case .line: words.line(event)
        case .entry: words.entry(event)
        case .json: AuditJSON.line(event)
        case .ocsf: OCSFEvent.line(event, vault: nil)
        }
    }
}

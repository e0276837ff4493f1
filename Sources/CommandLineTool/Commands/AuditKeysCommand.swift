// `coffer audit keys`, `coffer audit health`, `coffer due`: what descriptions and log say of the
// keys.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import VaultModel

/// Everything that reports are made from.
struct KeyMaterial {
    let secrets: [(RecordID, Metadata)]
    let ledger: UsageLedger
    let now: Timestamp
    let profiles: KnownProfiles

    /// Reads descriptions and the whole log.
    init(_ door: any Door, now: Timestamp) throws(Complaint) {
        let secrets = try Complaint.from { () throws(VaultError) in try door.keys(at: now) }
        var fold = UsageFold(secrets, now: now)
        let progress = Progress("reading the log", of: 1_000)
        defer { progress.end() }
        let source = try EventSource(door, AuditFilter(), isReversed: false)
        var newest: UInt64?
        while let event = try source.next() {
            let first = newest ?? event.number
            newest = first
            if event.number & 0xff == 0 {
                progress.advance(to: Int((first - event.number) * 1_000 / max(first, 1)))
            }
            fold.take(event)
        }
        // What is counted would be too little.
        if let complaint = source.complaint { throw complaint }
        self.secrets = secrets
        self.now = now
        ledger = fold.finish()
        profiles = KnownProfiles(of: secrets, in: .standard)
    }

    /// What is said of every value, which stays where it is.
    func judgements(_ session: Session) throws(Complaint) -> [ValueJudgement] {
        var judgements: [ValueJudgement] = []
        let (profiles, now) = (profiles, now)
        try Complaint.from { () throws(VaultError) in
            try session.examine(at: now) { secret, field, value, fingerprint in
                judgements.append(
                    ValueJudgement(
                        of: value, name: secret.name, field: field,
                        profile: profiles[secret.issuer], fingerprint: fingerprint))
            }
        }
        return judgements
    }

    func health(
        _ session: Session, within span: UInt64
    ) throws(Complaint) -> [Finding] {
        let facts = try Complaint.from { () throws(VaultError) in try session.facts() }
        return Health(
            secrets, ledger, try judgements(session), facts.slots, now: now, within: span,
            profiles: profiles
        ).findings()
    }
}

extension Report {
    func show() throws(Complaint) -> ExitCode {
        try Console.out(text)
        try Console.flush()
        for note in notes { Console.note(note) }
        return code
    }
}

enum AuditKeysCommand {
    static let verb = Verb(
        words: "audit keys", summary: "list the keys with their ages and uses",
        details: KeyInventory.details,
        operands: [.optional("PREFIX")],
        options: KeyInventory.options,
        examples: [
            Example("coffer audit keys --unused-for 90d", "keys that nobody needs"),
            Example("coffer audit keys --sort age --reverse", "the oldest first"),
            Example("coffer audit keys --csv > keys.csv", "for a spreadsheet"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let door = try VaultAccess.door(call, for: .reading)
        let material = try KeyMaterial(door, now: Clock.now())
        let inventory = KeyInventory(material.secrets, material.ledger, now: material.now)
        return try inventory.report(call).show()
    }
}

enum AuditHealthCommand {
    static let verb = Verb(
        words: "audit health", summary: "find what is wrong with the keys",
        details: HealthReport.details,
        options: HealthReport.options,
        examples: [
            Example("coffer audit health", "a line and a hint for each finding"),
            Example("coffer audit health --severity high --json", "for a script"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let span = try HealthReport.span(call)
        let severity = try HealthReport.severity(call)
        let accepted = try AcceptedFindings(file: Places.acceptedFindings)
        let session = try VaultAccess.unlocked(call, for: .reading)
        let material = try KeyMaterial(session, now: Clock.now())
        let findings = try material.health(session, within: span)
        return try HealthReport(findings, accepted, severity: severity, now: material.now)
            .report(call).show()
    }
}

enum DueCommand {
    static let verb = Verb(
        words: "due", summary: "say what expires or is over its age",
        details: Due.details,
        options: Due.options,
        examples: [
            Example("coffer due --within 30d", "what needs a new key this month"),
            Example("coffer due --within 365d --ics > keys.ics", "for a calendar"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let door = try VaultAccess.door(call, for: .reading)
        let now = Clock.now()
        let secrets = try Complaint.from { () throws(VaultError) in try door.keys(at: now) }
        let profiles = KnownProfiles(of: secrets, in: .standard)
        return try Due.report(call, secrets, now: now, profiles: profiles).show()
    }
}

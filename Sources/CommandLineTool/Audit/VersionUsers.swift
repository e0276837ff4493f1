// Who fetched one version of a secret since a time, from the audit log.

internal import AgentProtocol
internal import VaultModel

/// The callers of one version. While a rotation lets both keys live, those of the old one are the
/// jobs that have not got the new one yet.
struct VersionUsers: Sendable {
    /// Who: the program that asked, what it handed the value to, and whose process it was.
    struct Caller: Hashable, Sendable {
        /// By its path; nil if the log does not tell it.
        let program: String?
        /// The program that the value was handed to by `run`, or the job that it is delivered to.
        let job: String?
        let user: UInt32

        init(_ event: AuditEvent) {
            var asking = event.detail?.attribution ?? Attribution()
            job = event.detail?.recipient?.text ?? asking.job
            asking.job = nil
            program = asking.program
            user = event.user
        }
    }

    struct Use: Hashable, Sendable {
        let caller: Caller
        var count: Int
        /// The newest of them.
        let last: Timestamp
    }

    let version: UInt32
    let since: Timestamp
    /// Who fetched it last stands first.
    private(set) var uses: [Use] = []

    init(of version: UInt32, since: Timestamp) {
        self.version = version
        self.since = since
    }

    /// Looks through the log for those who fetched a version of a secret, and enters that it does.
    static func read(
        _ name: SecretName, _ version: UInt32, since: Timestamp, _ door: any Door
    ) throws(Complaint) -> VersionUsers {
        try Complaint.from { () throws(VaultError) in try door.enterAudit(at: Clock.now()) }
        var filter = AuditFilter()
        filter.names = .one(name)
        filter.operations = [.read, .breakGlass, .collect]
        filter.outcomes = [.done]
        filter.since = since
        let source = try EventSource(door, filter, isReversed: false)
        var users = VersionUsers(of: version, since: since)
        while let event = try source.next() { users.take(event) }
        if let complaint = source.complaint { throw complaint }
        return users
    }

    /// Those of the old version of a rotation that waits for the end of its grace, or that has
    /// switched the old key off: since when it does. Nil if there is no such rotation.
    static func ofOld(
        in secret: Metadata, _ door: any Door
    ) throws(Complaint) -> VersionUsers? {
        guard let rotation = secret.rotation,
            [.promoted, .deactivated].contains(rotation.state)
        else { return nil }
        return try read(secret.name, rotation.old, since: rotation.changed, door)
    }

    /// Takes the next older event, if it is about this version.
    mutating func take(_ event: AuditEvent) {
        guard event.detail?.version == version else { return }
        let caller = Caller(event)
        if let place = uses.firstIndex(where: { $0.caller == caller }) {
            uses[place].count += 1
        } else {
            uses.append(Use(caller: caller, count: 1, last: event.time))
        }
    }
}

// As people and programs read it.
extension VersionUsers {
    /// Most callers that are told in rows.
    private static let mostRows = 16

    var rows: [(String, String)] {
        guard !uses.isEmpty else {
            return [("not used", "version \(version), by nobody since \(since)")]
        }
        var rows = uses.prefix(Self.mostRows).map { use in
            ("still used", "version \(version), \(Self.words(use))")
        }
        let rest = uses.count - rows.count
        if rest > 0 { rows.append(("still used", "version \(version), by \(rest) more")) }
        return rows
    }

    private static func words(_ use: Use) -> String {
        let often = use.count == 1 ? "once" : "\(use.count) times"
        let caller = use.caller
        var words = "\(often), last \(use.last), by "
        words += caller.program.map(Escaped.text) ?? "an unknown program"
        if let job = caller.job { words += " for \(Escaped.text(job))" }
        return "\(words), uid \(caller.user)"
    }

    var json: JSONText {
        .array(
            uses.map { use in
                .object([
                    ("program", AuditJSON.text(use.caller.program)),
                    ("job", AuditJSON.text(use.caller.job)),
                    ("user", AuditJSON.number(use.caller.user)),
                    ("count", .integer(use.count)), ("last", .string(use.last.description)),
                ])
            })
    }
}

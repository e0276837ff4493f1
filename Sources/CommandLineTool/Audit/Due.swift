// What is due: keys that expire or grow too old, known from descriptions and profiles alone.

internal import Issuers
internal import VaultModel

/// One date by which something has to be done about one key.
struct DueDate: Hashable, Sendable {
    enum Reason: Hashable, Sendable {
        /// The date that is stored with the secret.
        case expires
        /// The age in seconds that its rotation policy allows.
        case maximumAge(UInt64)
        /// No date is stored, but its issuer lets no key live longer than so many days.
        case issuersLimit(days: Int)

        /// The word for it in JSON and in identifiers of calendar entries.
        var word: String {
            switch self {
            case .expires: "expires"
            case .maximumAge: "maximum-age"
            case .issuersLimit: "issuers-limit"
            }
        }
    }

    let id: RecordID
    let secret: Metadata
    let reason: Reason
    let time: Timestamp

    func isOver(at now: Timestamp) -> Bool { time <= now }

    /// What happens and when, behind the name of a key: `expires in 3 days`.
    func words(at now: Timestamp) -> String {
        let isOver = isOver(at: now)
        let span = Age.long(isOver ? now.seconds(since: time) : time.seconds(since: now))
        switch reason {
        case .expires: return isOver ? "expired \(span) ago" : "expires in \(span)"
        case .maximumAge(let age):
            let limit = "its maximum age of \(Age.long(age))"
            return isOver ? "is over \(limit) by \(span)" : "reaches \(limit) in \(span)"
        case .issuersLimit(let days):
            let when =
                isOver ? "must have expired \(span) ago" : "expires in \(span) at the latest"
            return "\(when): its issuer allows \(days) days"
        }
    }
}

/// The dates of all keys, the earliest first.
enum Due {
    static let withinOption = Option.one(
        "--within", "14d", "how far to look ahead; 14 days if it is left out")
    static let icsOption = Option.flag("--ics", "print a calendar (RFC 5545)")
    /// Every option of `due`.
    static let options = [withinOption, VerbTable.json, icsOption]
    static let details = [
        "What expires, and what gets older than its --max-age, within the time; what is past is"
            + " there too. A key without a date of expiry counts from when it was stored if its"
            + " issuer's profile has a maximum_days. No issuer is asked. Exit code 11 if anything"
            + " is due.",
        "--ics prints whole days with reminders a week and a day before. Its entries keep their"
            + " identity, so that a calendar which reads it again changes them instead of doubling"
            + " them. It holds names and labels in plain text.",
    ]

    /// How far `due` and `audit health` look ahead unless told otherwise, in seconds.
    static let standardSpan: UInt64 = 14 * Age.secondsOfDay

    enum Format: Hashable, Sendable {
        case text, json, calendar
    }

    /// All dates up to `span` seconds from now; hidden secrets have none.
    static func dates(
        _ secrets: [(RecordID, Metadata)], within span: UInt64, now: Timestamp,
        profiles: KnownProfiles
    ) -> [DueDate] {
        let end = now.adding(seconds: span)
        return secrets.filter { $0.1.removed == nil }.flatMap { id, secret in
            dates(id, secret, profiles[secret.issuer]).filter { $0.time <= end }
        }.sorted {
            ($0.time, $0.secret.name, $0.reason.word) < ($1.time, $1.secret.name, $1.reason.word)
        }
    }

    /// The dates of one key, however far away.
    static func dates(
        _ id: RecordID, _ secret: Metadata, _ profile: IssuerProfile?
    ) -> [DueDate] {
        var dates: [DueDate] = []
        func add(_ reason: DueDate.Reason, _ time: Timestamp?) {
            guard let time, time < .last else { return }
            dates.append(DueDate(id: id, secret: secret, reason: reason, time: time))
        }
        if let expires = secret.expires {
            add(.expires, expires)
        } else if let days = profile?.lifetime.maximumDays, days > 0 {
            // A profile may say any number; beyond 10,000 years it means none.
            let seconds = UInt64(min(days, 3_660_000)) * Age.secondsOfDay
            add(.issuersLimit(days: days), secret.whenAged(seconds))
        }
        if let age = secret.maximumAge { add(.maximumAge(age), secret.dueByPolicy) }
        return dates
    }

    /// The report that a command line asks for.
    static func report(
        _ call: Invocation, _ secrets: [(RecordID, Metadata)], now: Timestamp,
        profiles: KnownProfiles
    ) throws(Complaint) -> Report {
        let format: Format
        switch (call.has(VerbTable.json), call.has(icsOption)) {
        case (true, true): throw Complaint(.usage, "`--json` and `--ics` exclude each other")
        case (true, false): format = .json
        case (false, true): format = .calendar
        case (false, false): format = .text
        }
        let span = try call.duration(withinOption) ?? standardSpan
        return report(dates(secrets, within: span, now: now, profiles: profiles), format, now: now)
    }

    static func report(_ dates: [DueDate], _ format: Format, now: Timestamp) -> Report {
        let text =
            switch format {
            case .text: text(dates, now: now)
            case .json: JSONText.array(dates.map { json($0, now: now) }).text + "\n"
            case .calendar: DueCalendar.text(dates, now: now)
            }
        return Report(text: text, code: dates.isEmpty ? .ok : .findings)
    }

    private static func text(_ dates: [DueDate], now: Timestamp) -> String {
        guard !dates.isEmpty else { return "nothing is due\n" }
        return Columns.text(
            dates.map { due in
                let disabled = due.secret.status == .disabled ? ", disabled" : ""
                return (
                    due.time.date,
                    "\"\(due.secret.name)\" \(due.words(at: now))\(disabled)"
                )
            })
    }

    private static func json(_ due: DueDate, now: Timestamp) -> JSONText {
        .object([
            ("name", .string(due.secret.name.text)), ("issuer", .string(due.secret.issuer.text)),
            ("status", .string(due.secret.status == .enabled ? "enabled" : "disabled")),
            ("reason", .string(due.reason.word)), ("date", .date(due.time)),
            ("overdue", .boolean(due.isOver(at: now))),
            ("seconds_left", .integer(secondsLeft(due, now: now))),
        ])
    }

    /// Negative when it is over.
    private static func secondsLeft(_ due: DueDate, now: Timestamp) -> Int {
        Int(clamping: due.time.seconds(since: now)) - Int(clamping: now.seconds(since: due.time))
    }
}

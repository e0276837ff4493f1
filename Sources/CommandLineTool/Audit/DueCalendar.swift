// What is due as a calendar (RFC 5545), for programs that remind people.

internal import VaultModel

/// One whole-day entry a date, with alarms before it.
enum DueCalendar {
    /// Days before the date on which a reminder is shown.
    private static let alarms = [7, 1]

    static func text(_ dates: [DueDate], now: Timestamp) -> String {
        var lines = [
            CalendarText.line("BEGIN", "VCALENDAR"), CalendarText.line("VERSION", "2.0"),
            CalendarText.line("PRODID", "-//coffer//coffer \(CofferTool.version)//EN"),
            CalendarText.line("CALSCALE", "GREGORIAN"),
        ]
        // A calendar without a component is none (RFC 5545 section 3.6).
        if dates.isEmpty { lines += universalTime }
        lines += dates.flatMap { event($0, now: now) }
        lines.append(CalendarText.line("END", "VCALENDAR"))
        return lines.joined()
    }

    /// The identity stays when the date moves: it is made of the record and the reason alone.
    static func identity(_ due: DueDate) -> String {
        "\(due.id.identifier.hexadecimal)-\(due.reason.word)@coffer"
    }

    private static func event(_ due: DueDate, now: Timestamp) -> [String] {
        let summary = "\(due.secret.name) \(words(due))"
        var description = "issuer: \(due.secret.issuer)"
        if due.secret.status == .disabled { description += "\ndisabled" }
        if !due.secret.label.isEmpty {
            description += "\nlabel: \(Escaped.text(due.secret.label))"
        }
        let end = due.time.adding(seconds: Age.secondsOfDay)
        return [
            CalendarText.line("BEGIN", "VEVENT"), CalendarText.line("UID", identity(due)),
            CalendarText.line("DTSTAMP", CalendarText.time(now)),
            CalendarText.line("DTSTART;VALUE=DATE", CalendarText.date(due.time)),
            CalendarText.line("DTEND;VALUE=DATE", CalendarText.date(end)),
            CalendarText.line("SUMMARY", CalendarText.escaped(summary)),
            CalendarText.line("DESCRIPTION", CalendarText.escaped(description)),
            CalendarText.line("CATEGORIES", "coffer"),
            // The day is not taken: a key that expires keeps nobody from a meeting.
            CalendarText.line("TRANSP", "TRANSPARENT"),
        ] + alarms.flatMap { alarm(summary, days: $0) } + [CalendarText.line("END", "VEVENT")]
    }

    /// Without the tense of `DueDate.words`: a calendar is read on other days than today.
    private static func words(_ due: DueDate) -> String {
        switch due.reason {
        case .expires: "expires"
        case .maximumAge(let age): "reaches its maximum age of \(Age.long(age))"
        case .issuersLimit(let days): "expires at the latest (issuer's limit of \(days) days)"
        }
    }

    private static func alarm(_ summary: String, days: Int) -> [String] {
        [
            CalendarText.line("BEGIN", "VALARM"), CalendarText.line("ACTION", "DISPLAY"),
            CalendarText.line("DESCRIPTION", CalendarText.escaped(summary)),
            CalendarText.line("TRIGGER", "-P\(days)D"), CalendarText.line("END", "VALARM"),
        ]
    }

    private static let universalTime = [
        CalendarText.line("BEGIN", "VTIMEZONE"), CalendarText.line("TZID", "UTC"),
        CalendarText.line("BEGIN", "STANDARD"), CalendarText.line("DTSTART", "19700101T000000"),
        CalendarText.line("TZOFFSETFROM", "+0000"), CalendarText.line("TZOFFSETTO", "+0000"),
        CalendarText.line("END", "STANDARD"), CalendarText.line("END", "VTIMEZONE"),
    ]
}

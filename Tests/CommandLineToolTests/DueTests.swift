// What is due, in words, in JSON and as a calendar.

import Foundation
import Issuers
import Testing
import VaultModel

@testable import CommandLineTool

@Suite("what is due")
struct DueTests {
    private func due(
        _ secrets: [Metadata], within span: UInt64 = days(14),
        _ catalog: ProfileCatalog = ProfileCatalog(userDirectory: nil)
    ) throws -> [DueDate] {
        let secrets = try numbered(secrets)
        return Due.dates(
            secrets, within: span, now: noon, profiles: KnownProfiles(of: secrets, in: catalog))
    }

    private func words(_ secret: Metadata, _ span: UInt64 = days(14)) throws -> [String] {
        try due([secret], within: span).map { $0.words(at: noon) }
    }

    @Test("is what expires within the span, to the millisecond, and what has expired")
    func expiry() throws {
        func secret(_ time: Timestamp?) throws -> Metadata { try sample("a") { $0.expires = time } }
        let end = noon.adding(seconds: days(14))
        #expect(try words(secret(nil)) == [])
        #expect(try words(secret(end)) == ["expires in 14 days"])
        #expect(try words(secret(Timestamp(milliseconds: end.milliseconds + 1))) == [])
        #expect(try words(secret(noon)) == ["expired 0 minutes ago"])
        #expect(try words(secret(noon.before(days(3)))) == ["expired 3 days ago"])
        #expect(try words(secret(noon.adding(seconds: 90_000))) == ["expires in 25 hours"])
    }

    @Test("is what gets older than its policy; an age beyond all bounds never does")
    func policy() throws {
        func secret(_ limit: UInt64, age: UInt64 = days(100)) throws -> Metadata {
            try sample("a", age: age) { $0.maximumAge = limit }
        }
        #expect(
            try words(secret(days(90))) == ["is over its maximum age of 90 days by 10 days"])
        #expect(
            try words(secret(days(110))) == ["reaches its maximum age of 110 days in 10 days"])
        #expect(try words(secret(days(200))) == [])
        #expect(try words(secret(.max), .max) == [])
        let pending = try sample("a") {
            $0.maximumAge = 1
            $0.versions[0].state = .pending
        }
        #expect(try words(pending) == [])
    }

    @Test("is what its issuer must let expire, if no date is stored")
    func issuersLimit() throws {
        let gitlab = try sample("gitlab/bot", age: days(360)) {
            $0.issuer = IssuerID("gitlab") ?? .generic
        }
        let found = try due([gitlab])
        #expect(
            found.map { $0.words(at: noon) }
                == ["expires in 5 days at the latest: its issuer allows 365 days"])
        var dated = gitlab
        dated.expires = noon.adding(seconds: days(300))
        #expect(try due([dated]).isEmpty)
    }

    @Test("a profile that allows an endless time changes nothing")
    func endless() throws {
        let folder = NSTemporaryDirectory() + "coffer-due-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = """
            {"schema": 1, "id": "acme", "title": "A", "lifetime": {"maximum_days": \(Int64.max)},
             "fields": [{"name": "key", "title": "K", "role": "secret"}]}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/acme.json"))
        let catalog = ProfileCatalog(userDirectory: folder)
        let acme = try #require(IssuerID("acme"))
        #expect(try catalog.profile(acme).lifetime.maximumDays == .max)
        let secret = try sample("a") { $0.issuer = acme }
        #expect(try due([secret], within: days(1_000), catalog).isEmpty)
    }

    @Test("comes by date, then by name; hidden keys have no dates, disabled ones say so")
    func order() throws {
        let soon = noon.adding(seconds: days(1))
        let secrets = [
            try sample("b") { $0.expires = soon },
            try sample("a") {
                $0.expires = soon
                $0.status = .disabled
            },
            try sample("c", age: days(50)) {
                $0.expires = noon.before(days(2))
                $0.maximumAge = days(40)
            },
            try sample("gone") {
                $0.expires = soon
                $0.removed = noon
            },
        ]
        let report = Due.report(try due(secrets), .text, now: noon)
        #expect(report.code == .findings)
        #expect(
            report.text == """
                  2026-11-15  "c" is over its maximum age of 40 days by 10 days
                  2026-11-23  "c" expired 2 days ago
                  2026-11-26  "a" expires in 24 hours, disabled
                  2026-11-26  "b" expires in 24 hours

                """)
        #expect(Due.report([], .text, now: noon) == Report(text: "nothing is due\n"))
    }

    @Test("the command line has a span of fourteen days and one format")
    func commandLine() throws {
        let secrets = try numbered([
            try sample("a") { $0.expires = noon.adding(seconds: days(20)) }
        ])
        func report(_ options: String) throws -> Report {
            let call = try invocation(options, of: Due.options)
            return try Due.report(call, secrets, now: noon, profiles: KnownProfiles())
        }
        #expect(try report("").code == .ok)
        #expect(try report("--within 3w").code == .findings)
        #expect(try report("--json").text == "[]\n")
        #expect(try report("--ics --within 480h").text.contains("BEGIN:VEVENT"))
        for options in ["--json --ics", "--within soon", "--within 14"] {
            #expect(complaint { try report(options) }?.code == .usage)
        }
    }

    @Test("JSON has the members that the reference lists")
    func json() throws {
        let secret = try sample("a") { $0.expires = noon.before(10) }
        let text = Due.report(try due([secret]), .json, now: noon).text
        let array = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
        let object = try #require(array?.first)
        #expect(
            Set(object.keys) == Set(try #require(JSONReference.table("`due`")).members.map(\.name)))
        #expect(object["seconds_left"] as? Int == -10)
        #expect(object["overdue"] as? Bool == true)
        #expect(object["reason"] as? String == "expires")
    }
}

@Suite("the calendar of what is due")
struct DueCalendarTests {
    private func calendar(_ secrets: [Metadata]) throws -> StrictCalendar {
        let dates = Due.dates(
            try numbered(secrets), within: days(400), now: noon, profiles: KnownProfiles())
        return try StrictCalendar(Array(DueCalendar.text(dates, now: noon).utf8))
    }

    @Test("has a whole day for each date, and alarms a week and a day before")
    func event() throws {
        let found = try calendar([
            try sample("zpa/ci") { $0.expires = Timestamp(iso8601: "2026-12-31T23:00:00Z") }
        ])
        #expect(found.components.count == 1)
        let event = try #require(found.components.first)
        #expect(event.name == "VEVENT")
        #expect(try event.value("DTSTAMP") == "20261125T120000Z")
        #expect(try event.value("DTSTART") == "20261231")
        #expect(try event.value("DTEND") == "20270101")
        for name in ["DTSTART", "DTEND"] {
            #expect(event.properties.first { $0.name == name }?.parameters == ["VALUE=DATE"])
        }
        #expect(try event.text("SUMMARY") == "zpa/ci expires")
        #expect(event.components.map(\.name) == ["VALARM", "VALARM"])
        #expect(try event.components.map { try $0.value("TRIGGER") } == ["-P7D", "-P1D"])
        #expect(try event.components.map { try $0.value("ACTION") } == ["DISPLAY", "DISPLAY"])
        #expect(try event.components[0].text("DESCRIPTION") == "zpa/ci expires")
    }

    @Test("keeps the identity of an entry when its key is renamed or its date moves")
    func identity() throws {
        func identities(_ name: String, _ expires: Timestamp) throws -> [String] {
            let secret = try sample(name) {
                $0.expires = expires
                $0.maximumAge = days(30)
            }
            return try calendar([secret]).components.map { try $0.value("UID") }.sorted()
        }
        let first = try identities("a", noon.adding(seconds: days(1)))
        #expect(first == (try identities("b", noon.adding(seconds: days(300)))))
        #expect(Set(first).count == 2)
        #expect(first[0] == String(repeating: "01", count: 16) + "-expires@coffer")
    }

    @Test("is read back as it was, whatever a label holds and however long it is")
    func hostile() throws {
        let labels = [
            "a,b;c\\d\\n", "x\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR", "\u{1b}]0;x\u{7}",
            String(repeating: "é", count: 300), String(repeating: "𝄞,", count: 200),
            String(repeating: "ab", count: 400) + "\u{301}",
        ]
        for label in labels {
            let secret = try sample("a") {
                $0.label = label
                $0.expires = noon
            }
            let event = try #require(try calendar([secret]).components.first)
            #expect(
                try event.text("DESCRIPTION") == "issuer: generic\nlabel: \(Escaped.text(label))")
        }
    }

    @Test("folds lines at 75 octets, whatever they are made of", arguments: 1...4)
    func folding(_ width: Int) throws {
        let character = ["a", "é", "€", "𝄞"][width - 1]
        for count in 0..<160 {
            let value = String(repeating: character, count: count)
            let lines = CalendarText.line("X", value).components(separatedBy: "\r\n")
            #expect(lines.dropLast().allSatisfy { (1...75).contains($0.utf8.count) })
            #expect(lines.dropFirst().dropLast().allSatisfy { $0.hasPrefix(" ") })
            let whole = lines[0] + lines.dropFirst().map { $0.dropFirst() }.joined()
            #expect(whole == "X:\(value)")
        }
    }

    @Test("is a valid calendar when nothing is due")
    func empty() throws {
        #expect(try calendar([]).components.map(\.name) == ["VTIMEZONE"])
    }
}

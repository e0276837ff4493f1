// The inventory of keys: filters, orders, and its three forms.

import Foundation
import Testing
import VaultModel

@testable import CommandLineTool

@Suite("the inventory")
struct KeyInventoryTests {
    /// Four keys: used today, used long ago, never used and young, hidden.
    private func inventory() throws -> KeyInventory {
        let role = try #require(FieldName("role"))
        let validity = try #require(FieldName("session_validity"))
        let secrets = try numbered([
            try sample("zpa/prod/ci", age: days(100)) {
                $0.issuer = IssuerID("zpa") ?? .generic
                $0.fields[role] = "API Full Access"
                $0.fields[validity] = "3600"
                $0.expires = noon.adding(seconds: days(10))
                $0.tags = ["ci", "prod"]
            },
            try sample("aws/ci", age: days(400)) {
                $0.status = .disabled
                $0.expires = noon.before(days(1))
                $0.maximumAge = days(90)
                $0.tags = ["ci"]
            },
            try sample("gh/bot", age: 7_200),
            try sample("old") { $0.removed = noon },
        ])
        var log = SampleLog()
        try log.add(.read, 1, noon.before(60), by: "/usr/bin/curl")
        try log.add(.read, 1, noon.before(days(2)), by: "/usr/bin/curl")
        try log.add(.read, 2, noon.before(days(200)), by: "/opt/deploy")
        return KeyInventory(secrets, log.ledger(secrets), now: noon)
    }

    private func names(_ options: String) throws -> [String] {
        let call = try invocation(
            options, of: KeyInventory.options, operands: [.optional("PREFIX")])
        let text = try inventory().report(
            try KeyFilter(call), try KeyOrder.reading(call),
            isReversed: call.has(KeyOrder.reverseOption), .json
        ).text
        let array = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
        return try #require(array).compactMap { $0["name"] as? String }
    }

    @Test("has every key but hidden ones, by name")
    func all() throws { #expect(try names("") == ["aws/ci", "gh/bot", "zpa/prod/ci"]) }

    @Test("is filtered")
    func filters() throws {
        #expect(try names("zpa/") == ["zpa/prod/ci"])
        #expect(try names("--issuer zpa") == ["zpa/prod/ci"])
        #expect(try names("--issuer gone") == [])
        #expect(try names("--status disabled") == ["aws/ci"])
        #expect(try names("--tag ci") == ["aws/ci", "zpa/prod/ci"])
        #expect(try names("--tag ci --tag prod") == ["zpa/prod/ci"])
        #expect(try names("--never-used") == ["gh/bot"])
        #expect(try names("--unused-for 90d") == ["aws/ci"])
        #expect(try names("--unused-for 2h") == ["aws/ci", "gh/bot"])
        #expect(try names("--expires-within 0s") == ["aws/ci"])
        #expect(try names("--expires-within 10d") == ["aws/ci", "zpa/prod/ci"])
        #expect(try names("--tag ci --status enabled") == ["zpa/prod/ci"])
    }

    @Test("is sorted by what to look at first, or the other way round")
    func orders() throws {
        #expect(try names("--sort age") == ["aws/ci", "zpa/prod/ci", "gh/bot"])
        #expect(try names("--sort expiry") == ["aws/ci", "zpa/prod/ci", "gh/bot"])
        #expect(try names("--sort last-used") == ["gh/bot", "aws/ci", "zpa/prod/ci"])
        #expect(try names("--sort uses") == ["aws/ci", "gh/bot", "zpa/prod/ci"])
        #expect(try names("--reverse") == ["zpa/prod/ci", "gh/bot", "aws/ci"])
        for order in KeyOrder.allCases {
            let forwards = try names("--sort \(order.rawValue)")
            #expect(try names("--sort \(order.rawValue) --reverse") == forwards.reversed())
        }
    }

    @Test("refuses what it does not understand")
    func refusals() throws {
        for options in [
            "--sort size", "--status on", "--issuer A", "--unused-for 90", "--expires-within soon",
            "--json --csv",
        ] {
            let call = try invocation(options, of: KeyInventory.options)
            let found = complaint { try self.inventory().report(call) }
            #expect(found?.code == .usage, "\(options)")
        }
    }

    @Test("is a table as wide as the terminal")
    func table() throws {
        func table(_ medium: Grid.Medium) throws -> Report {
            try inventory().report(KeyFilter(), .name, isReversed: false, .table(medium))
        }
        let wide = try table(.file)
        #expect(wide.code == .ok && wide.notes == [])
        let lines = wide.text.split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        let last = lines[3].split(separator: " ", omittingEmptySubsequences: true)
        #expect(
            last == [
                "zpa/prod/ci", "zpa", "enabled", "API", "Full", "Access", "3600", "100", "d",
                "2026-12-05", "1", "2026-11-25", "/usr/bin/curl", "2",
            ])
        #expect(lines[2].contains("never"))
        #expect(lines[2].contains("2 h"))
        for columns in [80, 60, 40] {
            let narrow = try table(.terminal(columns: columns))
            let widths = narrow.text.split(separator: "\n").map(\.count)
            #expect(widths.allSatisfy { $0 <= columns }, "\(widths)")
            #expect(narrow.notes.count == 1)
            #expect(narrow.notes[0].hasPrefix("no room for: "))
        }
        var none = KeyFilter()
        none.prefix = "x"
        let empty = try inventory().report(none, .name, isReversed: false, .table(.file))
        #expect(empty == Report(text: "", notes: ["no key is like that"]))
    }

    @Test("has the members in JSON that the reference lists, in their order")
    func json() throws {
        let text = try inventory().report(KeyFilter(), .name, isReversed: false, .json).text
        let array = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
        let objects = try #require(array)
        let listed = try #require(JSONReference.table("`audit keys`")).members.map(\.name)
        for object in objects { #expect(Set(object.keys) == Set(listed)) }
        let places = listed.map { text.range(of: "\"\($0)\":")?.lowerBound }
        for (earlier, later) in zip(places, places.dropFirst()) {
            #expect(try #require(earlier) < #require(later))
        }
        let zpa = try #require(objects.last)
        #expect(zpa["session_validity"] as? String == "3600")
        #expect(zpa["age_seconds"] as? Int == Int(days(100)))
        #expect(zpa["last_used"] as? String == "2026-11-25T11:59:00Z")
        let program = try #require((zpa["programs"] as? [[String: Any]])?.first)
        #expect(
            Set(program.keys)
                == Set(try #require(JSONReference.table("Programs of a key")).members.map(\.name)))
        #expect(program["uses"] as? Int == 2)
        #expect(objects[1]["last_used"] is NSNull)
        #expect(objects[1]["ever_used"] as? Bool == false)
    }

    @Test("has the same columns in CSV, but the list of programs")
    func csv() throws {
        let text = try inventory().report(KeyFilter(), .name, isReversed: false, .csv).text
        let rows = text.components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
        #expect(rows.count == 5 && rows[4] == [""])
        let listed = try #require(JSONReference.table("`audit keys`")).members.map(\.name).filter {
            $0 != "programs"
        }
        #expect(Set(rows[0]) == Set(listed))
        #expect(Set(rows.prefix(4).map(\.count)) == [listed.count])
        #expect(rows[3].prefix(5) == ["zpa/prod/ci", "zpa", "enabled", "API Full Access", "3600"])
    }

    @Test("lets no label, role or program act on a terminal or a spreadsheet")
    func hostile() throws {
        let role = try #require(FieldName("role"))
        let secrets = try numbered([
            try sample("a") {
                $0.label = "=HYPERLINK(\"x\")"
                $0.fields[role] = "\u{1b}[2J\u{202e}"
            }
        ])
        var log = SampleLog()
        try log.add(.read, 1, noon, by: "/tmp/x\n=1\u{7}")
        let keys = KeyInventory(secrets, log.ledger(secrets), now: noon)
        for format in [
            KeyInventory.Format.table(.file), .table(.terminal(columns: 200)), .json, .csv,
        ] {
            let text = keys.report(KeyFilter(), .name, isReversed: false, format).text
            for line in text.split(whereSeparator: \.isNewline) {
                #expect(Escaped.text(String(line)) == line)
            }
        }
        let csv = keys.report(KeyFilter(), .name, isReversed: false, .csv).text
        #expect(csv.contains("\"'=HYPERLINK(\"\"x\"\")\""))
    }
}

// The findings of `audit health`, each by itself, and how they are shown.

import Foundation
import Issuers
import Testing
import VaultModel

@testable import CommandLineTool

private func slot(_ number: UInt8) -> KeySlotSummary {
    KeySlotSummary(
        number: number, kind: .rawKey, parameters: .none, created: noon, hasDamagedCopy: false)
}

private func judgement(
    _ name: String, _ fingerprint: UInt8, length: Int = 40, _ strength: ValueStrength = .fair,
    _ doubts: [ShapeDoubt] = []
) throws -> ValueJudgement {
    let identifier = try #require(Identifier([UInt8](repeating: fingerprint, count: 16)))
    return ValueJudgement(
        name: try #require(SecretName(name)), field: .secret, length: length, strength: strength,
        fingerprint: ValueFingerprint(identifier), doubts: doubts)
}

/// The findings about these secrets in a vault with two slots and a log that is a year old.
private func findings(
    _ secrets: [Metadata], _ judgements: [ValueJudgement] = [], slots: UInt8 = 2,
    within span: UInt64 = Due.standardSpan, _ build: (inout SampleLog) throws -> Void = { _ in }
) throws -> [Finding] {
    let secrets = try numbered(secrets)
    var log = SampleLog()
    try build(&log)
    try log.add(.initialise, 99, noon.before(days(365)))
    return Health(
        secrets, log.ledger(secrets), judgements, (0..<slots).map(slot), now: noon, within: span,
        profiles: KnownProfiles()
    ).findings()
}

private func short(_ findings: [Finding]) -> [String] {
    findings.map { "\($0.severity.rawValue) \($0.kind.rawValue) \($0.name?.text ?? "-")" }
}

@Suite("health")
struct HealthTests {
    @Test("of a young, plain vault is good")
    func good() throws {
        #expect(try findings([try sample("a"), try sample("b")], [judgement("a", 1)]) == [])
    }

    @Test("sees what has expired, is due, or is older than its policy")
    func dates() throws {
        let expired = try sample("a") { $0.expires = noon.before(days(1)) }
        #expect(short(try findings([expired])) == ["high expired a"])
        let soon = try sample("a") { $0.expires = noon.adding(seconds: days(14)) }
        #expect(short(try findings([soon])) == ["medium due-soon a"])
        #expect(try findings([soon], within: days(13)) == [])
        let old = try sample("a", age: days(80)) { $0.maximumAge = days(79) }
        #expect(short(try findings([old])) == ["medium over-age a"])
        let aging = try sample("a", age: days(80)) { $0.maximumAge = days(81) }
        #expect(short(try findings([aging])) == ["medium due-soon a"])
        let disabled = try sample("a") {
            $0.expires = noon.before(days(1))
            $0.status = .disabled
        }
        #expect(short(try findings([disabled])) == ["low expired a"])
    }

    @Test("sees what nothing uses, once the log is old enough to tell")
    func unused() throws {
        let old = try sample("a", age: days(200))
        #expect(short(try findings([old])) == ["low unused a"])
        #expect(try findings([old])[0].words == "nothing has ever used it, for 200 days")
        #expect(try findings([try sample("a", age: days(89))]) == [])
        let used = try findings([old]) { try $0.add(.read, 1, noon.before(days(91))) }
        #expect(used.map(\.words) == ["nothing has used it for 91 days"])
        #expect(try findings([old]) { try $0.add(.read, 1, noon.before(days(89))) } == [])
        let disabled = try sample("a", age: days(200)) { $0.status = .disabled }
        #expect(try findings([disabled]) == [])
        let secrets = try numbered([old])
        let health = Health(
            secrets, UsageLedger(), [], [slot(0), slot(1)], now: noon, profiles: KnownProfiles())
        #expect(health.findings() == [])
    }

    @Test("sees a disabled key that was used, and a use after the date of expiry")
    func misuse() throws {
        let disabled = try sample("a") { $0.status = .disabled }
        let found = try findings([disabled]) {
            try $0.add(.read, 1, noon.before(60), by: "/p")
            try $0.add(.disable, 1, noon.before(120))
        }
        #expect(short(found) == ["high disabled-but-used a"])
        #expect(found[0].words == "it is disabled, and was used on 2026-11-25")
        let expired = try sample("a") { $0.expires = noon.before(days(2)) }
        let late = try findings([expired]) { try $0.add(.read, 1, noon.before(days(1))) }
        #expect(short(late) == ["high expired a", "medium used-after-expiry a"])
    }

    @Test("sees a vault that one key alone opens")
    func slots() throws {
        #expect(short(try findings([], slots: 1)) == ["medium single-slot -"])
        #expect(try findings([], slots: 2) == [])
    }

    @Test("sees weak values, and values that are not what their issuer makes")
    func values() throws {
        let secrets = [try sample("a")]
        func found(_ judgement: ValueJudgement) throws -> [String] {
            short(try findings(secrets, [judgement]))
        }
        #expect(try found(judgement("a", 1, length: 9, .guessable)) == ["high weak-value a"])
        #expect(try found(judgement("a", 1, .weak)) == ["medium weak-value a"])
        #expect(try found(judgement("a", 1, .fair, [.checksum])) == ["high checksum-mismatch a"])
        #expect(
            try found(judgement("a", 1, .fair, [.newlineAtEnd, .shape(expected: "a token")]))
                == ["medium shape-mismatch a", "medium shape-mismatch a"])
        #expect(try found(judgement("a", 1, .fair, [.masked])) == ["high shape-mismatch a"])
        #expect(
            try findings(secrets, [judgement("a", 1, length: 9, .guessable)])[0].words
                == "secret: 9 bytes are too few for a key")
    }

    @Test("sees the same value under two names, once a name; twice in one secret is its own affair")
    func sharing() throws {
        let names = ["a", "b", "c", "d", "e"]
        let secrets = try names.map { try sample($0) }
        let pair = try findings(
            secrets, [judgement("a", 1), judgement("b", 1), judgement("c", 2)])
        #expect(short(pair) == ["medium shared-value a", "medium shared-value b"])
        #expect(pair[0].words == "secret: the same value is in \"b\"")
        #expect(try findings(secrets, [judgement("a", 1), judgement("a", 1)]) == [])
        let all = try findings(secrets, try names.map { try judgement($0, 1) })
        #expect(all[0].words == "secret: the same value is in \"b\", \"c\", \"d\" and 1 more")
    }

    @Test("does not look at hidden keys")
    func hidden() throws {
        let secrets = [
            try sample("a"),
            try sample("b") {
                $0.expires = noon.before(1)
                $0.removed = noon
            },
        ]
        #expect(try findings(secrets, [judgement("a", 1), judgement("b", 1, .weak)]) == [])
    }

    @Test("has a hint in every finding, in one voice, and an id that an acceptance can name")
    func voice() throws {
        let secrets = [
            try sample("a", age: days(300)) {
                $0.expires = noon.before(days(2))
                $0.maximumAge = days(90)
            },
            try sample("b") { $0.expires = noon.adding(seconds: 60) },
            try sample("c", age: days(300)) { $0.status = .disabled },
        ]
        let judgements = try [
            judgement("a", 1, .weak, [.checksum, .spaceAround]), judgement("b", 1),
        ]
        var found = try findings(secrets, judgements, slots: 1) {
            try $0.add(.read, 3, noon)
            try $0.add(.disable, 3, noon)
            try $0.add(.read, 1, noon.before(days(1)))
        }
        found += try findings([try sample("d", age: days(300))])
        #expect(Set(found.map(\.kind)) == Set(FindingKind.allCases))
        for finding in found {
            #expect(!finding.words.hasSuffix(".") && !finding.words.contains("\n"))
            #expect(finding.words.first?.isLowercase == true, "\(finding.words)")
            #expect(!finding.hint.isEmpty && !finding.hint.hasSuffix("."))
        }
        let severities = found.dropLast().map(\.severity)
        #expect(severities == severities.sorted(by: >))
    }
}

@Suite("the report of health")
struct HealthReportTests {
    private func report(_ options: String, accepting lines: String = "") throws -> Report {
        let call = try invocation(options, of: HealthReport.options)
        let secrets = [
            try sample("a") { $0.expires = noon.before(days(1)) },
            try sample("b") { $0.expires = noon.adding(seconds: days(20)) },
            try sample("c", age: days(200)),
        ]
        let found = try findings(secrets, slots: 1, within: try HealthReport.span(call))
        return HealthReport(
            found, try AcceptedFindings(lines, path: "f"),
            severity: try HealthReport.severity(call), now: noon
        ).report(call)
    }

    @Test("is for people: what, which, why, and what to do")
    func text() throws {
        let found = try report("")
        #expect(found.code == .findings && found.notes == [])
        #expect(
            found.text == """
                high: "a": it expired 24 hours ago (2026-11-24) [expired]
                    hint: make a new one at the issuer; `coffer capture a --replace` stores it
                medium: the vault: one key alone opens the vault: without it everything is lost \
                [single-slot]
                    hint: `coffer slot add --new-recovery` makes a second one
                low: "c": nothing has ever used it, for 200 days [unused]
                    hint: revoke it at the issuer, then `coffer rm c`; or `coffer disable c` first
                3 findings: 1 high, 1 medium, 1 low

                """)
    }

    @Test("is filtered by severity, which decides the exit code too")
    func severity() throws {
        #expect(try report("--severity high").text.hasSuffix("1 finding: 1 high\n"))
        #expect(try report("--severity medium").text.hasSuffix("2 findings: 1 high, 1 medium\n"))
        let quiet = try report("--severity high", accepting: "expired a 2026-12-31\n")
        #expect(quiet.code == .ok)
        #expect(quiet.text == "no findings; 1 accepted (--all shows them)\n")
        #expect(complaint { try self.report("--severity grave") }?.code == .usage)
        #expect(try report("--within 20d").text.contains("[due-soon]"))
    }

    @Test("counts what is accepted, shows it with --all, and says what has ended")
    func accepted() throws {
        let lines = """
            expired a 2026-12-31 the issuer is slow
            single-slot - 2026-11-25
            unused c 2026-11-24 until yesterday
            """
        let found = try report("", accepting: lines)
        #expect(found.code == .findings)
        #expect(found.text.hasSuffix("1 finding: 1 low; 2 accepted (--all shows them)\n"))
        #expect(!found.text.contains("[expired]"))
        #expect(
            found.notes
                == ["line 3 of accepted-findings has ended on 2026-11-24: unused of \"c\""])
        let all = try report("--all", accepting: lines).text
        #expect(all.contains("[expired]\n    accepted until 2026-12-31: the issuer is slow\n"))
        #expect(all.contains("[single-slot]\n    accepted until 2026-11-25\n"))
        #expect(all.hasSuffix("1 finding: 1 low; 2 accepted\n"))
    }

    @Test("has the members in JSON that the reference lists")
    func json() throws {
        let text = try report("--json --all", accepting: "expired a 2026-12-31\n").text
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let report = try #require(object)
        #expect(
            Set(report.keys)
                == Set(try #require(JSONReference.table("`audit health`")).members.map(\.name)))
        #expect(report["open"] as? Int == 2 && report["accepted"] as? Int == 1)
        let findings = try #require(report["findings"] as? [[String: Any]])
        for finding in findings {
            #expect(
                Set(finding.keys)
                    == Set(
                        try #require(JSONReference.table("Findings of `audit health`")).members.map(
                            \.name)))
        }
        #expect(findings.map { $0["id"] as? String } == ["single-slot", "unused", "expired"])
        #expect(findings[0]["name"] is NSNull)
        #expect(findings[2]["accepted_until"] as? String == "2026-12-31")
        #expect(findings[2]["accepted_reason"] as? String == "")
        #expect(findings[0]["accepted_until"] is NSNull)
    }

    @Test("names every finding in its help")
    func help() {
        let details = HealthReport.details.joined(separator: "\n")
        for kind in FindingKind.allCases { #expect(details.contains("\(kind.rawValue): ")) }
        for paragraph in HealthReport.details + KeyInventory.details + Due.details {
            #expect(paragraph.hasSuffix("."))
        }
        for option in HealthReport.options + KeyInventory.options + Due.options {
            #expect(!option.summary.hasSuffix("."))
        }
    }
}

// Vaults for the tests of the page: of any size, the same in every run, or with hostile texts.

import TestSupport
import Testing
import VaultModel

@testable import CommandLineTool

/// Everything that the page is made of.
struct PageSample {
    var secrets: [(RecordID, Metadata)] = []
    /// From the newest to the oldest.
    var events: [AuditEvent] = []
    var slots = [Self.slot(0, .passphrase), Self.slot(1, .rawKey)]
    var acceptances = ""
    var verification = LogVerification(
        verdict: .good, entries: 12_345, seals: 678, unsealed: 3, notes: ["every seal fits"])
    var receipt = "coffer receipt v1 vault=abababab generation=7 entries=12345 tip=0123456789abcdef"

    var report: HTMLReport {
        get throws {
            let vault = try #require(Identifier([UInt8](repeating: 0xab, count: 16)))
            var fold = UsageFold(secrets, now: noon)
            for event in events { fold.take(event) }
            let ledger = fold.finish()
            let found = Health(
                secrets, ledger, [], slots, now: noon, profiles: KnownProfiles()
            ).findings()
            return HTMLReport(
                VaultFacts(vault: VaultID(vault), epoch: .first, suite: .one, slots: slots),
                secrets, ledger,
                HealthReport(found, try AcceptedFindings(acceptances, path: "f"), now: noon),
                verification, receipt: receipt, now: noon)
        }
    }

    static func slot(_ number: UInt8, _ kind: KeySlotKind) -> KeySlotSummary {
        KeySlotSummary(
            number: number, kind: kind, parameters: kind == .passphrase ? .standard : .none,
            created: noon.before(days(200)), hasDamagedCopy: false)
    }

    static func id(_ number: Int) throws -> RecordID {
        var bytes = [UInt8](repeating: 1, count: 16)
        bytes[0] = UInt8(truncatingIfNeeded: number >> 8)
        bytes[1] = UInt8(truncatingIfNeeded: number)
        return RecordID(try #require(Identifier(bytes)))
    }

    mutating func add(_ secret: Metadata) throws {
        secrets.append((try Self.id(secrets.count), secret))
    }

    mutating func add(
        _ operation: AuditOperation, _ record: Int, _ time: Timestamp, _ program: String
    )
        throws
    {
        let process = ActingProcess(pid: 1, path: program, executable: .present)
        events.append(
            AuditEvent(
                number: UInt64(10_000_000 - events.count), time: time, operation: operation,
                outcome: .done, user: 1_000, process: 1, object: try Self.id(record),
                detail: AuditDetail(Attribution(chain: [process]))))
    }
}

extension PageSample {
    private static let programs = [
        "/usr/bin/terraform", "/usr/local/bin/deploy", "/opt/backup/bin/restic-nightly",
        "/usr/bin/python3.13", "/usr/bin/curl", "/srv/exporter/bin/metrics-exporter",
    ]
    private static let issuers = [
        "zpa", "zscaler-oneapi", "aws-iam", "github", "okta", "stripe", "slack", "cloudflare",
    ]
    private static let purposes = [
        "ci", "deploy", "backup", "monitoring", "terraform", "nightly-export", "billing",
    ]

    /// A vault as a team has it after some time, with so many keys.
    static func vault(keys count: Int, seed: UInt64 = 1) throws -> PageSample {
        var sample = PageSample()
        var random = SeededGenerator(seed: seed)
        for number in 0..<count { try sample.add(try key(number, &random)) }
        for day in 0..<420 {
            // Fewer on Saturdays and Sundays, and hardly any in one month of the summer.
            let isFree = (Int(noon.day) - day + 3) % 7 > 4
            let uses = (100..<130).contains(day) ? 1 : isFree ? 3 : 14
            for _ in 0..<Int.random(in: 0...uses, using: &random) where count > 0 {
                let key = Int.random(in: 0..<min(count, 400), using: &random)
                guard key % 7 != 3 else { continue }
                let program = programs[(key + Int.random(in: 0...2, using: &random)) % 6]
                try sample.add(.read, key, noon.before(days(UInt64(day))), program)
            }
        }
        return sample
    }

    private static func key(_ number: Int, _ random: inout SeededGenerator) throws -> Metadata {
        let issuer = issuers[number % issuers.count]
        let suffix = number < issuers.count * 7 ? "" : "-\(number)"
        let name =
            "\(issuer)/\(number % 3 == 0 ? "staging" : "prod")/"
            + purposes[(number / 3) % 7] + suffix
        let age = days(UInt64.random(in: 3...500, using: &random))
        var secret = try CommandLineToolTests.sample(name, age: age)
        secret.issuer = try #require(IssuerID(issuer))
        secret.fields[try #require(FieldName("role"))] = number % 4 == 0 ? "API Full Access" : nil
        secret.fields[try #require(FieldName("session_validity"))] = number % 4 == 0 ? "3600" : nil
        if number % 5 == 1 { secret.label = "for the pipeline of team \(number % 9)" }
        if number % 6 == 2 { secret.tags = ["production", "team-\(number % 9)"] }
        switch number % 9 {
        case 0, 1, 4:
            secret.expires = noon.adding(
                seconds: days(UInt64.random(in: 15...500, using: &random)))
        case 2: secret.maximumAge = days(365)
        case 5: secret.expires = noon.adding(seconds: days(UInt64(number % 11)))
        case 7 where number % 2 == 1:
            secret.expires = noon.before(days(UInt64.random(in: 0...60, using: &random)))
        default: break
        }
        if number % 13 == 8 { secret.status = .disabled }
        return secret
    }

    /// A vault in which `text` stands wherever somebody can write something.
    static func hostile(_ text: String) throws -> PageSample {
        var sample = PageSample()
        var secret = try CommandLineToolTests.sample("a/b", age: days(400)) {
            $0.expires = noon.before(days(3))
            $0.label = text
            $0.tags = [text, "x" + text]
        }
        secret.fields[try #require(FieldName("role"))] = text
        secret.fields[try #require(FieldName("session_validity"))] = text
        try sample.add(secret)
        try sample.add(.read, 0, noon.before(days(1)), "/" + text)
        try sample.add(.read, 0, noon.before(days(2)), text)
        sample.receipt = text
        sample.verification = LogVerification(
            verdict: .bad, entries: 1, seals: 0, unsealed: 1, notes: [text])
        return sample
    }
}

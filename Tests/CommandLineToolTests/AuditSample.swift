// Secrets and events for the tests of reports.

import Issuers
import Testing
import VaultModel

@testable import CommandLineTool

/// 2026-11-25, noon.
let noon = Timestamp(milliseconds: 1_795_608_000_000)

func days(_ count: UInt64) -> UInt64 { count * 86_400 }

extension Timestamp {
    /// So many seconds before.
    func before(_ seconds: UInt64) -> Timestamp {
        Timestamp(milliseconds: milliseconds - seconds * 1_000)
    }
}

func recordID(_ number: UInt8) throws -> RecordID {
    RecordID(try #require(Identifier([UInt8](repeating: number, count: 16))))
}

/// A secret with one current version that is `age` seconds old.
func sample(
    _ name: String, age: UInt64 = days(10), _ change: (inout Metadata) -> Void = { _ in }
) throws -> Metadata {
    let created = noon.before(age)
    var secret = Metadata(name: try #require(SecretName(name)), created: created)
    secret.versions = [
        VersionSummary(number: 1, state: .current, created: created, fields: [.secret])
    ]
    change(&secret)
    return secret
}

/// Numbered as they are listed.
func numbered(_ secrets: [Metadata]) throws -> [(RecordID, Metadata)] {
    try secrets.enumerated().map { (try recordID(UInt8($0.offset + 1)), $0.element) }
}

/// Events from the newest to the oldest, as they are added.
struct SampleLog {
    private(set) var events: [AuditEvent] = []
    private var number: UInt64 = 1_000_000

    mutating func add(
        _ operation: AuditOperation, _ record: UInt8, _ time: Timestamp, by program: String? = nil,
        version: UInt32? = nil, outcome: AuditOutcome = .done
    ) throws {
        number -= 1
        let process = program.map { ActingProcess(pid: 1, path: $0, executable: .present) }
        var detail = AuditDetail(Attribution(chain: process.map { [$0] } ?? []))
        detail.version = version
        events.append(
            AuditEvent(
                number: number, time: time, operation: operation, outcome: outcome, user: 1_000,
                process: 1, object: try recordID(record), detail: program == nil ? nil : detail))
    }

    func ledger(_ secrets: [(RecordID, Metadata)]) -> UsageLedger {
        var fold = UsageFold(secrets, now: noon)
        for event in events { fold.take(event) }
        return fold.finish()
    }
}

/// A command line behind a verb that is not in the table.
func invocation(_ options: String, of known: [Option], operands: [Operand] = []) throws
    -> Invocation
{
    let verb = Verb(
        words: "sample", summary: "a sample", operands: operands, options: known,
        run: { _ in .ok })
    let words = options.split(separator: " ").map(String.init)
    switch try VerbTable.parser.parse(words[...], of: verb, []) {
    case .run(let call): return call
    case .help, .version: throw Complaint(.failed, "this asks for no command")
    }
}

// Events of the log for tests: of every kind, plain, full, sealed and hostile.

import VaultModel

@testable import CommandLineTool

enum SampleEvents {
    static let time = Timestamp(milliseconds: 1_700_000_000_123)
    static let record = Identifier([UInt8](repeating: 0xab, count: 16)).map { RecordID($0) }
    static let vault = Identifier([UInt8](repeating: 0xcd, count: 16)).map { VaultID($0) }
    static let container = "docker:" + String(repeating: "0123456789abcdef", count: 4)

    /// What acts on a terminal, in a line or in a document.
    static let hostile = "\u{1b}[2J\n\"\\\u{202e}, x=1\u{0}\r\u{9b}"

    static var attribution: Attribution {
        Attribution(
            chain: [
                ActingProcess(pid: 30, path: "/usr/bin/coffer", executable: .present),
                ActingProcess(pid: 20, path: "/opt/deploy/bin/deploy", executable: .deleted),
                ActingProcess(pid: 10, path: "/usr/bin/bash", executable: .replaced),
                ActingProcess(pid: 9, path: "", executable: .unknown),
            ],
            terminal: "/dev/pts/3", unit: "session-3.scope", workingDirectory: "/srv/site",
            reason: "release 4.2")
    }

    /// An event with what belongs to its operation.
    static func event(
        _ operation: AuditOperation = .read, _ outcome: AuditOutcome = .done,
        user: UInt32 = 1_000, _ change: (inout AuditDetail) -> Void = { _ in }
    ) -> AuditEvent {
        var detail = AuditDetail(attribution)
        switch operation {
        case .initialise, .lock, .audit, .backup, .restore: break
        case .exporting:
            detail.prefix = "zpa/"
            detail.count = 3
        case .list: detail.prefix = "zpa/"
        case .importing, .failedUnlock, .acceptRollback: detail.count = 3
        case .slotAdd, .slotReplace, .slotRemove, .slotMend, .unlock: detail.slot = 1
        case .jobAdd, .jobRemove: detail.recipient = SecretName("ci/deploy")
        default:
            detail.name = SecretName("zpa/prod/ci")
            detail.version = 3
        }
        if operation == .rename { detail.newName = SecretName("zpa/prod/build") }
        if [.deliver, .revoke, .collect].contains(operation) {
            detail.recipient = SecretName("ci/deploy")
        }
        change(&detail)
        return AuditEvent(
            number: 42, time: time, operation: operation, outcome: outcome, user: user,
            process: 30, object: detail.name == nil ? nil : record, detail: detail)
    }

    static func sealed(_ operation: AuditOperation) -> AuditEvent {
        AuditEvent(
            number: 43, time: time, operation: operation, outcome: .done, user: 1_000, process: 30,
            object: record, detail: nil)
    }

    /// An event in which every text is hostile.
    static func hostileEvent(_ text: String = hostile) -> AuditEvent {
        event(.list) { detail in
            detail.prefix = text
            detail.attribution = Attribution(
                chain: [
                    ActingProcess(pid: 1, path: text, executable: .present),
                    ActingProcess(pid: 2, path: "/\(text)", executable: .deleted),
                ],
                terminal: text, unit: text, workingDirectory: text, job: text, reason: text)
        }
    }

    static var all: [AuditEvent] {
        let kinds = AuditOperation.allCases
        return kinds.flatMap { kind in AuditOutcome.allCases.map { event(kind, $0) } }
            + kinds.map { sealed($0) }
            + kinds.map { event($0) { $0.attribution = Attribution() } }
            + [hostileEvent()]
    }
}

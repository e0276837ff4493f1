// An event of the log as journald takes it: fields of one datagram
// (systemd.io/JOURNAL_NATIVE_PROTOCOL).

internal import VaultModel

/// Bytes of an entry. A value with a line feed in it is written with its length: nothing in a value
/// can become a field.
struct JournalEntry {
    /// Longest entry that is sent, in bytes. A datagram may have three times as much, and an event
    /// has less, unless somebody makes paths long on purpose.
    static let longest = 65_536

    private(set) var bytes: [UInt8] = []

    init(_ event: AuditEvent) {
        let line = AuditText(paint: .none, user: event.user).line(event)
        // The journal has the time itself, in front.
        add("MESSAGE", String(line.dropFirst(event.time.description.count + 2).dropLast()))
        add("PRIORITY", String(Self.priority(event)))
        add("SYSLOG_IDENTIFIER", "coffer")
        // LOG_AUTHPRIV: for the administrator's eyes.
        add("SYSLOG_FACILITY", "10")
        add("COFFER_NUMBER", String(event.number))
        add("COFFER_TIME", event.time.description)
        add("COFFER_OPERATION", event.operation.word)
        add("COFFER_OUTCOME", event.outcome.word)
        add("COFFER_USER", String(event.user))
        add("COFFER_PROCESS", String(event.process))
        add("COFFER_RECORD", event.object?.identifier.hexadecimal)
        guard let detail = event.detail else { return }
        add("COFFER_NAME", detail.name?.text)
        add("COFFER_NEW_NAME", detail.newName?.text)
        add("COFFER_VERSION", detail.version.map { String($0) })
        add("COFFER_PREFIX", detail.prefix)
        add("COFFER_SLOT", detail.slot.map { String($0) })
        add("COFFER_COUNT", detail.count.map { String($0) })
        add(detail.attribution)
    }

    private mutating func add(_ who: Attribution) {
        add("COFFER_PROGRAM", who.program)
        add("COFFER_TERMINAL", who.terminal)
        add("COFFER_UNIT", who.unit)
        add("COFFER_WORKING_DIRECTORY", who.workingDirectory)
        add("COFFER_JOB", who.job)
        add("COFFER_REASON", who.reason)
        // A field may be there several times.
        for process in who.chain {
            let state = AuditJSON.word(process.executable)
            add("COFFER_CHAIN", "\(process.pid) \(state) \(process.path)")
        }
    }

    /// Adds a field that is there, if it fits.
    private mutating func add(_ name: String, _ value: String?) {
        guard let value = value?.utf8 else { return }
        let count = name.utf8.count + value.count + 10
        guard bytes.count + count <= Self.longest else { return }
        bytes += Array(name.utf8)
        if value.contains(UInt8(ascii: "\n")) {
            bytes.append(UInt8(ascii: "\n"))
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.count >> shift))
            }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += Array(value)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// As syslog(3) counts them.
    private static func priority(_ event: AuditEvent) -> Int {
        if event.outcome == .damaged { return 2 }
        let warnings: [AuditOperation] = [.breakGlass, .acceptRollback, .failedUnlock]
        if warnings.contains(event.operation) { return 4 }
        if [.exporting, .restore].contains(event.operation), event.outcome == .done { return 5 }
        return switch event.outcome {
        case .done: 6
        case .missing: 5
        case .refused: 4
        case .failed, .damaged: 3
        }
    }
}

// Events of the log as people read them: one line each, or everything that is known.
//
// Nothing is shown here that a person or a program chose, but escaped: names of programs,
// terminals and units, folders, reasons.

internal import VaultModel

/// Words for events.
struct AuditText: Sendable {
    let paint: Paint
    /// The user whose doings need no mention.
    let user: UInt32

    /// Time, operation, what it was about, how it ended if not well, who, where, why.
    func line(_ event: AuditEvent) -> String {
        let operation = Self.padded(event.operation.word, 15)
        var parts = [
            paint("\(event.time)", .faint),
            Self.isAlarming(event.operation) ? paint(operation, .yellow) : operation,
            Self.padded(Self.subject(event), 24),
        ]
        if event.outcome != .done { parts.append(paint(event.outcome.word, .red)) }
        if let detail = event.detail { parts += who(detail.attribution) }
        if event.user != user { parts.append(paint("by uid \(event.user)", .yellow)) }
        if let detail = event.detail { parts += whereAndWhy(detail.attribution) }
        var line = parts.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }

    /// All of it, several lines and an empty one.
    func entry(_ event: AuditEvent) -> String {
        let title = "entry \(event.number)  \(event.time)  \(event.operation.word)"
        var rows = [("outcome", paint(event.outcome.word, event.outcome == .done ? .faint : .red))]
        if event.detail == nil {
            rows.append(("detail", "sealed; an unlocked vault shows it"))
        } else {
            let subject = Self.subject(event)
            if !subject.isEmpty { rows.append(("subject", subject)) }
        }
        if let record = event.object { rows.append(("record", record.identifier.hexadecimal)) }
        rows.append(("user", "uid \(event.user)"))
        guard let attribution = event.detail?.attribution else {
            rows.append(("process", "pid \(event.process)"))
            return paint(title, .bold) + "\n" + Columns.text(rows) + "\n"
        }
        for (place, process) in attribution.chain.enumerated() {
            let words = "\(program(process)), pid \(process.pid)"
            rows.append((place == 0 ? "process" : "started by", words))
        }
        let texts = [
            ("handed to", attribution.job), ("terminal", attribution.terminal),
            ("unit", attribution.unit), ("folder", attribution.workingDirectory),
            ("reason", attribution.reason),
        ]
        for (title, text) in texts {
            if let text { rows.append((title, Escaped.text(text))) }
        }
        return paint(title, .bold) + "\n" + Columns.text(rows) + "\n"
    }

    /// What the operation was about, as one would write it on a command line.
    static func subject(_ event: AuditEvent) -> String {
        guard let detail = event.detail else { return "sealed" }
        if let name = detail.name {
            let version = detail.version.map { "@\($0)" } ?? ""
            let other = detail.newName.map { " → \($0.text)" } ?? ""
            return name.text + version + other + (detail.recipient.map { " to \($0)" } ?? "")
        }
        if let recipient = detail.recipient { return recipient.text }
        var words: [String] = []
        if let slot = detail.slot { words.append("slot \(slot)") }
        if let count = detail.count { words.append(Self.counted(count, event.operation)) }
        if let prefix = detail.prefix { words.append("\(Escaped.text(prefix))…") }
        return words.joined(separator: ", ")
    }

    private static func counted(_ count: UInt64, _ operation: AuditOperation) -> String {
        let noun =
            switch operation {
            case .failedUnlock: "attempt"
            case .acceptRollback: "generation"
            default: "secret"
            }
        return count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }

    private func who(_ attribution: Attribution) -> [String] {
        guard let path = attribution.program else { return [] }
        // A job has no entry in the chain: it was not there yet.
        let process = attribution.job == nil ? attribution.chain.first { $0.path == path } : nil
        let known = ActingProcess(
            pid: 0, path: path, executable: process?.executable ?? .present)
        return [program(known)]
    }

    private func whereAndWhy(_ attribution: Attribution) -> [String] {
        var parts: [String] = []
        if let terminal = attribution.terminal {
            let name = terminal.hasPrefix("/dev/") ? String(terminal.dropFirst(5)) : terminal
            parts.append(paint(Escaped.text(name), .faint))
        } else if let unit = attribution.unit {
            parts.append(paint(Escaped.text(Self.short(unit)), .faint))
        }
        if let reason = attribution.reason { parts.append("“\(Escaped.text(reason))”") }
        return parts
    }

    private func program(_ process: ActingProcess) -> String {
        let path = process.path.isEmpty ? "unknown program" : Escaped.text(process.path)
        return switch process.executable {
        case .present: path
        case .deleted: "\(path) \(paint("(deleted)", .yellow))"
        case .replaced: "\(path) \(paint("(replaced)", .yellow))"
        case .unknown: process.path.isEmpty ? path : "\(path) (not checked)"
        }
    }

    /// Of a container's 64 digits the twelve that its engine shows.
    private static func short(_ unit: String) -> String {
        let parts = unit.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[1].utf8.count == 64 else { return unit }
        return "\(parts[0]):\(parts[1].prefix(12))"
    }

    /// What should catch the eye, however it ended.
    private static func isAlarming(_ operation: AuditOperation) -> Bool {
        [.breakGlass, .acceptRollback, .failedUnlock, .exporting, .restore, .refusedPeer]
            .contains(operation)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

// Findings as people and programs read them, with those taken out that a person accepts.

internal import VaultModel

/// `audit health`, once everything was looked at.
struct HealthReport {
    enum Format: Hashable, Sendable {
        case text, json
    }

    /// Whether accepted findings are shown beside the others.
    enum Acceptances: Hashable, Sendable {
        case count, show
    }

    static let severityOption = Option.one(
        "--severity", "LEVEL", "only findings that are at least high, medium or low",
        .words(Severity.allCases.map(\.rawValue)))
    static let allOption = Option.flag("--all", "show accepted findings too")
    /// Every option of `audit health`.
    static let options = [severityOption, Due.withinOption, allOption, VerbTable.json]
    static var details: [String] {
        let ids = FindingKind.allCases.map { "\($0.rawValue): \($0.meaning)" }
        return [
            "Looks at dates, at uses in the log, at the keys of the vault and at every value, in"
                + " locked memory: none is shown. Exit code 11 if anything is found.",
            "Findings: \(ids.joined(separator: "; ")).",
            "How hard a value is to guess is a small estimate by its length, its kinds of"
                + " characters and its repetitions; it knows no words.",
            "A finding is accepted until a date by a line `ID NAME YYYY-MM-DD [REASON]` in"
                + " $XDG_CONFIG_HOME/coffer/accepted-findings (~/.config/coffer/accepted-findings),"
                + " up to and including that day in UTC. NAME is `-` for the vault; # begins a"
                + " comment line. The file must be yours, and nobody else may write it.",
        ]
    }

    /// Those that nobody accepts, the most severe first.
    let open: [Finding]
    /// The others, in the same order.
    let accepted: [Finding]
    /// Lines of the file whose date is past.
    private let past: [AcceptedFindings.Acceptance]

    /// Findings below `severity` are neither shown nor counted.
    init(
        _ findings: [Finding], _ acceptances: AcceptedFindings, severity: Severity = .low,
        now: Timestamp
    ) {
        let judged = findings.filter { $0.severity >= severity }.map { finding in
            var judged = finding
            judged.acceptance = acceptances.acceptance(of: finding.kind, finding.name, now: now)
            return judged
        }
        open = judged.filter { $0.acceptance == nil }
        accepted = judged.filter { $0.acceptance != nil }
        past = acceptances.past(now: now)
    }

    /// The span and the severity that a command line asks for.
    static func span(_ call: Invocation) throws(Complaint) -> UInt64 {
        try call.duration(Due.withinOption) ?? Due.standardSpan
    }

    static func severity(_ call: Invocation) throws(Complaint) -> Severity {
        guard let text = call.value(of: severityOption) else { return .low }
        guard let severity = Severity(rawValue: text) else {
            throw Complaint(.usage, "`--severity` is high, medium or low")
        }
        return severity
    }

    /// What has to be said about acceptances that have ended, a line each.
    var notes: [String] {
        past.map { line in
            let name = line.name.map { "\"\($0)\"" } ?? "the vault"
            return "line \(line.line) of accepted-findings has ended on \(line.until):"
                + " \(line.kind.rawValue) of \(name)"
        }
    }

    func report(_ call: Invocation) -> Report {
        report(
            call.has(VerbTable.json) ? .json : .text, call.has(Self.allOption) ? .show : .count)
    }

    func report(_ format: Format, _ acceptances: Acceptances) -> Report {
        let shown = open + (acceptances == .show ? accepted : [])
        let text = format == .json ? json(shown) : text(shown, acceptances)
        return Report(text: text, notes: notes, code: open.isEmpty ? .ok : .findings)
    }

    private func text(_ shown: [Finding], _ acceptances: Acceptances) -> String {
        var text = ""
        for finding in shown {
            let name = finding.name.map { "\"\($0)\"" } ?? "the vault"
            text +=
                "\(finding.severity.rawValue): \(name): \(finding.words)"
                + " [\(finding.kind.rawValue)]\n"
            if let acceptance = finding.acceptance {
                let reason = acceptance.reason.isEmpty ? "" : ": \(Escaped.text(acceptance.reason))"
                text += "    accepted until \(acceptance.until)\(reason)\n"
            } else {
                text += "    hint: \(finding.hint)\n"
            }
        }
        return text + summary(acceptances) + "\n"
    }

    /// `3 findings: 1 high, 2 low; 1 accepted (--all shows them)`.
    private func summary(_ acceptances: Acceptances) -> String {
        let counts = Severity.allCases.compactMap { severity in
            let count = open.count { $0.severity == severity }
            return count > 0 ? "\(count) \(severity.rawValue)" : nil
        }
        var words = open.isEmpty ? "no findings" : "\(open.count) findings"
        if open.count == 1 { words = "1 finding" }
        if !counts.isEmpty { words += ": \(counts.joined(separator: ", "))" }
        if !accepted.isEmpty {
            words += "; \(accepted.count) accepted"
            if acceptances == .count { words += " (--all shows them)" }
        }
        return words
    }

    private func json(_ shown: [Finding]) -> String {
        JSONText.object([
            ("findings", .array(shown.map(Self.json))), ("open", .integer(open.count)),
            ("accepted", .integer(accepted.count)),
        ]).text + "\n"
    }

    private static func json(_ finding: Finding) -> JSONText {
        .object([
            ("id", .string(finding.kind.rawValue)),
            ("severity", .string(finding.severity.rawValue)), ("name", .text(finding.name?.text)),
            ("field", .text(finding.field?.text)), ("words", .string(finding.words)),
            ("hint", .string(finding.hint)),
            ("accepted_until", .text(finding.acceptance?.until)),
            ("accepted_reason", .text(finding.acceptance?.reason)),
        ])
    }
}

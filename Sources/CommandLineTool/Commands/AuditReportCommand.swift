// `coffer audit report`: everything about the keys on one page, for a browser or for paper.

internal import AgentService
internal import SecretMemory
internal import VaultModel

enum AuditReportCommand {
    static let html = Option.one("--html", "FILE", "write the page to a new file (0600)", .file)

    static let verb = Verb(
        words: "audit report", summary: "write everything about the keys as a page",
        details: [
            "One file for a browser, with nothing from elsewhere in it: ages and expiry of keys,"
                + " uses by day, programs by secret, findings, a receipt and what `coffer audit"
                + " verify` found. It holds names and public fields, and no secret. The exit code"
                + " is 0 whatever is found: `coffer audit health` is for scripts."
        ],
        options: [html, Due.withinOption],
        examples: [
            Example("coffer audit report --html keys.html", "for a review, or to print")
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard let path = call.value(of: html) else {
            throw Complaint(.usage, "name the file of the page with `--html FILE`")
        }
        try NewFile.refuseTaken(path)
        let span = try HealthReport.span(call)
        let accepted = try AcceptedFindings(file: Places.acceptedFindings)
        let session = try VaultAccess.unlocked(call, for: .reading)
        let material = try KeyMaterial(session, now: Clock.now())
        let findings = HealthReport(
            try material.health(session, within: span), accepted, now: material.now)
        let (facts, receipt) = try Complaint.from { () throws(VaultError) in
            (try session.facts(), try session.receipt())
        }
        let page = HTMLReport(
            facts, material.secrets, material.ledger, findings, try verification(session),
            receipt: receipt.description, profiles: material.profiles, now: material.now)
        try write(page.text, to: path)
        try Console.out("wrote \(Escaped.path(path))\n")
        return .ok
    }

    /// What a verification says; what is not whole is part of the page, not its end.
    private static func verification(_ session: Session) throws(Complaint) -> LogVerification {
        let progress = Progress("verifying", of: 1_000)
        defer { progress.end() }
        do throws(VaultError) {
            let found = try AuditVerifyCommand.whole(session, session, nil) { _, done, total in
                progress.advance(to: Int(1_000 * Double(done) / Double(max(total, 1))))
            }
            let lines = AuditVerifyCommand.text(found, nil).split(separator: "\n").dropFirst()
            return LogVerification(
                verdict: .good, entries: found.entries, seals: found.seals,
                unsealed: found.unsealed, notes: lines.map(String.init))
        } catch {
            return LogVerification(
                verdict: .bad, entries: 0, seals: 0, unsealed: 0, notes: [Complaint(error).words])
        }
    }

    /// The page holds no secret, but a new file is written in one way only.
    private static func write(_ page: String, to path: String) throws(Complaint) {
        var bytes = SecretBytes(capacity: page.utf8.count)
        for byte in page.utf8 { bytes.append(byte) }
        try NewFile(bytes, at: path).keep()
    }
}

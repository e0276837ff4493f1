// `coffer doctor`: whether this machine keeps the promises that the vault relies on.

internal import AgentService
internal import SecretMemory
internal import VaultModel

enum DoctorCommand {
    static let verb = Verb(
        words: "doctor", summary: "check this machine and the vault's file",
        details: [
            "Needs no key. Looks at permissions, locked memory, core dumps, the key derivation,"
                + " the file system and versions. Exit code 11 if anything needs attention."
        ],
        options: [VerbTable.json],
        examples: [Example("coffer doctor", "a line for each check")],
        run: run)

    /// One look at one thing.
    struct Check: Sendable {
        enum Verdict: String, Sendable {
            case fine = "ok"
            case attention = "attention"
        }

        let subject: String
        let verdict: Verdict
        let words: String
    }

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let checks = MachineCheckup.checks() + vaultChecks(try VaultAccess.path(call))
        if call.has(VerbTable.json) {
            let values = checks.map { check in
                JSONText.object([
                    ("check", .string(check.subject)), ("verdict", .string(check.verdict.rawValue)),
                    ("words", .string(check.words)),
                ])
            }
            try Console.out(JSONText.array(values).text + "\n")
        } else {
            try Console.out(
                Columns.text(
                    checks.map { check in
                        (check.verdict.rawValue, "\(check.subject): \(check.words)")
                    }))
        }
        return checks.contains { $0.verdict == .attention } ? .findings : .ok
    }

    private static func vaultChecks(_ path: String) -> [Check] {
        let shown = Escaped.path(path)
        let session: Session
        let facts: VaultFacts
        let count: UInt64
        do throws(VaultError) {
            session = try Session(
                at: path, for: .reading, by: ThisProcess.caller(), memory: Places.state)
            facts = try session.facts()
            try session.checkContainer()
            count = try session.secretCount()
        } catch {
            let complaint = Complaint(error)
            let hint = complaint.hints.first.map { "; \($0)" } ?? ""
            return [Check(subject: "vault", verdict: .attention, words: complaint.words + hint)]
        }
        var checks = [
            Check(
                subject: "vault", verdict: .fine,
                words: "\(shown), \(count) secrets, suite \(facts.suite.number),"
                    + " epoch \(facts.epoch.number)")
        ]
        for slot in facts.slots {
            let standard = KDFParameters.standard
            let isCheap =
                slot.kind == .passphrase && slot.parameters.memory < KDFParameters.smallest.memory
            let isBelow =
                slot.kind == .passphrase
                && (slot.parameters.memory < standard.memory
                    || slot.parameters.passes < standard.passes)
            let hint =
                isBelow ? "; below the standard cost: `coffer passphrase --same` raises it" : ""
            checks.append(
                Check(
                    subject: "slot \(slot.number)",
                    verdict: slot.hasDamagedCopy || isCheap ? .attention : .fine,
                    words: SlotCommands.text(slot) + hint))
        }
        if !facts.slots.contains(where: { $0.kind == .rawKey }) {
            checks.append(
                Check(
                    subject: "recovery", verdict: .attention,
                    words: "there is no second key; `coffer slot add --new-recovery` makes one"))
        }
        return checks
    }
}

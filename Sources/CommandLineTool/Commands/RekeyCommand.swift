// `coffer rekey`: a new root key, for the day on which an old copy of the vault may be in other
// hands.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum RekeyCommand {
    static let skipDamaged = Option.flag(
        "--skip-damaged", "leave out what does not open; the vault is kept as it was beside it")

    static let verb = Verb(
        words: "rekey", summary: "seal everything again under a new root key",
        details: [
            "Unlike a change of the passphrase this protects what is stored from then on against"
                + " whoever has an old copy of the file and an old key. It is one transaction:"
                + " afterwards the vault has the new key or, if it was interrupted, the old one.",
            "The key that opens the vault now opens it afterwards. The other slots go: add them"
                + " again with `coffer slot add`.",
            "It needs about twice the size of the file free. What was stored before and seen by"
                + " others should be rotated at its issuer all the same.",
            "If something in the vault is damaged it is named, nothing is changed and the exit code"
                + " is 5: restore a backup. With --skip-damaged everything that opens goes into the"
                + " new epoch, what does not is left out and entered in the log, and the vault is"
                + " kept as it was, under the old keys, as <vault>-replaced-<UTC time>.db: nothing"
                + " is lost that could be opened yet. A version that is left out is listed as"
                + " destroyed.",
        ],
        options: [skipDamaged, VerbTable.kdfMemory, VerbTable.yes],
        examples: [
            Example("coffer rekey", "after a laptop or a backup was lost, with `coffer passphrase`")
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let parameters = try call.kdfParameters()
        let session = try VaultAccess.locked(call, for: .changing)
        let key = try VaultAccess.offer(call, to: session)
        try VaultAccess.unlock(session, with: key, call)
        let consent = try consent(session, call)
        let progress = Progress("sealing again", of: 1_000)
        defer { progress.end() }
        let report: RekeyReport
        do throws(VaultError) {
            report = try session.rekey(
                openedBy: key, parameters: parameters, consent, at: Clock.now()
            ) { progress.advance(to: Int($0 * 1_000 / max($1, 1))) }
        } catch {
            progress.end()
            throw complaint(error, session)
        }
        progress.end()
        try Console.out(receipt(report, consent))
        for epoch in report.damagedKeys {
            Console.warn(
                "\(DamagedObject.retiredKey(epoch).words): what was sealed in it stays closed")
        }
        Console.remark(on: report.rows)
        return .ok
    }

    private static func receipt(_ report: RekeyReport, _ consent: RekeyConsent) -> String {
        let epoch = "the vault has a new root key: epoch \(report.epoch.number)\n"
        guard !consent.damaged.isEmpty else { return epoch }
        return epoch + "as it was it is \(Escaped.path(consent.aside)), under the old keys\n"
    }

    /// Looks at what will be gone, and asks.
    private static func consent(
        _ session: Session, _ call: Invocation
    ) throws(Complaint) -> RekeyConsent {
        let consent = try Complaint.from { () throws(VaultError) in
            RekeyConsent(
                slots: try session.slotCount(),
                damaged: call.has(skipDamaged) ? try session.damage() : [],
                aside: session.aside(at: Clock.now()))
        }
        for object in consent.damaged { Console.warn("damaged: \(object.words)") }
        var losses: [String] = []
        if consent.slots > 1 {
            losses.append(
                consent.slots == 2 ? "1 other slot goes" : "\(consent.slots - 1) other slots go")
        }
        if !consent.damaged.isEmpty { losses.append("what is damaged is left out") }
        if !losses.isEmpty { try confirm(losses.joined(separator: " and "), call) }
        return consent
    }

    private static func confirm(_ losses: String, _ call: Invocation) throws(Complaint) {
        if call.has(VerbTable.yes) { return }
        guard Terminal.isInteractive else {
            throw Complaint(
                .usage, "\(losses): that will not be in the vault any more",
                hint: "--yes says that this is meant; `coffer slot add` adds slots again")
        }
        guard try Terminal.confirm("\(losses); go on?", default: .no) else {
            throw Complaint(.failed, "given up; nothing was changed")
        }
    }

    /// Names all that is damaged, not only what was met first.
    private static func complaint(_ error: VaultError, _ session: Session) -> Complaint {
        guard case .tampered(let object) = error else { return Complaint(error) }
        let damaged = (try? session.damage()) ?? []
        guard !damaged.isEmpty else { return Complaint(error) }
        for other in damaged where other != object { Console.warn("damaged: \(other.words)") }
        return Complaint(
            .integrity, Complaint(error).words,
            hints: [
                "nothing was changed; keep this file and restore a copy beside it",
                "--skip-damaged seals the rest again, and keeps the vault as it is beside it",
            ])
    }
}

// `coffer rekey`: a new root key, for the day on which an old copy of the vault may be in other
// hands.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum RekeyCommand {
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
        ],
        options: [VerbTable.kdfMemory, VerbTable.yes],
        examples: [
            Example("coffer rekey", "after a laptop or a backup was lost, with `coffer passphrase`")
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let parameters = try call.kdfParameters()
        let session = try VaultAccess.locked(call, for: .changing)
        let key = try VaultAccess.offer(call, to: session)
        try VaultAccess.unlock(session, with: key, call)
        let facts = try Complaint.from { () throws(VaultError) in try session.facts() }
        if facts.slots.count > 1 { try confirm(facts.slots.count - 1, call) }
        let progress = Progress("sealing again", of: 1_000)
        defer { progress.end() }
        let (epoch, rows) = try Complaint.from { () throws(VaultError) in
            try session.rekey(openedBy: key, parameters: parameters, at: Clock.now()) {
                progress.advance(to: Int($0 * 1_000 / max($1, 1)))
            }
        }
        progress.end()
        try Console.out("the vault has a new root key: epoch \(epoch.number)\n")
        Console.remark(on: rows)
        return .ok
    }

    private static func confirm(_ others: Int, _ call: Invocation) throws(Complaint) {
        if call.has(VerbTable.yes) { return }
        let slots = others == 1 ? "1 other slot goes" : "\(others) other slots go"
        guard Terminal.isInteractive else {
            throw Complaint(
                .usage, "\(slots): their keys will not open the vault any more",
                hint: "--yes says that this is meant; `coffer slot add` adds them again")
        }
        guard try Terminal.confirm("\(slots); go on?", default: .no) else {
            throw Complaint(.failed, "given up; nothing was changed")
        }
    }
}

// `coffer history`: what became of the versions of a secret.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum HistoryCommand {
    static let verb = Verb(
        words: "history", summary: "show the versions of a secret and what was done to them",
        details: [
            "Each version with its state and since when it has it, the public fields that differ"
                + " from those of the secret, and the rotation that runs or was the last one. What"
                + " was imported with many others, or deposited, has no entry of its own.",
            "While the old key of a rotation is still at the issuer, in its grace or switched off,"
                + " also who fetched the old version since then: those have not got the new one.",
        ],
        operands: [.required("NAME")],
        options: [VerbTable.json],
        examples: [Example("coffer history aws/ci", "which key was current until when")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let door = try VaultAccess.door(call, for: .reading)
        let history = try Complaint.from { () throws(VaultError) in
            try door.history(of: name, at: Clock.now())
        }
        let users = try VersionUsers.ofOld(in: history.metadata, door)
        let isJSON = call.has(VerbTable.json)
        try Console.out(
            isJSON ? HistoryText.json(history, users) : HistoryText.lines(history, users))
        return .ok
    }
}

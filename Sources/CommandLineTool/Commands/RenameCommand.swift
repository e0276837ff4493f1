// `coffer rename`: gives a secret another name.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum RenameCommand {
    static let verb = Verb(
        words: "rename", summary: "give a secret another name",
        operands: [.required("NAME"), .required("NEW-NAME")],
        examples: [Example("coffer rename zpa/ci zpa/prod/ci", "the values stay as they are")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let (name, newName) = (try call.secretName(0), try call.secretName(1))
        let door = try VaultAccess.door(call, for: .changing)
        _ = try Complaint.from { () throws(VaultError) in
            try door.rename(name, to: newName, at: Clock.now())
        }
        try Console.out("renamed \"\(name)\" to \"\(newName)\"\n")
        return .ok
    }
}

// `coffer enable` and `coffer disable`: whether a secret may be used.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum StatusCommands {
    static let enable = Verb(
        words: "enable", summary: "allow the use of a secret again",
        operands: [.required("NAME")],
        examples: [Example("coffer enable zpa/prod/ci", "get and run hand it out again")],
        run: { call throws(Complaint) in try set(.enabled, call) })

    static let disable = Verb(
        words: "disable", summary: "refuse the use of a secret",
        details: ["`get` and `run` refuse it unless --allow-disabled says otherwise."],
        operands: [.required("NAME")],
        examples: [Example("coffer disable zpa/prod/ci", "refused until it is enabled")],
        run: { call throws(Complaint) in try set(.disabled, call) })

    private static func set(_ status: SecretStatus, _ call: Invocation) throws(Complaint)
        -> ExitCode
    {
        let name = try call.secretName(0)
        let door = try VaultAccess.door(call, for: .changing)
        _ = try Complaint.from { () throws(VaultError) in
            try door.edit(name, [.status(status)], at: Clock.now())
        }
        try Console.out("\(status == .enabled ? "enabled" : "disabled") \"\(name)\"\n")
        return .ok
    }
}

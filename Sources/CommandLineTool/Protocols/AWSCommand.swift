// `coffer helper aws`: what a profile's `credential_process` runs.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum AWSCommand {
    static let verb = Verb(
        words: "helper aws", summary: "answer AWS's SDKs as a profile's credential_process",
        details: [
            "Prints the fields access_key_id, secret_access_key and, if there is one, session_token"
                + " in the form that AWS's SDKs read."
        ],
        operands: [.required("NAME[@VERSION]")],
        options: [VerbTable.allowDisabled],
        takesKeyFromEnvironment: true,
        examples: [
            Example(
                "coffer helper aws aws/ci",
                "in ~/.aws/config, after `credential_process = `, with the path of coffer")
        ],
        run: run)

    private static let keyID = FieldName("access_key_id")
    private static let key = FieldName("secret_access_key")
    private static let token = FieldName("session_token")

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let reference = try call.reference(0)
        guard reference.field == nil, let keyID, let key, let token else {
            throw Complaint(.usage, "`coffer helper aws` hands out a whole key, not a field")
        }
        try ClientOutput.refuseTerminal()
        let door = try VaultAccess.door(call, for: .reading)
        let disabled = call.has(VerbTable.allowDisabled) ? DisabledUse.allow : .refuse
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(
                reference.name, reference.version, disabled: disabled, at: Clock.now())
        }
        var json = SecretJSON()
        json.add("Version", 1)
        try json.add("AccessKeyId", text: keyID, of: opened)
        try json.add("SecretAccessKey", text: key, of: opened)
        if opened.secrets.contains(token) {
            try json.add("SessionToken", text: token, of: opened)
            // Only AWS ends a session. The date of a lasting key is a person's note: past it, the
            // SDKs would refuse a key that AWS still takes.
            if let expires = opened.metadata.expires {
                json.add("Expiration", expires.description)
            }
        }
        try ClientOutput.write(json.finish())
        return .ok
    }
}

extension SecretJSON {
    /// A field, public or secret, as text.
    mutating func add(
        _ member: String, text field: FieldName, of opened: borrowing OpenedSecret
    ) throws(Complaint) {
        let value = try opened.value(of: field)
        guard Self.lengthAsText(value.bytes) != nil else {
            throw Complaint(
                .refused, "\"\(opened.metadata.name)#\(field)\" is no text, as the client needs it")
        }
        add(member, value.bytes, asText: true)
    }
}

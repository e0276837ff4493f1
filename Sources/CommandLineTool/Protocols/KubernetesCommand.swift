// `coffer helper kubernetes`: what the `exec` of a kubeconfig's user runs.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum KubernetesCommand {
    static let verb = Verb(
        words: "helper kubernetes", summary: "answer Kubernetes's clients as their exec plugin",
        details: [
            "Prints an ExecCredential, v1 or v1beta1 as the client asks: the fields"
                + " client_certificate and client_key if the secret has them, and its token."
        ],
        operands: [.required("NAME[#FIELD][@VERSION]")],
        options: [VerbTable.allowDisabled],
        takesKeyFromEnvironment: true,
        examples: [
            Example("coffer helper kubernetes k8s/ci", "`command` and `args` of users[].user.exec")
        ],
        run: run)

    private static let certificate = FieldName("client_certificate")
    private static let key = FieldName("client_key")
    private static let tokens = ["token", "id_token", "secret"].compactMap { FieldName($0) }

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let reference = try call.reference(0)
        let request: ExecRequest
        do throws(ClientDefect) {
            request = try ExecRequest(Places.variable("KUBERNETES_EXEC_INFO"))
        } catch { throw Complaint(error, in: "KUBERNETES_EXEC_INFO") }
        try ClientOutput.refuseTerminal()
        let door = try door(call, request)
        let disabled = call.has(VerbTable.allowDisabled) ? DisabledUse.allow : .refuse
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(
                reference.name, reference.version, disabled: disabled, at: Clock.now())
        }
        var json = SecretJSON()
        json.add("apiVersion", request.version)
        json.add("kind", "ExecCredential")
        json.openObject("status")
        if let expires = opened.metadata.expires {
            json.add("expirationTimestamp", expires.description)
        }
        try add(reference.field, of: opened, to: &json)
        json.closeObject()
        try ClientOutput.write(json.finish())
        return .ok
    }

    /// The open vault. Nobody is asked where the client says that nobody is there.
    private static func door(
        _ call: Invocation, _ request: ExecRequest
    ) throws(Complaint) -> any Door {
        guard !request.isInteractive else { return try VaultAccess.door(call, for: .reading) }
        guard let door = try VaultAccess.doorUnasked(call, for: .reading) else {
            throw Complaint(
                .locked, "the client lets nobody be asked for a passphrase",
                hint: "unlock the vault, or open it with --key-file or COFFER_KEY_FILE")
        }
        return door
    }

    private static func add(
        _ named: FieldName?, of opened: borrowing OpenedSecret, to json: inout SecretJSON
    ) throws(Complaint) {
        if let named { return try addToken(named, of: opened, to: &json) }
        var hasCertificate = false
        if let certificate, let key, opened.secrets.contains(key) {
            try json.add("clientCertificateData", text: certificate, of: opened)
            try json.add("clientKeyData", text: key, of: opened)
            hasCertificate = true
        }
        let others = opened.secrets.names.filter { $0 != certificate && $0 != key }
        if let token = others.count == 1 ? others[0] : tokens.first(where: others.contains) {
            try addToken(token, of: opened, to: &json)
        } else if !hasCertificate {
            throw Complaint(VaultError.fieldAmbiguous(opened.metadata.name, others))
        }
    }

    /// A token goes into a header of HTTP: a line end in it would begin another one.
    private static func addToken(
        _ field: FieldName, of opened: borrowing OpenedSecret, to json: inout SecretJSON
    ) throws(Complaint) {
        let value = try opened.value(of: field)
        try opened.refuseLineEnd(in: value.bytes, field)
        try json.add("token", text: field, of: opened)
    }
}

// `coffer helper askpass`: answers a program that asks for a password by running another one.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum AskpassCommand {
    static let verb = Verb(
        words: "helper askpass", summary: "answer a prompt for a password",
        details: [
            "For GIT_ASKPASS, SSH_ASKPASS and SUDO_ASKPASS, which name a program and no words to"
                + " it: give them \(CalledAs.askpass), a link to coffer. COFFER_ASKPASS names the"
                + " secret, as NAME or NAME#FIELD.",
            "Prints its value, and its username where git asks for one. Where git says for which"
                + " address and the secret says another, nothing is handed out; nor is it the"
                + " answer to a question for yes or no.",
        ],
        operands: [.optional("PROMPT")],
        takesKeyFromEnvironment: true,
        examples: [
            Example("coffer helper askpass Password:", "what \(CalledAs.askpass) does")
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard let text = Places.variable("COFFER_ASKPASS") else {
            throw Complaint(
                .usage, "COFFER_ASKPASS is not set, so nothing says which secret is meant",
                hint: "set it to NAME or NAME#FIELD")
        }
        let reference = try Reference.reading(text)
        let prompt = AskpassPrompt(call.optionalOperand(0) ?? "")
        // ssh sets the variable where it wants a confirmation, or only shows something.
        guard prompt != .question, Places.variable("SSH_ASKPASS_PROMPT") == nil else {
            throw Complaint(
                .refused, "the prompt asks for yes or no, which no secret answers",
                hint: "answer it once on a terminal")
        }
        try ClientOutput.refuseTerminal()
        let door = try VaultAccess.door(call, for: .reading)
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(
                reference.name, reference.version, disabled: .refuse, at: Clock.now())
        }
        try refuseOtherPlace(prompt, opened.metadata)
        let field = try field(for: prompt, reference.field, of: opened)
        let value = try opened.value(of: field)
        try opened.refuseLineEnd(in: value.bytes, field)
        var line = SecretBytes(copying: value.bytes)
        line.append(UInt8(ascii: "\n"))
        try ClientOutput.write(line)
        return .ok
    }

    /// The address in git's prompt is that of the repository, which may name others, such as those
    /// of its submodules: what is kept for one host is not told to another.
    private static func refuseOtherPlace(
        _ prompt: AskpassPrompt, _ secret: Metadata
    ) throws(Complaint) {
        let asked: ServiceAddress?
        var username: String?
        switch prompt {
        case .username(let address): asked = address
        case .password(let address, let user): (asked, username) = (address, user)
        case .question, .other: return
        }
        let said = secret.addresses(.web)
        guard !said.isEmpty else { return }
        let isPlace = asked.map { asked in said.contains { $0.fit(asked) != nil } } ?? false
        let isUser = username == nil || secret.username == nil || username == secret.username
        guard isPlace, isUser else {
            throw Complaint(
                .refused,
                "\"\(secret.name)\" is kept for another host or user than the one asked for",
                hint: "`coffer show \(secret.name)` says which")
        }
    }

    private static func field(
        for prompt: AskpassPrompt, _ named: FieldName?, of opened: borrowing OpenedSecret
    ) throws(Complaint) -> FieldName {
        guard case .username = prompt else {
            return if let named { named } else { try opened.passwordField() }
        }
        guard opened.fields[LoginField.username] != nil else {
            throw Complaint(VaultError.fieldMissing(opened.metadata.name, LoginField.username))
        }
        return LoginField.username
    }
}

// `coffer init`: makes the vault and the keys that open it.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum InitCommand {
    static let newKeyFile = Option.one(
        "--new-key-file", "FILE", "make a key file (0600) that opens the vault too", .file)
    static let recoveryFile = Option.one(
        "--recovery-file", "FILE", "write a recovery code to a new file (0600)", .file)
    static let noRecovery = Option.flag("--no-recovery", "make no recovery code")
    static let noConfirm = Option.flag(
        "--no-confirm", "do not ask for a recovery code to be typed back")

    static let verb = Verb(
        words: "init", summary: "make a vault",
        details: [
            "Asks for a passphrase twice and offers a recovery code: a second key, on paper, for"
                + " the day on which the passphrase is forgotten. Nobody can open a vault without"
                + " one of its keys.",
            "A code that is shown is typed back once, to see that what was written down can be"
                + " read; --no-confirm leaves that out.",
            "Without a terminal the passphrase comes from --passphrase-file or --passphrase-fd."
                + " With --new-key-file and no passphrase, the key file is the only key.",
        ],
        options: [VerbTable.kdfMemory, newKeyFile, recoveryFile, noRecovery, noConfirm],
        examples: [
            Example("coffer init", "make the vault in the standard place"),
            Example(
                "coffer init --vault ci.db --new-key-file ci.key --no-recovery",
                "make a vault that a job opens with a key file"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let path = try VaultAccess.path(call)
        let parameters = try call.kdfParameters()
        let opening = [
            VerbTable.keyFile, VerbTable.recovery, VerbTable.recoveryShares, VerbTable.shareFile,
        ]
        if let option = opening.first(where: call.has) {
            throw Complaint(
                .usage, "`\(option.name)` opens a vault that is there",
                hint: "use --new-key-file FILE or --recovery-file FILE to make one")
        }
        if Places.exists(path) { throw Complaint(.vaultExists(path: path)) }
        var keys = try NewKeyTexts(call)
        let passphrase = try passphrase(call)
        let request = NewVaultRequest(
            path: path, parameters: parameters, passphrase: passphrase,
            keyFile: try keys.makeKeyFile(), recoveryCode: try keys.makeRecoveryCode())
        let obstacle = try Complaint.from { () throws(VaultError) in
            try Founding.create(
                request, at: Clock.now(), by: ThisProcess.caller(), memory: Places.state)
        }
        keys.keep()
        try Console.out("made the vault \(Escaped.path(path))\n")
        if let obstacle { VaultAccess.remark(on: obstacle) }
        return .ok
    }

    /// The passphrase of a new vault, or nil if a key file is to be its only key.
    private static func passphrase(_ call: Invocation) throws(Complaint) -> SecretBytes? {
        if let file = call.value(of: VerbTable.passphraseFile) {
            return try Intake.passphrase(file: file)
        }
        if let descriptor = call.value(of: VerbTable.passphraseDescriptor) {
            return try VaultAccess.passphrase(descriptor: descriptor)
        }
        if call.has(newKeyFile) { return nil }
        return try PassphrasePrompt.newPassphrase()
    }
}

/// Keys that are written down for a person before the vault that they open exists: whoever is
/// interrupted has a useless key, never a vault without its key. If anything fails, their files are
/// taken back.
struct NewKeyTexts {
    private var files: [NewFile] = []
    private let keyFile: String?
    private let recoveryFile: String?
    private let isRecoveryOffered: Bool
    private let confirming: Bool

    /// Refuses files that exist before anything is asked or made.
    init(_ call: Invocation) throws(Complaint) {
        keyFile = call.value(of: InitCommand.newKeyFile)
        recoveryFile = call.value(of: InitCommand.recoveryFile)
        if recoveryFile != nil, call.has(InitCommand.noRecovery) {
            throw Complaint(.usage, "`--recovery-file` and `--no-recovery` exclude each other")
        }
        for path in [keyFile, recoveryFile] { if let path { try NewFile.refuseTaken(path) } }
        let isScripted =
            call.has(VerbTable.passphraseFile)
            || call.has(VerbTable.passphraseDescriptor) || keyFile != nil
        isRecoveryOffered = !isScripted && !call.has(InitCommand.noRecovery)
        confirming = !call.has(InitCommand.noConfirm)
    }

    mutating func makeKeyFile() throws(Complaint) -> SecretBytes? {
        guard let keyFile else { return nil }
        return try makeKey(.keyFile, in: keyFile)
    }

    mutating func makeRecoveryCode() throws(Complaint) -> SecretBytes? {
        if let recoveryFile { return try makeKey(.recoveryCode, in: recoveryFile) }
        guard isRecoveryOffered,
            try Terminal.confirm("make a recovery code, a second key on paper?", default: .yes)
        else { return nil }
        return try Self.showNewCode(confirming: confirming)
    }

    /// Leaves the files where they are: their keys open a vault.
    func keep() { for file in files { file.keep() } }

    /// Writes a new key to a new file that only its owner reads.
    private mutating func makeKey(
        _ form: KeyForm, in path: String
    ) throws(Complaint) -> SecretBytes {
        let key = try Complaint.from { () throws(VaultError) in try Founding.newKey(as: form) }
        files.append(try NewFile(key, at: path))
        return key
    }

    /// Shows a new recovery code on the terminal until it is written down and, if that is to be
    /// confirmed, was typed back: a code that nobody can read is found out on the worst of days.
    static func showNewCode(confirming: Bool) throws(Complaint) -> SecretBytes {
        let code = try Complaint.from { () throws(VaultError) in
            try Founding.newKey(as: .recoveryCode)
        }
        while true {
            try Terminal.showUntilEnter("recovery code:", code)
            if !confirming { return code }
            if try isTypedBack(code) { return code }
            Console.warn("here it is again; ^C ends this, and nothing was made")
        }
    }

    private static func isTypedBack(_ code: borrowing SecretBytes) throws(Complaint) -> Bool {
        for _ in 0..<3 {
            let typed = try Terminal.readHidden(prompt: "type it back")
            if Founding.isSameKey(code, typed) { return true }
            Console.warn("that is not the code")
        }
        return false
    }
}

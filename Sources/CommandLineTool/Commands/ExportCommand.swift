// `coffer export`: secrets in plain text, for another program and never for a file of ours.

internal import AgentService
internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum ExportCommand {
    static let recipient = Option.many(
        "--age-recipient", "R", "encrypt to this age recipient, such as age1… or ssh-ed25519 …")
    static let recipientsFile = Option.many(
        "--age-recipients-file", "FILE", "encrypt to the age recipients in a file", .file)
    static let passphrase = Option.flag(
        "--age-passphrase", "have age ask for a passphrase and encrypt with it")
    static let plain = Option.flag(
        "--plain", "write plain text to a pipe; to a terminal with --show too")
    static let prefix = Option.one("--prefix", "PREFIX", "only names that begin so")

    static let verb = Verb(
        words: "export", summary: "hand out all secrets, encrypted by age",
        details: [
            "One JSON object a line, as `coffer import --json-lines` reads it, with the current"
                + " version of each secret. The lines go through a pipe into the program age, which"
                + " writes FILE (0600, never over another) or standard output. Disabled secrets are"
                + " exported as such, removed ones are not; versions before the current one and"
                + " dates of creation are not in it. A last line has how many there were, so that"
                + " an import sees whether all are there. To keep a whole vault, use"
                + " `coffer backup`.",
            "The export is entered in the audit log as one use, before the first value leaves. A"
                + " secret that needs a reason makes the export need one. Exit code 5 if something"
                + " is damaged; everything else is exported then.",
        ],
        operands: [.optional("FILE", .file)],
        options: [recipient, recipientsFile, passphrase, plain, GetCommand.show, prefix],
        examples: [
            Example("coffer export secrets.age --age-recipient age1…", "for another machine"),
            Example("coffer export --plain --prefix zpa/ | other-tool import", "to another tool"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let keys = try ageOptions(call)
        if call.has(plain) {
            guard keys.isEmpty else {
                throw Complaint(.usage, "`--plain` and age's options exclude each other")
            }
            try checkPlain(call)
            let session = try VaultAccess.unlocked(call, for: .reading)
            let damage = try write(session, call) { line throws(Complaint) in
                try OutputSink.standardOutput.write(line)
            }
            if let damage { throw damage }
            return .ok
        }
        guard !keys.isEmpty else {
            throw Complaint(
                .usage, "an export is encrypted by age: to whom?",
                hints: [
                    "--age-recipient R, --age-recipients-file FILE or --age-passphrase",
                    "--plain writes plain text to a pipe",
                ])
        }
        return try encrypt(keys, call)
    }

    /// What age is to be told.
    private static func ageOptions(_ call: Invocation) throws(Complaint) -> [String] {
        var words: [String] = []
        for recipient in call.values(of: recipient) {
            guard !recipient.uppercased().hasPrefix("AGE-SECRET-KEY"), !recipient.isEmpty else {
                throw Complaint(
                    .usage, "`--age-recipient` needs the public half of a key",
                    hints: [
                        "`age-keygen -y FILE` prints it",
                        "what was typed may now be in the shell's history",
                    ])
            }
            words += ["-r", recipient]
        }
        for file in call.values(of: recipientsFile) { words += ["-R", file] }
        if call.has(passphrase) {
            guard words.isEmpty else {
                throw Complaint(.usage, "age encrypts to a passphrase or to recipients, not both")
            }
            words = ["-p"]
        }
        return words
    }

    /// Plain text goes to whoever reads it now, not to a disk.
    private static func checkPlain(_ call: Invocation) throws(Complaint) {
        if call.optionalOperand(0) != nil {
            throw Complaint(
                .usage, "plain text is not written to a file",
                hint: "pipe it on, or let age encrypt it: --age-recipient R")
        }
        if OutputSink.standardOutput.isTerminal, !call.has(GetCommand.show) {
            throw Complaint(
                .refused, "values are not printed on a terminal unasked",
                hint: "add --show, or send them on: `coffer export --plain | …`")
        }
        var status = stat()
        if unsafe fstat(1, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            throw Complaint(
                .refused, "plain text is not written to a file, and standard output is one",
                hint: "pipe it on, or let age encrypt it: --age-recipient R")
        }
    }

    private static func encrypt(_ keys: [String], _ call: Invocation) throws(Complaint) -> ExitCode
    {
        let path = call.optionalOperand(0)
        if let path {
            try NewFile.refuseTaken(path)
        } else if OutputSink.standardOutput.isTerminal {
            throw Complaint(
                .usage, "what age writes is not for a terminal",
                hint: "name a file: `coffer export FILE …`")
        }
        let program = try AgeProgram.find()
        let session = try VaultAccess.unlocked(call, for: .reading)
        let file = try path.map { path throws(Complaint) in try EncryptedFile(for: path) }
        var age = try AgeProgram(program, keys, output: file?.descriptor ?? 1)
        let damage: Complaint?
        do throws(Complaint) {
            damage = try write(session, call) { line throws(Complaint) in try age.write(line) }
        } catch {
            age.giveUp()
            throw error
        }
        try age.finish()
        try file?.requireEncrypted()
        try file?.keep()
        if let damage { throw damage }
        return .ok
    }

    /// Puts a line for each secret; returns what is to be said of those that are damaged.
    private static func write(
        _ session: Session, _ call: Invocation,
        _ put: (Span<UInt8>) throws(Complaint) -> Void
    ) throws(Complaint) -> Complaint? {
        let prefix = call.value(of: prefix) ?? ""
        var failure: Complaint?
        let tally: ExportTally
        do throws(VaultError) {
            tally = try session.export(prefix: prefix, at: Clock.now()) { opened in
                do throws(Complaint) {
                    let line = ExportLine.text(opened)
                    try put(line.bytes)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch { throw failure ?? Complaint(error) }
        // Without it whoever reads could not tell a whole export from the beginning of one.
        try put(Array("\(JSONLine.end(count: tally.count))\n".utf8).span)
        for name in tally.valueless { Console.warn("\"\(name)\" has no current version") }
        guard tally.damaged.isEmpty else { return damaged(tally) }
        Console.note("exported \(Count.of(tally.count, "secret"))")
        return nil
    }

    private static func damaged(_ tally: ExportTally) -> Complaint {
        for object in tally.damaged { Console.warn("not exported: \(object.words)") }
        return Complaint(
            .integrity,
            "the vault is damaged or was tampered with;"
                + " \(Count.of(tally.count, "secret")) could be exported all the same",
            hint: "keep this file and restore a copy beside it")
    }
}

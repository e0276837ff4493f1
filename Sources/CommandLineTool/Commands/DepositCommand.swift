// `coffer deposit`: a secret for a vault that is locked, or on another host.
//
// Whoever deposits needs no key, and cannot open what was deposited.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum DepositCommand {
    static let address = Option.one(
        "--to", "KEY|FILE", "seal for the vault of this deposit key, which need not be here", .file)
    static let output = Option.one(
        "--out", "FILE", "with --to: write the capsule to a new file (0600)", .file)

    static let verb = Verb(
        words: "deposit", summary: "store a secret in a vault without opening it",
        details: [
            "Takes the secret in as `coffer capture` does, seals it to the vault's public key and"
                + " lays it into the inbox. When the vault is next opened it becomes a pending"
                + " version, which `coffer inbox accept` puts into use; it never replaces"
                + " anything by itself. It is stored beside a secret of that name (NAME+2) if it"
                + " says something else of it, or asks for a stricter rule.",
            "The public key must be the one that this machine saw when the vault was last open:"
                + " whoever can write the file could have put another one into it.",
            "With --to it is sealed for a vault elsewhere, and printed as a capsule: a text that"
                + " only that vault can open, for `coffer capsule import`.",
        ],
        operands: [.required("NAME")],
        options: [
            CaptureCommand.issuer, CaptureCommand.set, CaptureCommand.label, CaptureCommand.tag,
            CaptureCommand.expires, CaptureCommand.maximumAge, EditCommand.requireReason,
            EditCommand.requireGrant,
            CaptureCommand.stdin, CaptureCommand.field, CaptureCommand.jsonInput,
            CaptureCommand.csvInput, CaptureCommand.clipboard, CaptureCommand.watch, address,
            output, VerbTable.yes,
        ],
        trailing: .optional,
        examples: [
            Example("coffer deposit aws/ci --json key.json", "the vault stays locked"),
            Example(
                "coffer deposit db/root --stdin --to vault.key > db.capsule",
                "on a host that has only the deposit key"),
        ],
        run: run)

    static let key = Verb(
        words: "deposit-key", summary: "print the public key that deposits are sealed to",
        details: ["No secret: with it a secret can be sealed for this vault, not opened."],
        examples: [
            Example("coffer deposit-key > vault.key", "for `coffer deposit --to vault.key`")
        ],
        run: printKey)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        try CaptureCommand.refuseSecret(asName: name)
        let way = try CaptureWay(call)
        let intake = try CaptureIntake(call, name, .standard, way, now: Clock.now())
        guard let text = call.value(of: address) else {
            guard !call.has(output) else { throw Complaint(.usage, "`--out` needs `--to`") }
            let session = try VaultAccess.locked(call, for: .changing)
            return try lay(intake, way, in: session)
        }
        return try seal(intake, way, for: try reading(text), call)
    }

    /// Lays what is taken in into the inbox of a vault that stays locked.
    static func lay(
        _ intake: CaptureIntake, _ way: CaptureWay, in session: Session
    ) throws(Complaint) -> ExitCode {
        let address = try Complaint.from { () throws(VaultError) in
            try session.preflightDeposit()
        }
        let captured = try intake.take(by: way)
        let patience = Patience(for: session)
        let receipt: DepositReceipt
        do throws(VaultError) {
            receipt = try patience.whileBusy { () throws(VaultError) in
                try session.deposit(captured.draft, captured.secrets, at: Clock.now())
            }
        } catch {
            captured.messages.show(hiding: captured.secrets)
            throw CapsuleHandout.complaint(captured, for: address, because: Complaint(error))
        }
        try Console.out(DepositWords.deposited(captured.draft.name, receipt))
        try Console.flush()
        captured.speak()
        CaptureCommand.remark(on: way)
        try CaptureCommand.finish(captured.ending, session)
        return .ok
    }

    private static func seal(
        _ intake: CaptureIntake, _ way: CaptureWay, for address: DepositAddress,
        _ call: Invocation
    ) throws(Complaint) -> ExitCode {
        if let path = call.value(of: output) { try NewFile.refuseTaken(path) }
        try Complaint.from { () throws(VaultError) in try Sealer.preflight(address) }
        let captured = try intake.take(by: way)
        let capsule: Capsuled
        do throws(VaultError) {
            capsule = try Sealer.capsule(
                captured.draft, captured.secrets, to: address, at: Clock.now())
        } catch { throw Complaint(error) }
        do throws(Complaint) { try write(capsule, call) } catch {
            throw CapsuleHandout.complaint(captured, as: capsule, because: error)
        }
        captured.speak()
        CaptureCommand.remark(on: way)
        try CaptureCommand.finish(captured.ending, nil)
        return .ok
    }

    private static func write(_ capsule: Capsuled, _ call: Invocation) throws(Complaint) {
        guard let path = call.value(of: output) else {
            return try OutputSink.standardOutput.write(capsule.text.span)
        }
        try NewFile(SecretBytes(copying: capsule.text.span), at: path).keep()
        try Console.out("sealed a capsule\n\(text(capsule.receipt))")
        try Console.flush()
    }

    static func text(_ receipt: DepositReceipt) -> String {
        Columns.text([
            ("deposit", receipt.id.description),
            ("receipt", receipt.fingerprint.map { Hexadecimal.text($0) }.joined()),
        ])
    }

    private static func reading(_ text: String) throws(Complaint) -> DepositAddress {
        if let address = Sealer.address(Array(text.utf8)) { return address }
        guard !text.hasPrefix("coffer-deposit-"),
            let address = Sealer.address(Array(try SmallFile.text(text, atMost: 1_024).utf8))
        else {
            throw Complaint(
                .usage, "this is no deposit key, or a mistyped one",
                hint: "`coffer deposit-key` prints it where the vault is")
        }
        return address
    }

    private static func printKey(_ call: Invocation) throws(Complaint) -> ExitCode {
        let session = try VaultAccess.locked(call, for: .reading)
        let address = try Complaint.from { () throws(VaultError) in try session.depositAddress() }
        try Console.out(Sealer.text(of: address) + "\n")
        return .ok
    }
}

/// A byte as two digits.
enum Hexadecimal {
    static func text(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 2 ? digits : "0" + digits
    }
}

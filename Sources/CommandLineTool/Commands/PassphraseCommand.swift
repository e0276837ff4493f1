// `coffer passphrase`: changes the passphrase.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum PassphraseCommand {
    static let newFile = Option.one(
        "--new-passphrase-file", "FILE", "read the new passphrase from a file (0600)", .file)

    static let same = Option.flag(
        "--same", "keep the passphrase, and seal the vault under it anew at the cost of now")

    static let verb = Verb(
        words: "passphrase", summary: "change the passphrase",
        details: [
            "Opened with the passphrase, that one is replaced. Opened with a key file or the"
                + " recovery code, the vault's only passphrase is replaced, or one is added if"
                + " there is none.",
            "Whoever has a copy of the old file and the old passphrase can still open that copy.",
            "--same raises the cost of guessing the passphrase, to the standard one or to"
                + " --kdf-memory; `coffer doctor` says where it is low.",
        ],
        options: [newFile, same, VerbTable.kdfMemory],
        examples: [
            Example("coffer passphrase", "asks for the old one and twice for the new one"),
            Example("coffer passphrase --recovery", "the old one is forgotten"),
            Example("coffer passphrase --same", "the same one, harder to guess from a copy"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let parameters = try call.kdfParameters()
        guard !call.has(same) || !call.has(newFile) else {
            throw Complaint(.usage, "`--same` and `--new-passphrase-file` exclude each other")
        }
        let session = try VaultAccess.locked(call, for: .changing)
        let key = try VaultAccess.offer(call, to: session)
        // The old key is proved before a new passphrase is asked for.
        try VaultAccess.unlock(session, with: key, call)
        if call.has(same) { return try reseal(session, key, parameters) }
        let target = try target(
            key,
            try Complaint.from { () throws(VaultError) in
                try session.seenSlots()
            })
        if target == .none { try SlotCommands.requireFreeSlot(session) }
        let new = KeyOffer.passphrase(try newPassphrase(call))
        let rows = try Complaint.from { () throws(VaultError) -> OldRows in
            switch target {
            case .opened:
                return try session.replaceSlot(
                    nil, by: new, openedBy: key, parameters: parameters, at: Clock.now())
            case .slot(let seen):
                return try session.replaceSlot(
                    seen, by: new, openedBy: key, parameters: parameters, at: Clock.now())
            case .none:
                _ = try session.addSlot(
                    for: new, openedBy: key, parameters: parameters, at: Clock.now())
                return .gone
            }
        }
        try Console.out("changed the passphrase\n")
        Console.remark(on: rows)
        return .ok
    }

    /// Seals a slot anew under the passphrase that opened it.
    private static func reseal(
        _ session: Session, _ key: borrowing KeyOffer, _ parameters: KDFParameters
    ) throws(Complaint) -> ExitCode {
        switch key {
        case .passphrase: break
        case .rawKey:
            throw Complaint(
                .usage, "`--same` needs the passphrase itself",
                hint: "a key file or recovery code has no cost to raise")
        }
        let rows = try Complaint.from { () throws(VaultError) in
            try session.replaceSlot(
                nil, by: key, openedBy: key, parameters: parameters, at: Clock.now())
        }
        try Console.out("sealed the vault anew under the same passphrase\n")
        Console.remark(on: rows)
        return .ok
    }

    static func newPassphrase(_ call: Invocation) throws(Complaint) -> SecretBytes {
        if let file = call.value(of: newFile) { return try Intake.passphrase(file: file) }
        return try PassphrasePrompt.newPassphrase()
    }

    /// Which slot the new passphrase replaces.
    private enum Target: Hashable {
        case opened
        case slot(SeenSlot)
        case none
    }

    private static func target(
        _ key: borrowing KeyOffer, _ slots: [SeenSlot]
    ) throws(Complaint) -> Target {
        switch key {
        case .passphrase: return .opened
        case .rawKey:
            let slots = slots.filter { $0.kind == .passphrase }
            guard slots.count <= 1 else {
                throw Complaint(
                    .failed, "this vault has several passphrases",
                    hint: "use `coffer slot add` and `coffer slot remove`")
            }
            return slots.first.map(Target.slot) ?? .none
        }
    }
}

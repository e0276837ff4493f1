// Every verb, in the order in which help shows them.

/// The table from which parsing, help, reference and completions are made.
enum VerbTable {
    /// A heading of the help and the verbs under it.
    struct Chapter: Sendable {
        let title: String
        let verbs: [Verb]
    }

    static let chapters = [
        Chapter(
            title: "Storing and using secrets",
            verbs: [
                InitCommand.verb, CaptureCommand.verb, GetCommand.verb, RunCommand.verb,
                InjectCommand.verb, CopyCommand.verb, TokenCommand.verb, ImportCommand.verb,
            ]),
        Chapter(
            title: "Keeping the vault open",
            verbs: [
                UnlockCommands.unlock, UnlockCommands.lock, UnlockCommands.status,
                AgentCommand.verb, WithAgentCommand.verb,
            ]),
        Chapter(
            title: "Answering other programs",
            verbs: [
                GitCommand.verb, DockerCommand.verb, AWSCommand.verb, KubernetesCommand.verb,
                AskpassCommand.verb,
            ]),
        Chapter(
            title: "While the vault is locked",
            verbs: [
                DepositCommand.verb, DepositCommand.key, InboxCommands.list, InboxCommands.accept,
                SetAsideCommands.show, SetAsideCommands.retry, SetAsideCommands.export,
                SetAsideCommands.discard,
                CapsuleCommands.take, CapsuleCommands.show,
            ]),
        Chapter(
            title: "Jobs without a person",
            verbs: [
                JobCommands.add, JobCommands.list, JobCommands.remove, DeliverCommand.verb,
                GrantCommands.add, GrantCommands.list, GrantCommands.revoke,
            ]),
        Chapter(
            title: "Looking after them",
            verbs: [
                ListCommand.verb, ShowCommand.verb, EditCommand.verb, RenameCommand.verb,
                StatusCommands.enable, StatusCommands.disable, RemovalCommands.rm,
                RemovalCommands.undelete, RemovalCommands.purge,
            ]),
        Chapter(
            title: "Replacing keys",
            verbs: [
                RotateCommand.verb, CompromisedCommand.verb, HistoryCommand.verb,
                RollbackCommand.verb, MigrateCommand.verb,
            ]),
        Chapter(
            title: "Who used them, what is due",
            verbs: [
                AuditLogCommand.verb, AuditVerifyCommand.verb, AuditKeysCommand.verb,
                AuditHealthCommand.verb, AuditReportCommand.verb, DueCommand.verb,
                AuditReceiptCommand.verb,
                AuditForwardCommand.verb,
            ]),
        Chapter(
            title: "Keys of the vault",
            verbs: [
                PassphraseCommand.verb, SlotCommands.list, SlotCommands.add, SlotCommands.remove,
                RekeyCommand.verb,
                SlotSheetCommands.export, SlotSheetCommands.import, RecoveryCommand.split,
            ]),
        Chapter(
            title: "Copies of the vault",
            verbs: [BackupCommand.verb, RestoreCommand.verb, ExportCommand.verb]),
        Chapter(
            title: "Issuers and this machine",
            verbs: [
                IssuerCommands.list, IssuerCommands.show, IssuerCommands.check, DoctorCommand.verb,
                CompletionsCommand.verb, ReferenceCommand.verb,
            ]),
    ]

    static let verbs = chapters.flatMap(\.verbs)

    /// The verb of these words. A table of its own, because making all verbs takes longer than most
    /// commands.
    static func verb(_ words: String) -> Verb? {
        switch words {
        case "get": GetCommand.verb
        case "run": RunCommand.verb
        case "inject": InjectCommand.verb
        case "copy": CopyCommand.verb
        case "token": TokenCommand.verb
        case "capture": CaptureCommand.verb
        case "list": ListCommand.verb
        case "show": ShowCommand.verb
        case "helper": nil
        case "helper git": GitCommand.verb
        case "helper docker": DockerCommand.verb
        case "helper aws": AWSCommand.verb
        case "helper kubernetes": KubernetesCommand.verb
        case "helper askpass": AskpassCommand.verb
        default: verbs.first { $0.words == words }
        }
    }

    static let vault = Option.one(
        "--vault", "PATH", "the vault, instead of $COFFER_VAULT or the standard place", .file)
    static let passphraseFile = Option.one(
        "--passphrase-file", "FILE", "read the passphrase from a file (0600)", .file)
    static let passphraseDescriptor = Option.one(
        "--passphrase-fd", "N", "read the passphrase from descriptor N")
    static let keyFile = Option.one("--key-file", "FILE", "open with a key file (0600)", .file)
    static let recovery = Option.flag(
        "--recovery", "open with the recovery code, typed at a prompt")

    static let recoveryShares = Option.flag(
        "--recovery-shares", "open with shares of a key, typed at prompts")
    static let shareFile = Option.many(
        "--share-file", "FILE", "open with shares of a key, one in a file (0600)", .file)

    static let acceptRollback = Option.flag(
        "--accept-rollback", "take an older state of the vault as it is, once, and log that")

    /// Options that every verb takes, before it or behind it.
    static let globalOptions = [
        vault, passphraseFile, passphraseDescriptor, keyFile, recovery, recoveryShares, shareFile,
        Asker.reason, acceptRollback,
    ]

    /// Options that several verbs share.
    static let json = Option.flag("--json", "print JSON")
    static let yes = Option.flag("--yes", "answer yes to every question")
    static let allowDisabled = Option.flag("--allow-disabled", "use a disabled secret all the same")
    static let kdfMemory = Option.one(
        "--kdf-memory", "SIZE",
        "memory of the passphrase's key derivation, 64MiB to 4GiB (default 256MiB)")

    static var parser: CommandLineParser {
        CommandLineParser(globalOptions: globalOptions)
    }
}

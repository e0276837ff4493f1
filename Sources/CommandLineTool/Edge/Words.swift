// Every way in which the vault can fail, in words: exhaustive, so that a new one cannot be mute.

internal import Glibc
internal import VaultModel

extension Complaint {
    init(_ error: VaultError) {
        switch error {
        case .locked, .wrongKey, .unusableKey, .unusablePassphrase: self = Self.key(error)
        case .vaultMissing, .secretMissing, .fieldMissing, .versionMissing, .slotMissing, .removed,
            .versionDestroyed:
            self = Self.missing(error)
        case .unusableSheet(let defect): self = Self.sheet(defect)
        case .tampered(let object): self = Self.tampered(object)
        case .rolledBack(let rollback): self = Self.rolledBack(rollback)
        case .notLogged(let path, let obstacle): self = Self.notLogged(path, obstacle)
        case .logBroken(let number, let defect): self = Self.logBroken(number, defect)
        case .receiptDiffers(let receipt): self = Self.receiptDiffers(receipt)
        case .refusedFormat(let path, let defect): self = Self.format(path, defect)
        case .notACapsule(let defect): self = Self.capsule(defect)
        case .unsafeFile(let path, let defect): self = Self.unsafeFile(path, defect)
        case .memoryClosed(let path, let code): self = Self.memoryClosed(path, code)
        case .vaultExists, .nameTaken, .nameTakenByRemoved, .disabled, .reasonMissing, .notRemoved,
            .managedElsewhere, .fieldAmbiguous, .fieldIsSecret, .lastSlot, .noFreeSlot, .abandoned,
            .versionNotPending, .depositKeyUnknown:
            self = Self.refused(error)
        case .jobMissing, .jobTaken, .notDelivered, .deliveryExpired, .unusableIdentity,
            .foreignIdentity, .policyFull:
            self = JobWords.complaint(error)
        case .grantMissing, .notGranted, .interpreter: self = GrantWords.complaint(error)
        case .rotationRunning, .rotationMoved, .rotationUnfit:
            self = RotationWords.complaint(error)
        case .depositMissing, .depositDiffers, .depositSetAside, .pendingAmbiguous:
            self = DepositWords.complaint(error)
        case .valueTooLong, .valueEmpty, .metadataTooLong, .tooManyVersions, .io, .storage,
            .diskFull, .noMemory, .noRandomness, .readBackDiffers, .busy,
            .slotsChanged, .rekeyed:
            self = Self.notStored(error)
        case .agentRefused(let defect): self = Self.agent(defect)
        case .agentLost, .agentRunning, .agentSocket: self = Self.agent(error)
        }
    }

    private static func key(_ error: VaultError) -> Complaint {
        switch error {
        case .locked:
            Complaint(.locked, "the vault is locked", hint: "`coffer unlock` opens it")
        case .unusableKey:
            Complaint(
                .locked, "this is no key file and no recovery code",
                hint: "a code has 56 letters and digits; one may be mistyped")
        case .unusablePassphrase(let defect):
            switch defect {
            case .empty: Complaint(.usage, "the passphrase is empty")
            case .tooLong: Complaint(.usage, "the passphrase is longer than 1,024 bytes")
            case .holdsNUL: Complaint(.usage, "the passphrase holds a NUL byte")
            case .invalidUTF8: Complaint(.usage, "the passphrase is not valid UTF-8")
            }
        default:
            Complaint(
                .locked, "wrong passphrase or key",
                hint: "`coffer slot list` shows which kinds of key this vault has")
        }
    }

    private static func missing(_ error: VaultError) -> Complaint {
        switch error {
        case .vaultMissing(let path):
            Complaint(
                .notFound, "there is no vault at \(Escaped.path(path))",
                hint: "`coffer init` makes one; --vault or COFFER_VAULT names another place")
        case .fieldMissing(let name, let field):
            Complaint(
                .notFound, "\"\(name)\" has no field \"\(field)\"",
                hint: "`coffer show \(name)` lists them")
        case .versionMissing(let name, .current):
            Complaint(
                .notFound, "\"\(name)\" has no current version",
                hint: "`coffer inbox accept \(name)` puts a pending one into use")
        case .versionMissing(let name, let version):
            Complaint(
                .notFound, "\"\(name)\" has no version \(version)",
                hint: "`coffer show \(name)` lists them")
        case .versionDestroyed(let name, let number):
            Complaint(.notFound, "version \(number) of \"\(name)\" is destroyed")
        case .slotMissing(let number):
            Complaint(
                .notFound, "there is no slot \(number)", hint: "`coffer slot list` lists them")
        case .removed(let name):
            Complaint(
                .notFound, "\"\(name)\" is removed",
                hint: "`coffer undelete \(name)` brings it back")
        case .secretMissing(let name):
            Complaint(
                .notFound, "there is no secret \"\(name)\"", hint: "`coffer list` lists the names")
        default: Complaint(.notFound, "not found")
        }
    }

    private static func tampered(_ object: DamagedObject) -> Complaint {
        if case .deposit(let id) = object {
            return Complaint(
                .integrity, "deposit \(id) is for another vault, or was edited",
                hint: "nothing was taken in; keep it")
        }
        if case .delivery = object {
            return Complaint(.integrity, object.words, hint: JobWords.again)
        }
        guard object == .slots else { return damaged(object.words) }
        return Complaint(
            .integrity, "the vault is damaged or was tampered with: \(object.words)",
            hints: [
                "`coffer slot import FILE` puts a slot back from its sheet",
                "keep this file and restore a copy beside it",
            ])
    }

    private static func rolledBack(_ rollback: Rollback) -> Complaint {
        Complaint(
            .rollback, "the vault is older than last seen (\(rollback.words))",
            hints: [
                "look for the newer file; secrets that were stored since are only there",
                "--accept-rollback takes this one as it is, once, and logs that",
            ])
    }

    private static func logBroken(_ number: UInt64, _ defect: AuditDefect) -> Complaint {
        let what =
            switch defect {
            case .gap: "entry \(number) is missing"
            case .link: "entry \(number) is not what was written"
            case .seal: "the seal behind entry \(number) is not by the key that was to sign it"
            case .end: "it ends at entry \(number), before what is said of it"
            case .ahead: "entry \(number) tells of a change that the vault does not have"
            case .key: "after entry \(number) the signing key is another than the last seal names"
            case .index: "its index does not list every entry"
            }
        return Complaint(
            .integrity, "the audit log is not whole: \(what)",
            hint: "what was sealed before it is as it was written")
    }

    private static func receiptDiffers(_ receipt: AuditReceipt) -> Complaint {
        Complaint(
            .rollback,
            "the vault is not what the receipt says: generation \(receipt.generation),"
                + " \(receipt.entries) log entries",
            hint: "it is older than the receipt, went on from an older copy, or is another vault")
    }

    private static func notLogged(_ path: String, _ obstacle: LogObstacle) -> Complaint {
        let why =
            switch obstacle {
            case .diskFull: "there is no space"
            case .readOnly: "it can only be read"
            case .io(let code): SystemError.words(code)
            }
        var hints = ["--break-glass shows a value on a terminal all the same, and leaves a mark"]
        if obstacle == .readOnly {
            hints.append("`coffer restore FILE --vault PATH` puts a copy where it can be written")
        }
        return Complaint(
            .refused,
            "nothing is released, since the log in \(Escaped.path(path)) cannot be written: \(why)",
            hints: hints)
    }

    /// Descriptions that a list leaves out.
    static func descriptions(_ damaged: Int) -> Complaint {
        Self.damaged("\(damaged) not listed, whose description does not fit its seal")
    }

    private static func damaged(_ what: String) -> Complaint {
        Complaint(
            .integrity, "the vault is damaged or was tampered with: \(what)",
            hint: "nothing was changed; keep this file and restore a copy beside it")
    }

    private static func capsule(_ defect: CapsuleDefect) -> Complaint {
        switch defect {
        case .unmarked:
            Complaint(
                .format, "there is no capsule in it",
                hint: "it begins with -----BEGIN COFFER CAPSULE----- and ends with END")
        case .malformed:
            Complaint(.format, "the capsule holds what no capsule has", hint: "copy it again")
        case .checksum:
            Complaint(
                .integrity, "the capsule was damaged on the way: its checksum differs",
                hint: "copy it again; nothing was taken in")
        }
    }

    private static func format(_ path: String, _ defect: FormatDefect) -> Complaint {
        let path = Escaped.path(path)
        switch defect {
        case .notAVault: return Complaint(.format, "\(path) is not a vault")
        case .truncated: return Complaint(.format, "\(path) is empty or cut short")
        case .newerVersion:
            return Complaint(
                .format, "\(path) was written by a newer coffer", hint: "install that release")
        case .unknownSuite, .unknownSlotKind, .unknownFlags:
            return Complaint(
                .format, "\(path) is sealed in a way that this coffer does not know",
                hint: "a newer release may; if there is none, the file was tampered with")
        case .schemaDiffers:
            return Complaint(
                .format, "\(path) holds tables that no vault has",
                hint: "the file was tampered with or is another program's")
        case .plantedJournal:
            return Complaint(
                .format, "beside \(path) lies a journal, which no vault has",
                hint: "look at \(path)-journal and move it away")
        case .kdfOutOfBounds:
            return Complaint(
                .format, "\(path) asks for a key derivation outside the safe bounds",
                hint: "the file was tampered with, or this machine has too little memory")
        }
    }

    private static func unsafeFile(_ path: String, _ defect: FileDefect) -> Complaint {
        let path = Escaped.path(path)
        switch defect {
        case .symbolicLink: return Complaint(.refused, "\(path) is a symbolic link")
        case .notRegular: return Complaint(.refused, "\(path) is not a regular file")
        case .notDirectory: return Complaint(.refused, "\(path) is not a directory")
        case .foreignOwner: return Complaint(.refused, "\(path) belongs to another user")
        case .leftOver:
            return Complaint(
                .refused, "\(path) was left behind by a vault that is gone",
                hint: "move it away: a new vault would take it for its own")
        case .hardLinked: return Complaint(.refused, "\(path) has a second name (hard link)")
        case .openToOthers(let mode):
            return Complaint(
                .refused, "others may read or write \(path)",
                hint: "chmod \(String(mode, radix: 8)) \(path)")
        case .networkFileSystem:
            return Complaint(
                .refused, "\(path) is on a network file system, whose locks cannot be relied on",
                hint: "keep the vault on a local disk")
        }
    }

    private static func memoryClosed(_ path: String, _ code: Int32) -> Complaint {
        Complaint(
            .refused,
            "what this machine remembers of the vault cannot be looked at, so that an older one"
                + " would not be noticed: \(Escaped.path(path)): \(SystemError.words(code))",
            hint: "open its folder to yourself, or name another one in XDG_STATE_HOME")
    }

    private static func refused(_ error: VaultError) -> Complaint {
        switch error {
        case .vaultExists(let path):
            Complaint(
                .failed, "there is a vault at \(Escaped.path(path)) already",
                hint: "nothing was changed; --vault PATH makes another one")
        case .nameTaken(let name):
            Complaint(
                .failed, "\"\(name)\" exists already",
                hint: "--replace stores a new version of it")
        case .nameTakenByRemoved(let name):
            Complaint(
                .failed, "\"\(name)\" is taken by a removed secret",
                hint: "`coffer undelete \(name)` or `coffer purge \(name)`")
        case .disabled(let name):
            Complaint(
                .refused, "\"\(name)\" is disabled",
                hint: "`coffer enable \(name)`, or --allow-disabled for once")
        case .reasonMissing(let name):
            Complaint(
                .refused, "\"\(name)\" is used only by those who say why",
                hint: "--reason TEXT says it, and the audit log keeps it")
        case .notRemoved(let name): Complaint(.failed, "\"\(name)\" is not removed")
        case .managedElsewhere(let name):
            Complaint(
                .refused, "\"\(name)\" is managed elsewhere and read-only here",
                hint: "`coffer edit \(name) --managed here` changes that")
        case .fieldAmbiguous(let name, let fields):
            Complaint(
                .usage, "\"\(name)\" has several secret fields",
                hint: "name one: \(fields.map { "\(name)#\($0)" }.joined(separator: ", "))")
        case .fieldIsSecret(let name, let field):
            Complaint(
                .usage, "\"\(field)\" is a secret field of \"\(name)\"",
                hint: "`coffer capture \(name) --replace` stores a new version")
        case .versionNotPending(let name):
            Complaint(
                .failed, "\"\(name)\" has no such pending version",
                hint: "`coffer inbox list` lists them")
        case .depositKeyUnknown:
            Complaint(
                .refused, "this machine has not seen the vault's deposit key",
                hint: "open the vault once here, or name the key: `coffer deposit --to KEY`")
        case .lastSlot:
            Complaint(
                .failed, "this is the last key of the vault", hint: "add another one first")
        case .noFreeSlot:
            Complaint(
                .failed, "all \(KeySlotSummary.most) slots are taken",
                hint: "`coffer slot remove N` frees one")
        default: Complaint(.failed, "given up; nothing was changed")
        }
    }

    private static func notStored(_ error: VaultError) -> Complaint {
        switch error {
        case .valueTooLong:
            Complaint(.notStored, "NOT stored: the value is longer than 16 MiB")
        case .valueEmpty: Complaint(.usage, "the value is empty; nothing was stored")
        case .metadataTooLong:
            Complaint(.usage, "a label, field or tag is too long, or there are too many")
        case .tooManyVersions(let name):
            Complaint(.notStored, "NOT stored: \"\(name)\" has too many versions")
        case .io(let operation, let path, let code):
            Complaint(
                .notStored,
                "cannot \(operation.words) \(Escaped.path(path)): \(SystemError.words(code))")
        case .storage(let code): Complaint(.notStored, "the storage failed (SQLite \(code))")
        case .diskFull(let path, let needed):
            Complaint(
                .notStored, "there is too little space at \(Escaped.path(path))",
                hint: needed.map { "this needs \($0.mebibytes) MiB free" }
                    ?? "free some, and try again")
        case .noMemory(let mebibytes):
            Complaint(
                .notStored,
                mebibytes == 0
                    ? "out of memory" : "the key derivation needs \(mebibytes) MiB of memory")
        case .noRandomness: Complaint(.notStored, "the system gives no random numbers")
        case .readBackDiffers:
            Complaint(
                .notStored, "NOT stored: what was read back is not what was written",
                hint: "the disk or its file system is failing")
        case .busy(let path):
            Complaint(
                .busy, "another process is changing \(Escaped.path(path))", hint: "try again")
        case .rekeyed(let path):
            Complaint(
                .busy, "another process gave \(Escaped.path(path)) new keys meanwhile",
                hint: "try again")
        case .slotsChanged(let path):
            Complaint(
                .busy, "another process changed the key slots of \(Escaped.path(path)) meanwhile",
                hint: "look at `coffer slot list`, then try again")
        default: Complaint(.notStored, "not stored")
        }
    }
}

extension UInt64 {
    /// Rounded up.
    fileprivate var mebibytes: UInt64 { self / 1_048_576 + (self % 1_048_576 == 0 ? 0 : 1) }
}

extension Rollback {
    /// How the one stands to the other.
    var words: String {
        switch self {
        case .generation(let found, let seen): "generation \(found) < \(seen)"
        case .entries(let found, let seen): "\(found) log entries < \(seen)"
        case .forked: "it went on from an older copy"
        }
    }
}

extension IOOperation {
    fileprivate var words: String {
        switch self {
        case .makeDirectory: "make the directory"
        default: "\(self)"
        }
    }
}

/// What the system says about an error number.
enum SystemError {
    static func words(_ code: Int32) -> String {
        guard code != 0, let text = unsafe strerror(code) else { return "unknown error" }
        return unsafe String(cString: text).lowercased()
    }
}

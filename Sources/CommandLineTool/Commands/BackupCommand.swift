// `coffer backup`: a complete, verified copy of the vault in one file.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum BackupCommand {
    static let keep = Option.one(
        "--keep", "N", "in a folder: keep the newest N backups of this vault, the new one included")
    static let verify = Option.flag(
        "--verify", "open the copy with a key and verify every row of it")

    static let verb = Verb(
        words: "backup", summary: "copy the vault into a file, whoever writes to it meanwhile",
        details: [
            "The copy is sealed as the vault is and opens with the vault's own keys. Making it"
                + " needs no key. It is opened as a vault, looked through and its log walked before"
                + " it gets its name; with --verify, or if a key is named, each row is verified"
                + " too. No existing file is overwritten. Without a key, each version of a secret"
                + " is compared with the digest beside it: if one is damaged the copy is made all"
                + " the same, no older one is removed, and the exit code is 5.",
            "Into a folder it is named <vault>-<UTC time>.db. --keep removes the oldest backups of"
                + " this vault there, after the new one was verified. The new one stays, whatever"
                + " the names of the others say.",
            "The folder must be yours alone (0700) and on a local disk. The copy is one file: once"
                + " it is made, any tool may carry it elsewhere.",
        ],
        operands: [.required("FILE|FOLDER", .file)], options: [keep, verify],
        examples: [
            Example("coffer backup ~/backups/ --keep 14", "one a day, for a timer"),
            Example("coffer backup /mnt/stick/vault.db --verify", "asks for the passphrase"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let target = call.operand(0)
        let count = try call.count(keep)
        let isFolder = target.hasSuffix("/") || Places.isFolder(target)
        guard count == nil || isFolder else {
            throw Complaint(
                .usage, "`--keep` needs a folder", hint: "coffer backup FOLDER/ --keep N")
        }
        let session = try VaultAccess.locked(call, for: .reading)
        let now = Clock.now()
        let path = isFolder ? session.backupPath(in: target, at: now) : target
        try refuseBesideVault(path)
        try NewFile.refuseTaken(path)
        let key = try key(call, to: session)
        switch key {
        case .some(let offer): try VaultAccess.unlock(session, with: offer, call)
        case .none: break
        }
        let rows = try copy(session, to: path, verifying: key, at: now)
        try Console.out("backed up to \(Escaped.path(path))\n" + verdict(rows))
        if case .compared(let misfits) = rows, misfits > 0 { throw damaged(misfits) }
        if let count { try rotate(session, target, keeping: count, of: path) }
        return .ok
    }

    /// SQLite would take a file of such a name for its own.
    private static func refuseBesideVault(_ path: String) throws(Complaint) {
        for suffix in ["-wal", "-shm", "-journal"] where path.hasSuffix(suffix) {
            let vault = String(path.dropLast(suffix.count))
            guard Places.exists(vault) else { continue }
            throw Complaint(
                .usage, "\(Escaped.path(path)) is a name that belongs to \(Escaped.path(vault))",
                hint: "name another file, or a folder")
        }
    }

    private static func rotate(
        _ session: Session, _ folder: String, keeping count: Int, of new: String
    ) throws(Complaint) {
        let rotation = try Complaint.from { () throws(VaultError) in
            try session.rotate(folder, keeping: count, of: new)
        }
        for path in rotation.removed { try Console.out("removed \(Escaped.path(path))\n") }
        for path in rotation.later {
            Console.warn(
                "\(Escaped.path(path)) is named for a later time than now: it counts as one of the"
                    + " newest until it is renamed or removed")
        }
    }

    private static func damaged(_ misfits: UInt64) -> Complaint {
        Complaint(
            .integrity,
            "the vault is damaged: the copy has \(Count.of(misfits, "version")) of which the digest"
                + " does not fit; no older backup was removed",
            hints: [
                "`coffer audit verify` names what is damaged",
                "an older backup may have it whole: `coffer restore` it to another --vault first",
            ])
    }

    private static func key(
        _ call: Invocation, to session: Session
    ) throws(Complaint) -> KeyOffer? {
        if call.has(verify) { return try VaultAccess.offer(call, to: session) }
        return try VaultAccess.given(call)
    }

    private static func copy(
        _ session: Session, to path: String, verifying key: borrowing KeyOffer?, at time: Timestamp
    ) throws(Complaint) -> CopiedRows {
        try enter(session, at: time)
        let bars = CopyProgress()
        defer { bars.end() }
        do throws(VaultError) {
            return try session.backUp(to: path, verifying: key, at: time, progress: bars.advance)
        } catch {
            if case .diskFull = error { throw CopyProgress.noRoom(for: path) }
            throw Complaint(error)
        }
    }

    /// A log that cannot be written is one more reason to make a copy.
    private static func enter(_ session: Session, at time: Timestamp) throws(Complaint) {
        do throws(VaultError) { try session.enterBackup(at: time) } catch {
            switch error {
            case .notLogged(_, .diskFull), .notLogged(_, .readOnly), .notLogged(_, .io), .busy:
                Console.warn("the backup is not in the audit log, which cannot be written")
            default: throw Complaint(error)
            }
        }
    }

    private static func verdict(_ rows: CopiedRows) -> String {
        switch rows {
        case .compared:
            "verified: it opens as a vault, and its log is whole; its rows take a key\n"
        case .verified(let rows):
            "verified: \(Count.of(rows.secrets, "secret")),"
                + " \(Count.of(rows.versions, "version"))\n"
        }
    }
}

/// A bar for each stage of a copy.
struct CopyProgress {
    private let bars: [CopyStage: Progress] = [
        .copying: Progress("copying", of: 1_000), .log: Progress("verifying the log", of: 1_000),
        .rows: Progress("verifying the rows", of: 1_000),
        .placing: Progress("putting it in its place", of: 1_000),
    ]

    func advance(_ stage: CopyStage, _ done: UInt64, _ total: UInt64) {
        bars[stage]?.advance(to: Int(1_000 * Double(done) / Double(max(total, 1))))
    }

    func end() { for bar in bars.values { bar.end() } }

    static func noRoom(for path: String) -> Complaint {
        Complaint(
            .notStored, "there is too little space for a copy at \(Escaped.path(path))",
            hint: "it needs as much as the vault has; nothing was changed")
    }
}

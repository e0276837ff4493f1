// `coffer restore`: a backup becomes the vault.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum RestoreCommand {
    static let replace = Option.flag(
        "--replace", "replace the vault that is there, which is kept under a dated name")

    static let verb = Verb(
        words: "restore", summary: "put a backup in the place of the vault",
        details: [
            "The backup is not changed. A copy of it is opened with its key and verified, every row"
                + " and the whole log, before it takes the place. An existing vault is replaced"
                + " only with --replace, and kept as <vault>-replaced-<UTC time>.db beside it."
                + " Whatever happens on the way, the old vault or the restored one is in place.",
            "Deposits in the inbox of the vault that is replaced are laid into the restored one,"
                + " unless they are sealed to keys that it does not have: those stay in the"
                + " vault that is kept. The keys and key slots are those of the backup, and so are"
                + " its jobs, deliveries and grants: what was revoked since is in force again, and"
                + " how many there are is said.",
            "A backup is older than the vault was: secrets that were stored since are not in it."
                + " Where this machine remembers a newer state, that is said and asked;"
                + " --accept-rollback or --yes answers. It is entered in the log of the restored"
                + " vault, and so is the restoring.",
        ],
        operands: [.required("BACKUP", .file)], options: [replace, VerbTable.yes],
        examples: [
            Example("coffer restore ~/backups/vault-20270331T030000.000Z.db", "on a new machine"),
            Example("coffer restore backup.db --replace", "the vault of now is kept beside"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let path = try VaultAccess.path(call)
        let restoring = try opened(call, path)
        let key = try VaultAccess.offer(call)
        let caller = ThisProcess.caller(reason: try call.reason())
        let now = Clock.now()
        let bars = CopyProgress()
        defer { bars.end() }
        let finding = try copying(to: path) { () throws(VaultError) in
            try restoring.verify(
                with: key, at: now, by: caller, memory: Places.state, progress: bars.advance)
        }
        bars.end()
        try agree(finding, call, path)
        let aside = restoring.aside(at: now)
        let rows = try copying(to: path) { () throws(VaultError) in
            try restoring.finish(keeping: aside, progress: bars.advance)
        }
        bars.end()
        try Console.out(receipt(finding, path, aside))
        try Console.flush()
        Console.remark(on: rows)
        let obstacle = carry(finding, restoring, aside, caller)
        remark(on: finding.keys)
        remark(on: finding.unattended)
        try enter(finding, with: key, call)
        if let obstacle { throw obstacle }
        return .ok
    }

    /// Takes the deposits over that came since; returns what kept that from being done.
    private static func carry(
        _ finding: RestoreFinding, _ restoring: Restoring, _ aside: String, _ caller: Caller
    ) -> Complaint? {
        guard finding.waiting > 0 else { return nil }
        let kept = Escaped.path(aside)
        guard finding.replaced == .sameVault else {
            Console.warn(
                "\(Count.of(UInt64(finding.waiting), "deposit")) in the inbox of the vault that was"
                    + " replaced: kept with it in \(kept)")
            return nil
        }
        do throws(VaultError) {
            let tally = try restoring.carryDeposits(from: aside, by: caller, at: Clock.now())
            if tally.carried > 0 {
                Console.note(
                    "\(Count.of(UInt64(tally.carried), "deposit")) of the vault that was replaced"
                        + " taken over")
            }
            if tally.left > 0 {
                Console.warn(
                    "\(Count.of(UInt64(tally.left), "deposit")) NOT taken over, sealed to keys that"
                        + " the backup does not have, or damaged: kept in \(kept)")
            }
            return nil
        } catch {
            return Complaint(
                .notStored,
                "restored, but deposits could not be taken over: \(Complaint(error).words)",
                hint: "they are in \(kept): `coffer inbox export --vault` there, then"
                    + " `coffer capsule import` here")
        }
    }

    private static func remark(on keys: RestoredKeys) {
        switch keys {
        case .same: break
        case .otherSlots:
            Console.warn(
                "the key slots are those of the backup: `coffer slot list` shows them; a"
                    + " passphrase that was replaced since opens it again")
        case .before(let epoch):
            Console.warn(
                "the backup is from before the vault was given new keys (epoch \(epoch.number)):"
                    + " its old keys and slots open it again, whoever has them; `coffer rekey`"
                    + " gives it new ones")
        }
    }

    /// Nobody told the backup what was revoked since.
    private static func remark(on unattended: Unattended) {
        for (count, noun, list) in [
            (unattended.deliveries, "delivery", "coffer deliver --list"),
            (unattended.grants, "grant", "coffer grant list"),
        ] where count > 0 {
            Console.warn(
                "\(Count.of(count, noun)) of the backup in force, also what was revoked since:"
                    + " look at `\(list)`")
        }
    }

    private static func opened(
        _ call: Invocation, _ path: String
    ) throws(Complaint) -> Restoring {
        do throws(VaultError) {
            return try Restoring(
                of: call.operand(0), to: path, replacing: call.has(replace))
        } catch {
            guard case .vaultExists = error else { throw Complaint(error) }
            throw taken(path)
        }
    }

    private static func taken(_ path: String) -> Complaint {
        Complaint(
            .refused, "there is a vault at \(Escaped.path(path)) already",
            hint: "--replace keeps it under a dated name and puts the backup in its place")
    }

    private static func copying<R>(
        to path: String, _ body: () throws(VaultError) -> R
    ) throws(Complaint) -> R {
        do throws(VaultError) { return try body() } catch {
            if case .diskFull = error { throw CopyProgress.noRoom(for: path) }
            if case .vaultExists = error { throw taken(path) }
            throw Complaint(error)
        }
    }

    /// Asks what has to be asked; nothing was changed yet.
    private static func agree(
        _ finding: RestoreFinding, _ call: Invocation, _ path: String
    ) throws(Complaint) {
        if let rollback = finding.rollback {
            let words =
                "the backup is older than this machine last saw the vault"
                + " (\(rollback.words)): what was stored since is not in it"
            if call.has(VerbTable.acceptRollback) || call.has(VerbTable.yes) {
                Console.warn(words)
            } else {
                let hint = "--accept-rollback restores it all the same, and logs that"
                try ask(words, or: Complaint(.rollback, words, hint: hint))
            }
        }
        if let words = strangeness(finding.replaced, path), !call.has(VerbTable.yes) {
            try ask(words, or: Complaint(.refused, words, hint: "--yes replaces it all the same"))
        }
    }

    /// Why it cannot be taken for granted that what is there may be replaced, or nil.
    private static func strangeness(_ replaced: ReplacedVault, _ path: String) -> String? {
        switch replaced {
        case .nothing, .sameVault: nil
        case .other: "what lies at \(Escaped.path(path)) is not the vault that was backed up"
        case .nameless:
            "no key slot of the vault at \(Escaped.path(path)) can be read: nothing says that it"
                + " is the one that was backed up"
        }
    }

    private static func ask(_ words: String, or complaint: Complaint) throws(Complaint) {
        guard Terminal.canAsk else { throw complaint }
        Console.warn(words)
        guard try Terminal.confirm("restore it all the same?", default: .no) else {
            throw complaint
        }
    }

    private static func receipt(
        _ finding: RestoreFinding, _ path: String, _ aside: String
    ) -> String {
        var lines = [
            "restored \(Escaped.path(path)): \(Count.of(finding.rows.secrets, "secret")),"
                + " \(Count.of(finding.rows.versions, "version")), verified"
        ]
        if Places.exists(aside) { lines.append("what was there is \(Escaped.path(aside))") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The log of the restored vault says where it came from, and that it was older.
    private static func enter(
        _ finding: RestoreFinding, with key: borrowing KeyOffer, _ call: Invocation
    ) throws(Complaint) {
        let session = try VaultAccess.locked(call, for: .changing)
        try VaultAccess.unlock(
            session, with: key, rollback: finding.rollback == nil ? .refuse : .accept)
        try Complaint.from { () throws(VaultError) in try session.enterRestore(at: Clock.now()) }
    }
}

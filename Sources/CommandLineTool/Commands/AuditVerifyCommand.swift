// `coffer audit verify`: whether the log is whole, and every row what was left in the vault.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum AuditVerifyCommand {
    static let receipt = Option.one(
        "--receipt", "LINE", "hold the vault against a line that `coffer audit receipt` printed")
    static let receiptFile = Option.one(
        "--receipt-file", "FILE", "the same from the last line of a file", .file)

    static let verb = Verb(
        words: "audit verify", summary: "verify the audit log and the vault",
        details: [
            "Walks the log from its first entry: every link, every seal, every key, what this"
                + " machine remembers, and a receipt if one is given. That needs no key. With one,"
                + " every row of the vault is verified too.",
            "Names the first thing that is not as it was written. Exit code 5 if anything was"
                + " changed, 7 if the vault is older than it was.",
        ],
        options: [receipt, receiptFile, AuditLogCommand.locked, VerbTable.json],
        examples: [
            Example("coffer audit verify", "everything"),
            Example("coffer audit verify --locked", "the log only, without a key"),
            Example(
                "coffer audit verify --receipt-file receipts.txt", "against what was noted before"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let receipt = try receipt(call)
        let (session, open) = try vault(call, receipt)
        let progress = [
            AuditStage.log: Progress("verifying the log", of: 1_000),
            .rows: Progress("verifying the rows", of: 1_000),
        ]
        defer { for bar in progress.values { bar.end() } }
        let found = try verify(session, open, receipt) { stage, done, total in
            progress[stage]?.advance(to: Int(1_000 * Double(done) / Double(max(total, 1))))
        }
        for bar in progress.values { bar.end() }
        let isJSON = call.has(VerbTable.json)
        try Console.out(isJSON ? json(found) : text(found, receipt))
        return .ok
    }

    private static func verify(
        _ session: Session, _ open: (any Door)?, _ receipt: AuditReceipt?,
        _ progress: (AuditStage, UInt64, UInt64) -> Void = { _, _, _ in }
    ) throws(Complaint) -> AuditVerification {
        try Complaint.from { () throws(VaultError) in
            try whole(session, open, receipt, progress)
        }
    }

    /// Verifies the log, and the rows if the vault is open.
    static func whole(
        _ session: Session, _ open: (any Door)?, _ receipt: AuditReceipt?,
        _ progress: (AuditStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> AuditVerification {
        var found = try session.verifyLog(against: receipt) { progress(.log, $0, $1) }
        guard let open else { return found }
        let rows = try open.verifyRows { progress(.rows, $0, $1) }
        found.isHeadProved = true
        found.secrets = rows.secrets
        found.versions = rows.versions
        return found
    }

    /// The vault, open if that is possible. A log that keeps it from being opened is walked all the
    /// same: opening looks at its end, and what is first at fault may lie far before.
    private static func vault(
        _ call: Invocation, _ receipt: AuditReceipt?
    ) throws(Complaint) -> (Session, open: (any Door)?) {
        if call.has(AuditLogCommand.locked) {
            return (try VaultAccess.locked(call, for: .reading), nil)
        }
        do throws(Complaint) {
            let (session, open) = try VaultAccess.doorIfPossible(call, for: .reading)
            if let open {
                try Complaint.from { () throws(VaultError) in
                    try open.enterAudit(at: Clock.now())
                }
            }
            return (session, open)
        } catch {
            guard error.code == .integrity else { throw error }
            _ = try verify(VaultAccess.locked(call, for: .reading), nil, receipt)
            throw error
        }
    }

    private static func receipt(_ call: Invocation) throws(Complaint) -> AuditReceipt? {
        let line: String
        switch (call.value(of: receipt), call.value(of: receiptFile)) {
        case (nil, nil): return nil
        case (let text?, nil): line = text
        case (nil, let file?): line = try SmallFile.lastLine(file)
        default: throw Complaint(.usage, "`--receipt` and `--receipt-file` exclude each other")
        }
        guard let receipt = AuditReceipt(line) else {
            throw Complaint(
                .usage, "this is no receipt", hint: "`coffer audit receipt` prints one line")
        }
        return receipt
    }

    static func text(_ found: AuditVerification, _ receipt: AuditReceipt?) -> String {
        var lines = [
            "the audit log is whole: \(Count.of(found.entries, "entry")),"
                + " \(Count.of(found.seals, "seal"))"
        ]
        if found.unsealed > 0 {
            lines.append(
                found.unsealed == 1
                    ? "the last entry is not sealed yet"
                    : "the last \(Count.digits(found.unsealed)) entries are not sealed yet")
        }
        for late in found.late {
            lines.append(
                "note: entries \(late.first) to \(late.last) were sealed"
                    + " \(Age.long(late.delay / 1_000)) after the first of them")
        }
        if found.lateCount > UInt64(found.late.count) {
            lines.append("note: and \(found.lateCount - UInt64(found.late.count)) more late seals")
        }
        if found.clockSteps > 0 {
            let often = found.clockSteps == 1 ? "once" : "\(found.clockSteps) times"
            lines.append("note: the clock went back \(often)")
        }
        switch found.anchor {
        case .fits, .accepted: lines.append("it goes on from what this machine last saw")
        case .absent(let generation):
            lines.append("note: this machine has not seen the vault: generation \(generation)")
        case .damaged(let generation):
            lines.append(
                "note: what this machine saw of the vault is damaged: generation \(generation)")
        }
        if receipt != nil { lines.append("it goes on from the receipt") }
        if let secrets = found.secrets, let versions = found.versions {
            lines.append(
                "the vault is whole: \(Count.of(secrets, "secret")),"
                    + " \(Count.of(versions, "version"))")
        } else {
            lines.append("the rows of the vault were not verified: that takes a key")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    static func json(_ found: AuditVerification) -> String {
        func number(_ value: UInt64?) -> JSONText {
            value.map { .integer(Int(clamping: $0)) } ?? .null
        }
        let late = found.late.map { late in
            JSONText.object([
                ("first", number(late.first)), ("last", number(late.last)),
                ("seconds", number(late.delay / 1_000)),
            ])
        }
        let anchor =
            switch found.anchor {
            case .fits, .accepted: "fits"
            case .absent: "absent"
            case .damaged: "damaged"
            }
        return JSONText.object([
            ("entries", number(found.entries)), ("seals", number(found.seals)),
            ("unsealed", number(found.unsealed)), ("late_seals", number(found.lateCount)),
            ("late", .array(late)), ("clock_steps", number(found.clockSteps)),
            ("anchor", .string(anchor)), ("secrets", number(found.secrets)),
            ("versions", number(found.versions)),
        ]).text + "\n"
    }
}

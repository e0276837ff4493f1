// `coffer inbox show|retry|export|discard`: looking at what waits, and at what was set aside.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum SetAsideCommands {
    static let output = Option.one(
        "--out", "FILE", "write the capsule to a new file (0600)", .file)

    static let show = Verb(
        words: "inbox show", summary: "show a deposit or a pending version",
        details: [
            "ID is the number of a deposit, or its first eight digits: with a key it is said"
                + " whether it opens, and for which name it is. NAME is the pending version of"
                + " that name, as `coffer inbox accept` would put it into use; never a value."
        ],
        operands: [.required("ID|NAME[@N]")],
        examples: [
            Example("coffer inbox show 0f3a9c21", "what was set aside"),
            Example("coffer inbox show zpa/prod/ci@3", "before it is accepted"),
        ],
        run: showItem)

    static let retry = Verb(
        words: "inbox retry", summary: "try to take in what was set aside",
        details: [
            "Without an ID everything that was set aside. What opens now becomes a pending"
                + " version, even if the log says that it was taken in before, unless its value is"
                + " stored. Exit code 5 if any does not open."
        ],
        operands: [.optional("ID")],
        examples: [Example("coffer inbox retry", "after a rekey or a restore")],
        run: retryDeposits)

    static let export = Verb(
        words: "inbox export", summary: "write a deposit as a capsule",
        details: [
            "Needs no key, and stays sealed: `coffer capsule import` tries it in another vault, or"
                + " in this one as it was before. The deposit stays in the inbox."
        ],
        operands: [.required("ID")], options: [output],
        examples: [Example("coffer inbox export 0f3a9c21 --out other.capsule", "try it elsewhere")],
        run: exportDeposit)

    static let discard = Verb(
        words: "inbox discard", summary: "drop deposits or pending versions for good",
        details: [
            "Asks first. A deposit leaves the inbox, whatever is in it; a pending version leaves"
                + " the file, and with its only version the secret that a deposit made. Each is"
                + " entered in the log."
        ],
        operands: [.several("ID|NAME@N")], options: [VerbTable.yes],
        examples: [
            Example("coffer inbox discard 0f3a9c21", "what does not open"),
            Example("coffer inbox discard zpa/prod/ci@3 zpa/prod/ci@4 --yes", "what nobody wants"),
        ],
        run: discardItems)

    private static func showItem(_ call: Invocation) throws(Complaint) -> ExitCode {
        switch try InboxItem.reading(call.operand(0)) {
        case .deposit(let digits):
            let (session, open) = try VaultAccess.doorIfPossible(call, for: .reading)
            let door: any Door = open ?? session
            let id = try InboxItem.deposit(beginning: digits, in: session)
            let facts = try Complaint.from { () throws(VaultError) in
                try door.depositFacts(id, at: Clock.now())
            }
            try Console.out(text(facts))
        case .version(let name, let number):
            let door = try VaultAccess.door(call, for: .reading)
            let pending = try Complaint.from { () throws(VaultError) in
                try door.showPending(name, number, at: Clock.now())
            }
            try Console.out(
                "\"\(name)\" version \(pending.receipt.version.number) is pending\n"
                    + DepositWords.rows(pending))
        }
        return .ok
    }

    private static func text(_ facts: DepositFacts) -> String {
        let content =
            switch facts.content {
            case .sealed: "shows with a key"
            case .unopenable: "does not open: edited, or for another vault"
            case .secret(let name): "a secret for \"\(name)\""
            }
        return Columns.text([
            ("deposit", facts.receipt.id.description),
            ("receipt", facts.receipt.fingerprint.map { Hexadecimal.text($0) }.joined()),
            ("state  ", facts.isQuarantined ? "quarantined" : "waiting"),
            ("content", content), ("sealed ", facts.time.date),
            ("epoch  ", "\(facts.epoch.number)"), ("size   ", "\(facts.size) bytes"),
        ])
    }

    private static func retryDeposits(_ call: Invocation) throws(Complaint) -> ExitCode {
        let digits = try call.optionalOperand(0).map { text throws(Complaint) in
            guard case .deposit(let digits) = try InboxItem.reading(text) else {
                throw Complaint(.usage, "`inbox retry` needs the number of a deposit")
            }
            return digits
        }
        let (session, door) = try openInbox(call)
        var ids: [DepositID]?
        if let digits { ids = [try InboxItem.deposit(beginning: digits, in: session)] }
        let wanted = ids
        let notices = try Complaint.from { () throws(VaultError) in
            try door.retryDeposits(wanted, at: Clock.now())
        }
        for notice in notices { DepositWords.remark(on: notice) }
        let taken = notices.count {
            if case .taken = $0 { true } else { false }
        }
        let isAnyDamaged = notices.contains {
            if case .quarantined = $0 { true } else { false }
        }
        try Console.out("tried \(notices.count), taken in \(taken)\n")
        return isAnyDamaged ? .integrity : .ok
    }

    private static func exportDeposit(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard case .deposit(let digits) = try InboxItem.reading(call.operand(0)) else {
            throw Complaint(.usage, "`inbox export` needs the number of a deposit")
        }
        if let path = call.value(of: output) { try NewFile.refuseTaken(path) }
        let session = try VaultAccess.locked(call, for: .reading)
        let id = try InboxItem.deposit(beginning: digits, in: session)
        let capsule = try Complaint.from { () throws(VaultError) in try session.capsule(of: id) }
        guard let path = call.value(of: output) else {
            try OutputSink.standardOutput.write(capsule.text.span)
            return .ok
        }
        try NewFile(SecretBytes(copying: capsule.text.span), at: path).keep()
        try Console.out("wrote a capsule\n\(DepositCommand.text(capsule.receipt))")
        return .ok
    }

    private static func discardItems(_ call: Invocation) throws(Complaint) -> ExitCode {
        var deposits: [String] = []
        var versions: [(name: SecretName, number: UInt32)] = []
        for text in call.operands {
            switch try InboxItem.reading(text) {
            case .deposit(let digits): deposits.append(digits)
            case .version(let name, let number?): versions.append((name, number))
            case .version(let name, nil):
                throw Complaint(
                    .usage, "name the pending version that is to go", hint: "write \(name)@N")
            }
        }
        try confirm(call, deposits.count, versions.count)
        let (session, door) = try openInbox(call)
        var ids: [DepositID] = []
        for digits in deposits {
            let id = try InboxItem.deposit(beginning: digits, in: session)
            if !ids.contains(id) { ids.append(id) }
        }
        var rows = OldRows.gone
        if !ids.isEmpty {
            let dropped = ids
            rows = try Complaint.from { () throws(VaultError) in
                try door.discardDeposits(dropped, at: Clock.now())
            }
            for id in ids { try Console.out("discarded deposit \(id)\n") }
        }
        for (name, number) in versions {
            rows = try Complaint.from { () throws(VaultError) in
                try door.discard(name, number, at: Clock.now())
            }
            try Console.out("discarded \"\(name)\" version \(number)\n")
        }
        Console.remark(on: rows)
        return .ok
    }

    /// The inbox, which needs no key, and the open vault.
    private static func openInbox(
        _ call: Invocation
    ) throws(Complaint) -> (session: Session, door: any Door) {
        let door = try VaultAccess.door(call, for: .changing)
        if let session = door as? Session { return (session, session) }
        return (try VaultAccess.locked(call, for: .reading), door)
    }

    private static func confirm(
        _ call: Invocation, _ deposits: Int, _ versions: Int
    ) throws(Complaint) {
        if call.has(VerbTable.yes) { return }
        guard Terminal.isInteractive else {
            throw Complaint(
                .usage, "a discard cannot be undone, and there is no terminal to ask on",
                hint: "add --yes; `coffer inbox export ID` keeps a deposit as a capsule")
        }
        let parts = [(deposits, "deposit"), (versions, "pending version")]
            .filter { $0.0 > 0 }.map { Count.of(UInt64($0.0), $0.1) }
        let question = "discard \(parts.joined(separator: " and ")) for good?"
        guard try Terminal.confirm(question, default: .no) else {
            throw Complaint(.failed, "nothing was discarded")
        }
    }
}

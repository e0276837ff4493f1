// What is said of deposits when the vault is opened.

internal import AgentProtocol
internal import VaultModel

enum DepositWords {
    static func remark(on found: Unlocked) {
        for notice in found.notices { remark(on: notice) }
        if let obstacle = found.obstacle {
            Console.warn("what lies in the inbox waits on: \(Complaint(obstacle).words)")
        }
    }

    static func remark(on notice: DepositNotice) {
        switch notice {
        case .taken(let id, let name, let version, let wanted):
            let beside = name == wanted ? "" : ", since \"\(wanted)\" says something else"
            Console.note(
                "deposit \(short(id)) was taken in: version \(version) of \"\(name)\" is"
                    + " pending\(beside); `coffer inbox accept \(name)` puts it into use")
        case .quarantined(let id):
            Console.warn(
                "deposit \(id) does not open: it was edited, or is for another vault or for keys"
                    + " that are damaged; it was set aside: `coffer inbox show \(short(id))`"
                    + " shows it, `coffer inbox retry` tries it again")
        case .missing(let id):
            Console.warn("deposit \(id) is gone: the log tells of it, the inbox does not hold it")
        case .doubtful(let entry):
            Console.warn(
                "entry \(entry) of the audit log is not as it was written: deposits may have been"
                    + " taken out of the inbox; their receipts tell, and `coffer audit verify`")
        case .known(let id):
            Console.note("deposit \(short(id)) was taken in before; this copy was set aside")
        }
    }

    /// What is said when a deposit or a pending version cannot be had.
    static func complaint(_ error: VaultError) -> Complaint {
        switch error {
        case .depositMissing(let id):
            return Complaint(
                .notFound, "there is no deposit \(id) in the inbox",
                hint: "`coffer inbox list` lists them")
        case .depositDiffers(let id):
            return Complaint(
                .refused, "deposit \(id) lies in the inbox already, with other bytes",
                hints: [
                    "with a key, a good one takes the place of a damaged one",
                    "`coffer inbox export \(id)` keeps the other, `coffer inbox discard` drops it",
                ])
        case .depositSetAside(let id):
            return Complaint(
                .refused, "deposit \(id) lies in the inbox already, set aside",
                hint: "`coffer inbox retry \(id)` tries it again, with a key")
        case .pendingAmbiguous(let name, let numbers):
            let shown = numbers.suffix(8).map { "\(name)@\($0)" }
            return Complaint(
                .usage, "\"\(name)\" has several pending versions",
                hint: "name one: \(shown.joined(separator: ", "));"
                    + " `coffer inbox show NAME@N` shows it")
        default: return Complaint(.failed, "nothing was changed")
        }
    }

    /// What a pending version is, or was until now.
    static func rows(_ pending: PendingVersion) -> String {
        let version = pending.receipt.version
        var rows = [
            ("deposit", pending.deposit?.description ?? "unknown"),
            ("taken in", version.created.description),
        ]
        rows += version.fields.map { field in
            (field.text, pending.receipt.lastFour[field].map { "…\($0)" } ?? "stored")
        }
        return Columns.text(rows)
    }

    /// The receipt of a deposit.
    static func deposited(_ name: SecretName, _ receipt: DepositReceipt) -> String {
        "deposited \"\(name)\"\n\(DepositCommand.text(receipt))"
            + "  it becomes a pending version when the vault is next opened\n"
    }

    static func short(_ id: DepositID) -> String { String(id.description.prefix(8)) }
}

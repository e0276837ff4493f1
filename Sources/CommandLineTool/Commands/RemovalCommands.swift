// `coffer rm`, `undelete` and `purge`: hidden, brought back, gone from the file.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum RemovalCommands {
    /// Days for which `undelete` is promised.
    static let keptDays: UInt64 = 30

    static let purgeNow = Option.flag("--purge", "remove it from the file at once")
    static let expired = Option.flag(
        "--expired", "everything that was removed more than \(keptDays) days ago")

    static let rm = Verb(
        words: "rm", summary: "hide a secret and refuse its use",
        details: [
            "`coffer undelete` brings it back for at least \(keptDays) days, and as long as it is"
                + " not purged; until then its name stays taken."
        ],
        operands: [.required("NAME")], options: [purgeNow, VerbTable.yes],
        examples: [Example("coffer rm github/old", "can be undone")],
        run: remove)

    static let undelete = Verb(
        words: "undelete", summary: "bring a removed secret back",
        operands: [.required("NAME")],
        examples: [Example("coffer undelete github/old", "usable as before")],
        run: restore)

    static let purge = Verb(
        words: "purge", summary: "remove a secret from the file",
        details: [
            "The rows leave the file and its log at once. What copies, backups and the medium"
                + " itself still hold is beyond any program: revoke the secret at its issuer."
        ],
        operands: [.optional("NAME")], options: [expired, VerbTable.yes],
        examples: [
            Example("coffer purge github/old", "cannot be undone"),
            Example("coffer purge --expired --yes", "what was removed more than 30 days ago"),
        ],
        run: purge)

    private static func remove(_ call: Invocation) throws(Complaint) -> ExitCode {
        if call.has(purgeNow) { return try purge(call) }
        let name = try call.secretName(0)
        let door = try VaultAccess.door(call, for: .changing)
        try Complaint.from { () throws(VaultError) in try door.remove(name, at: Clock.now()) }
        try Console.out("removed \"\(name)\"; `coffer undelete \(name)` brings it back\n")
        return .ok
    }

    private static func restore(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let door = try VaultAccess.door(call, for: .changing)
        _ = try Complaint.from { () throws(VaultError) in
            try door.restore(name, at: Clock.now())
        }
        try Console.out("brought \"\(name)\" back\n")
        return .ok
    }

    private static func purge(_ call: Invocation) throws(Complaint) -> ExitCode {
        let named = call.optionalOperand(0)
        guard (named == nil) == call.has(expired) else {
            throw Complaint(.usage, "`coffer purge` needs a NAME or --expired")
        }
        let name = named == nil ? nil : try call.secretName(0)
        try confirm(call, name.map { "\"\($0)\"" } ?? "everything removed long ago")
        let door = try VaultAccess.door(call, for: .changing)
        if let name {
            let old = try Complaint.from { () throws(VaultError) in
                try door.purge(name, at: Clock.now())
            }
            try Console.out("purged \"\(name)\"\n")
            Console.remark(on: old)
            return .ok
        }
        let now = Clock.now().milliseconds
        let limit = now - min(now, keptDays * 86_400_000)
        let old = try Complaint.from { () throws(VaultError) in
            try door.list(prefix: "", removed: .only, at: Clock.now())
        }.secrets.filter { ($0.removed?.milliseconds ?? .max) < limit }
        var rows = OldRows.gone
        for secret in old {
            rows = try Complaint.from { () throws(VaultError) in
                try door.purge(secret.name, at: Clock.now())
            }
        }
        try Console.out("purged \(old.count) secrets\n")
        Console.remark(on: rows)
        return .ok
    }

    private static func confirm(_ call: Invocation, _ what: String) throws(Complaint) {
        if call.has(VerbTable.yes) { return }
        guard Terminal.isInteractive else {
            throw Complaint(
                .usage, "a purge cannot be undone, and there is no terminal to ask on",
                hint: "add --yes")
        }
        guard try Terminal.confirm("purge \(what) for good?", default: .no) else {
            throw Complaint(.failed, "nothing was purged")
        }
    }
}

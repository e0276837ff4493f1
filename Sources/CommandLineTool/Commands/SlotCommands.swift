// `coffer slot list|add|remove`: the keys that open the vault.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

enum SlotCommands {
    static let newRecovery = Option.flag(
        "--new-recovery", "make a recovery code and show it on the terminal")

    static let list = Verb(
        words: "slot list", summary: "list the keys that open the vault",
        details: ["Needs no key: what is shown stands in the file for anyone to read."],
        options: [VerbTable.json],
        examples: [Example("coffer slot list", "number, kind, cost and date")],
        run: listSlots)

    static let add = Verb(
        words: "slot add", summary: "add a key that opens the vault",
        options: [
            PassphraseCommand.newFile, InitCommand.newKeyFile, InitCommand.recoveryFile,
            newRecovery, InitCommand.noConfirm, VerbTable.kdfMemory,
        ],
        examples: [
            Example("coffer slot add", "another passphrase"),
            Example("coffer slot add --new-key-file job.key", "a key file for a job"),
        ],
        run: addSlot)

    static let remove = Verb(
        words: "slot remove", summary: "remove a key",
        details: [
            "Never the last one. Whoever has a copy of the old file can still open that copy."
        ],
        operands: [.required("N")],
        examples: [Example("coffer slot remove 2", "the number is from `coffer slot list`")],
        run: removeSlot)

    private static func listSlots(_ call: Invocation) throws(Complaint) -> ExitCode {
        let session = try VaultAccess.locked(call, for: .reading)
        let facts = try Complaint.from { () throws(VaultError) in try session.facts() }
        if call.has(VerbTable.json) {
            try Console.out(JSONText.array(facts.slots.map(json)).text + "\n")
        } else {
            try Console.out(Columns.text(facts.slots.map { ("\($0.number)", text($0)) }))
        }
        return .ok
    }

    static func text(_ slot: KeySlotSummary) -> String {
        let cost = slot.kind == .passphrase ? ", \(slot.parameters.memory / 1_024) MiB" : ""
        let damage = slot.hasDamagedCopy ? ", one copy damaged" : ""
        return "\(slot.kind)\(cost), \(slot.created.date)\(damage)"
    }

    private static func json(_ slot: KeySlotSummary) -> JSONText {
        .object([
            ("number", .integer(Int(slot.number))), ("kind", .string(slot.kind.description)),
            ("kdf_memory_kib", .integer(Int(slot.parameters.memory))),
            ("kdf_passes", .integer(Int(slot.parameters.passes))),
            ("kdf_lanes", .integer(Int(slot.parameters.lanes))),
            ("created", .string(slot.created.description)),
            ("damaged_copy", .boolean(slot.hasDamagedCopy)),
        ])
    }

    private static func addSlot(_ call: Invocation) throws(Complaint) -> ExitCode {
        let kinds = [
            PassphraseCommand.newFile, InitCommand.newKeyFile, InitCommand.recoveryFile,
            newRecovery,
        ].filter(call.has)
        guard kinds.count <= 1 else {
            throw Complaint(
                .usage, "one key at a time",
                hint: "leave one of \(kinds.map { "`\($0.name)`" }.joined(separator: ", "))")
        }
        let parameters = try call.kdfParameters()
        var keys = try NewKeyTexts(call)
        let session = try VaultAccess.locked(call, for: .changing)
        let key = try VaultAccess.offer(call, to: session)
        try VaultAccess.unlock(session, with: key, call)
        try requireFreeSlot(session)
        let new = try newKey(call, &keys)
        let number = try Complaint.from { () throws(VaultError) in
            try session.addSlot(
                for: new, openedBy: key, parameters: parameters, at: Clock.now())
        }
        keys.keep()
        try Console.out("added slot \(number)\n")
        return .ok
    }

    private static func newKey(
        _ call: Invocation, _ keys: inout NewKeyTexts
    ) throws(Complaint) -> KeyOffer {
        if let key = try keys.makeKeyFile() { return .rawKey(key) }
        if call.has(InitCommand.recoveryFile), let code = try keys.makeRecoveryCode() {
            return .rawKey(code)
        }
        if call.has(newRecovery) {
            return .rawKey(
                try NewKeyTexts.showNewCode(confirming: !call.has(InitCommand.noConfirm)))
        }
        return .passphrase(try PassphraseCommand.newPassphrase(call))
    }

    /// Fails before a key is made or typed that there is no room for.
    static func requireFreeSlot(_ session: Session) throws(Complaint) {
        try Complaint.from { () throws(VaultError) in
            guard try session.slotCount() < KeySlotSummary.most else { throw .noFreeSlot }
        }
    }

    /// The number of a slot as the first operand.
    static func number(_ call: Invocation) throws(Complaint) -> UInt8 {
        guard let number = UInt8(call.operand(0)), number < KeySlotSummary.most else {
            throw Complaint(
                .usage, "a slot has a number from 0 to 7", hint: "see `coffer slot list`")
        }
        return number
    }

    private static func removeSlot(_ call: Invocation) throws(Complaint) -> ExitCode {
        let number = try number(call)
        let session = try VaultAccess.locked(call, for: .changing)
        let key = try VaultAccess.offer(call, to: session)
        try VaultAccess.unlock(session, with: key, call)
        let rows = try Complaint.from { () throws(VaultError) in
            try session.removeSlot(number, openedBy: key, at: Clock.now())
        }
        try Console.out("removed slot \(number)\n")
        Console.remark(on: rows)
        return .ok
    }
}

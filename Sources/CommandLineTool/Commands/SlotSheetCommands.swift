// `coffer slot export` and `coffer slot import`: a key slot on paper, and back.

internal import AgentService
internal import VaultModel

enum SlotSheetCommands {
    static let export = Verb(
        words: "slot export", summary: "print a sheet from which a damaged slot is put back",
        details: [
            "Both copies of a slot are damaged once in a lifetime; then its key opens nothing. The"
                + " sheet has the slot's 224 bytes in seven lines that can be typed, each with a"
                + " checksum. It is no key: without the passphrase or key of its slot it opens"
                + " nothing, like a copy of the vault. It needs no key to be made. Make another one"
                + " when the passphrase was changed."
        ],
        operands: [.required("N"), .optional("FILE", .file)],
        examples: [
            Example("coffer slot export 0 | lp", "on paper"),
            Example("coffer slot export 0 slot-0.txt", "in a new file (0600)"),
        ],
        run: exportSheet)

    static let `import` = Verb(
        words: "slot import", summary: "put a damaged slot back from its sheet",
        details: [
            "Only where both copies of the slot are damaged. A slot that can be read stays as it"
                + " is, and one that was removed or replaced does not come back."
        ],
        operands: [.required("FILE", .file)],
        examples: [Example("coffer slot import slot-0.txt", "typed from the paper")],
        run: importSheet)

    private static func exportSheet(_ call: Invocation) throws(Complaint) -> ExitCode {
        let number = try SlotCommands.number(call)
        let file = call.optionalOperand(1)
        if let file { try NewFile.refuseTaken(file) }
        let session = try VaultAccess.locked(call, for: .reading)
        let lines = try Complaint.from { () throws(VaultError) in
            try session.sheet(ofSlot: number)
        }
        let facts = try Complaint.from { () throws(VaultError) in try session.facts() }
        let text = sheet(lines, number, facts)
        guard let file else {
            try Console.out(text)
            return .ok
        }
        try NewFile(text: text, at: file).keep()
        try Console.out("wrote the sheet of slot \(number) to \(Escaped.path(file))\n")
        return .ok
    }

    private static func sheet(_ lines: [String], _ number: UInt8, _ facts: VaultFacts) -> String {
        let slot = facts.slots.first { $0.number == number }
        let head = [
            "coffer: the sheet of a key slot",
            "vault \(facts.vault.identifier.hexadecimal), epoch \(facts.epoch.number)",
            "slot \(number)" + (slot.map { ": \(SlotCommands.text($0))" } ?? ""), "",
            "If coffer says that this slot is damaged, type the seven lines below into a file and",
            "run `coffer slot import FILE`. Upper and lower case are the same, blanks and dashes",
            "are optional, O is 0, I and L are 1. A line that is mistyped is named.",
            "The sheet opens nothing without the passphrase or key of the slot.", "",
        ]
        return (head + lines).map { $0 + "\n" }.joined()
    }

    private static func importSheet(_ call: Invocation) throws(Complaint) -> ExitCode {
        let text = try SmallFile.text(call.operand(0), atMost: 65_536)
        let path = try VaultAccess.path(call)
        let caller = ThisProcess.caller(reason: try call.reason())
        let number = try Complaint.from { () throws(VaultError) in
            try SlotMending.mend(
                from: text, at: path, by: caller, memory: Places.state, time: Clock.now())
        }
        try Console.out("put slot \(number) back\n")
        return .ok
    }
}

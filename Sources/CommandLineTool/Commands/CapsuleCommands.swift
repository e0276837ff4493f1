// `coffer capsule import|show`: secrets that were sealed because they could not be stored, or
// elsewhere.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import SecretMemory
internal import VaultModel

enum CapsuleCommands {
    static let take = Verb(
        words: "capsule import", summary: "take a capsule in",
        details: [
            "Its secret becomes a pending version, which `coffer inbox accept` puts into use."
                + " Without a key of the vault it is laid into the inbox; whether it is for this"
                + " vault shows when that is opened. Twice is once; one that was set aside before"
                + " is tried again, which needs a key.",
            "A capsule that a mail or a terminal wrapped or quoted is read all the same.",
        ],
        operands: [.required("FILE|-")],
        examples: [Example("coffer capsule import saved.txt", "what a failed capture printed")],
        run: importCapsule)

    static let show = Verb(
        words: "capsule show", summary: "show what may be known of a capsule",
        details: ["Needs no key. The value and its name show when the vault takes it in."],
        operands: [.required("FILE|-")],
        examples: [Example("coffer capsule show saved.txt", "its number, date and size")],
        run: showCapsule)

    private static func importCapsule(_ call: Invocation) throws(Complaint) -> ExitCode {
        let text = try text(call)
        let (session, isOpen) = try VaultAccess.unlockedIfPossible(call, for: .changing)
        let (receipt, notices) = try Complaint.from { () throws(VaultError) in
            try session.takeIn(capsule: text, at: Clock.now())
        }
        if isOpen {
            for notice in notices { DepositWords.remark(on: notice) }
        } else {
            try Console.out(
                "laid into the inbox\n\(DepositCommand.text(receipt))"
                    + "  it becomes a pending version when the vault is next opened, if it is for"
                    + " this vault: without a key nobody can tell\n")
        }
        return .ok
    }

    private static func showCapsule(_ call: Invocation) throws(Complaint) -> ExitCode {
        let text = try text(call)
        let facts = try Complaint.from { () throws(VaultError) in
            try Sealer.facts(ofCapsule: text)
        }
        try Console.out(
            DepositCommand.text(facts.receipt)
                + Columns.text([
                    ("sealed ", facts.time.date), ("epoch  ", "\(facts.epoch.number)"),
                    ("size   ", "\(facts.size) bytes"),
                ]))
        return .ok
    }

    /// Sealed text, so ordinary memory will do.
    private static func text(_ call: Invocation) throws(Complaint) -> [UInt8] {
        let path = call.operands[0]
        let descriptor = path == "-" ? 0 : try Intake.open(path, .notRequired, what: "the capsule")
        defer { if descriptor != 0 { close(descriptor) } }
        let read = try Intake.all(of: descriptor, longest: longest, what: "the capsule")
        return unsafe read.bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The longest capsule, quoted: 64 MiB.
    private static let longest = 64 * 1_024 * 1_024
}

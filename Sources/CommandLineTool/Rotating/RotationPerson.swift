// The person behind a rotation: told what happens, and asked what only a person can say.

internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

/// Words for a person, and answers from options or the terminal.
struct RotationPerson {
    enum Choice: Hashable { case delete, keep }

    let name: SecretName
    let answersYes: Bool
    /// Whether somebody may be asked who is there.
    let mayAsk: Bool
    /// What the command line says of keys that nobody holds.
    let choices: [KeyID: Choice]
    /// How a key that a person made is taken in.
    let intake: CaptureIntake?
    let way: CaptureWay

    private var canAsk: Bool { mayAsk && Terminal.isInteractive }
    var isThere: Bool { canAsk }

    /// Asks; refused where there is nobody. `byOption`: whether `--yes` is an answer.
    func confirms(
        _ question: String, default fallback: Answer, byOption: Bool
    ) throws(Complaint) -> Bool {
        if answersYes, byOption { return true }
        guard canAsk else {
            throw Complaint(
                .refused, "only a person can say: \(question)",
                hints: [
                    "`coffer rotate \(name) --resume` on a terminal asks",
                    byOption
                        ? "`--yes` says yes; `--abandon` gives it up" : "`--abandon` gives it up",
                ])
        }
        return try Terminal.confirm(question, default: fallback)
    }

    func hasDeleted(
        _ key: String?, at console: String?, byOption: Bool
    ) throws(Complaint) -> Bool {
        if let console { Console.note("the issuer's console: \(Escaped.text(console))") }
        return try confirms(
            "is the key \(key ?? "") deleted there?", default: .no, byOption: byOption)
    }

    /// What becomes of a key that nobody holds; nil if that is not decided now.
    func decides(on key: KeyID, isOver: Bool) throws(Complaint) -> Choice? {
        if let choice = choices[key] { return choice }
        let id = Escaped.text(key.text)
        Console.warn("the key \(id) is at the issuer, and nothing here holds it")
        guard canAsk, !answersYes else {
            let hint =
                "`coffer rotate \(name) --resume \(RotateCommand.deleteKey.name)"
                + " \(Self.quoted(key))` deletes it;"
                + " `\(RotateCommand.keepKey.name)` keeps it and names it no more"
            guard isOver else {
                throw Complaint(
                    .refused, "only a person can say what becomes of the key \(id)", hint: hint)
            }
            Console.note(hint)
            return nil
        }
        if try Terminal.confirm("delete \(id) at the issuer?", default: .no) { return .delete }
        if try Terminal.confirm("keep it, and name it no more?", default: .no) { return .keep }
        guard isOver else { throw Complaint(.refused, "it is not decided yet") }
        return nil
    }

    /// An id as a shell takes it for one word; an issuer may have put anything in there.
    private static func quoted(_ key: KeyID) -> String {
        let plain = key.text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._:/+=@-".utf8.contains(byte)
            }
        }
        return plain && !key.text.hasPrefix("-") ? key.text : "ID"
    }

    func show(console: String?) {
        Console.note(
            console.map { "make a new key at \(Escaped.text($0))" }
                ?? "make a new key at the issuer's console")
    }

    /// Takes in the key that a person made.
    func take(for secret: Metadata) throws(Complaint) -> Captured {
        guard let intake else {
            throw Complaint(.failed, "a person makes this key")
        }
        return try intake.take(by: way)
    }

    func wait(seconds: UInt64) throws(Complaint) {
        guard seconds > 0 else { return }
        try IssuerCalling.settle(seconds: seconds)
    }

    // What is told.

    func tell(_ notice: Notice) {
        switch notice {
        case .unreachable, .done, .ended, .refused: break
        case .full(let ids) where !ids.isEmpty:
            let list = ids.map { Escaped.text($0.text) }.joined(separator: ", ")
            Console.warn("\(notice.words): \(list)")
        case .clockSet, .byWallClock: Console.note(notice.words)
        default: Console.warn(notice.words)
        }
    }

    func tellStored(_ receipt: RotatedReceipt) {
        let number = receipt.receipt.version.number
        guard receipt.isAwaited else { return }
        Console.note("the new key is stored as version \(number), pending")
    }

    func tellUnread(_ captured: borrowing Captured, _ number: UInt32, _ why: Complaint) {
        let field = captured.secrets.names.first?.text ?? "secret"
        Console.warn(
            "\(why.words): it is kept as version \(number), field \(field), beside the rotation")
    }

    func tellLost(_ why: Complaint) {
        Console.warn("\(why.words); nobody knows whether a key was made: it is looked for")
    }
}

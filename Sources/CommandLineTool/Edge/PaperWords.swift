// What is said of shares and sheets that cannot be used.

internal import VaultModel

extension Complaint {
    static func sheet(_ defect: SheetDefect) -> Complaint {
        switch defect {
        case .missing(let line):
            Complaint(
                .usage, "this is no sheet of a key slot: it has no line \(line)",
                hint: "its lines are `1: …` to `7: …`")
        case .unreadable(let line):
            Complaint(
                .usage, "line \(line) of the sheet is mistyped, or there twice",
                hint: "compare it with the paper, character by character")
        case .mixed:
            Complaint(
                .usage, "each line can be read, but they are not of one sheet",
                hint: "all seven lines come from one sheet")
        case .otherVault:
            Complaint(
                .refused, "this is the sheet of another vault, or from before a rekey",
                hint: "the first lines of a sheet name its vault")
        case .slotIntact(let number):
            Complaint(
                .refused, "slot \(number) of the vault is not damaged; nothing was changed")
        case .slotRemoved(let number):
            Complaint(
                .refused,
                "the vault has no slot \(number): a key that was removed does not come back",
                hint: "`coffer slot list` shows those that are there")
        case .slotReplaced(let number):
            Complaint(
                .refused,
                "the sheet is of an older key than slot \(number) had last: a key that was"
                    + " replaced does not come back",
                hint: "the sheet that was made last puts it back; `coffer slot add` adds a key")
        }
    }

    /// `what` names where the share came from.
    static func share(_ defect: ShareDefect, _ what: String) -> Complaint {
        switch defect {
        case .unreadable:
            Complaint(
                .locked, "\(what) is no share, or a character of it is mistyped",
                hint: "a share has 72 letters and digits")
        case .otherSet:
            Complaint(
                .locked, "\(what) is a share of another key than those before",
                hint: "shares of one key begin with the same eight characters")
        case .twice(let index):
            Complaint(
                .locked, "\(what) is share \(index), which is here already",
                hint: "bring another one of the same key")
        }
    }
}

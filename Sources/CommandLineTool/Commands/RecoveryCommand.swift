// `coffer recovery split`: a key in several hands.

internal import AgentService
internal import SecretMemory
internal import VaultModel

enum RecoveryCommand {
    static let shares = Option.one("--shares", "N", "how many shares, 2 to \(NewShares.most)")
    static let threshold = Option.one("--threshold", "K", "how many of them open the vault, from 2")
    static let files = Option.one(
        "--new-share-files", "PREFIX", "write them to new files PREFIX-1.txt … (0600)", .file)

    static let split = Verb(
        words: "recovery split", summary: "make a key that several people hold together",
        details: [
            "A new key is added to the vault and split: any K of the N shares open it, fewer tell"
                + " nothing of it. Each share says which set it belongs to and how many are needed,"
                + " and a typing error in one is noticed. They are shown one after another on the"
                + " terminal, or written to files.",
            "--recovery-shares asks for them on the terminal, --share-file reads them; the slot can"
                + " be removed like any other.",
        ],
        options: [shares, threshold, files],
        examples: [
            Example("coffer recovery split --shares 5 --threshold 3", "shown on the terminal"),
            Example(
                "coffer recovery split --shares 2 --threshold 2 --new-share-files ./share",
                "in two files, to be kept apart"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard let count = try call.count(shares), let needed = try call.count(threshold),
            (2...NewShares.most).contains(count), (2...count).contains(needed)
        else {
            throw Complaint(
                .usage,
                "a key is split into 2 to \(NewShares.most) shares, of which at least 2 and"
                    + " at most all are needed",
                hint: "coffer recovery split --shares 5 --threshold 3")
        }
        let paths = call.value(of: files).map { prefix in
            (1...count).map { "\(prefix)-\($0).txt" }
        }
        for path in paths ?? [] { try NewFile.refuseTaken(path) }
        let session = try VaultAccess.locked(call, for: .changing)
        let key = try VaultAccess.offer(call, to: session)
        try VaultAccess.unlock(session, with: key, call)
        try SlotCommands.requireFreeSlot(session)
        let new = try Complaint.from { () throws(VaultError) in
            try NewShares(count: count, threshold: needed)
        }
        // Before there is a slot: whoever is interrupted has useless shares, no more.
        let written = try handOut(new, count, needed, paths)
        let number = try Complaint.from { () throws(VaultError) in
            try session.addSlot(
                for: new.offer, openedBy: key, parameters: .none, at: Clock.now())
        }
        for file in written { file.keep() }
        try Console.out("added slot \(number): any \(needed) of \(count) shares open it\n")
        return .ok
    }

    private static func handOut(
        _ new: NewShares, _ count: Int, _ needed: Int, _ paths: [String]?
    ) throws(Complaint) -> [NewFile] {
        var files: [NewFile] = []
        for index in 1...count {
            let text = new.text(of: index)
            if let paths {
                var line = SecretBytes(copying: text.bytes)
                line.append(UInt8(ascii: "\n"))
                files.append(try NewFile(line, at: paths[index - 1]))
            } else {
                try Terminal.showUntilEnter(
                    "share \(index) of \(count); \(needed) open the vault:", text)
            }
        }
        return files
    }
}

/// Shares that are brought to open a vault.
enum ShareIntake {
    /// From files; too few are an error.
    static func read(_ paths: [String]) throws(Complaint) -> BroughtShares {
        let shares = BroughtShares()
        for path in paths {
            let text = try Intake.key(file: path)
            do throws(ShareDefect) { try shares.add(text) } catch {
                throw Complaint.share(error, Escaped.path(path))
            }
        }
        if let missing = shares.missing, missing > 0 {
            throw Complaint(
                .locked, "too few shares: \(Count.of(missing, "more share")) needed",
                hint: "--share-file FILE for each of them, or --recovery-shares to type them")
        }
        return shares
    }

    /// Typed, until there are enough. One that is mistyped is asked for again.
    static func ask() throws(Complaint) -> BroughtShares {
        let shares = BroughtShares()
        var (number, failures) = (1, 0)
        while shares.missing ?? 1 > 0 {
            let text = try Terminal.readHidden(prompt: "share \(number)")
            do throws(ShareDefect) {
                try shares.add(text)
                number += 1
            } catch {
                failures += 1
                let complaint = Complaint.share(error, "this")
                guard failures < 10 else { throw complaint }
                Console.warn("\(complaint.words); \(complaint.hints.joined())")
            }
        }
        return shares
    }
}

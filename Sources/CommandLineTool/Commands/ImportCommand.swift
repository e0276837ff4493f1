// `coffer import`: many secrets at once, all or none.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum ImportCommand {
    static let jsonLines = Option.one(
        "--json-lines", "FILE|-", "one JSON object a line; the schema is in docs/cli.md", .file)

    static let from = Option.one(
        "--from", "FORMAT", "which store's export PATH is",
        .words(ImportFormat.allCases.map(\.rawValue)))
    static let dryRun = Option.flag(
        "--dry-run", "print names, issuers and fields that would be stored, and store nothing")
    static let skipExisting = Option.flag(
        "--skip-existing", "leave secrets whose names exist as they are")
    static let prefix = Option.one("--prefix", "NAME/", "what is put before every name")
    static let wipeSource = Option.flag(
        "--wipe-source", "overwrite and remove the file once all of it is stored")
    static let replaceWithHelper = Option.flag(
        "--replace-with-helper",
        "rewrite the file once all of it is stored, so that its client asks coffer")

    static let verb = Verb(
        words: "import", summary: "store many secrets at once",
        details: [
            "All of them or none: one transaction, and each secret is read back and compared"
                + " before it ends.",
            "FORMAT is one of \(ImportFormat.allCases.map(\.rawValue).joined(separator: ", "))."
                + " docs/imports.md says what becomes of what.",
            "pass and gopass are folders, whose entries `gpg` opens; a 1pux archive is read through"
                + " `unzip`. Of all others PATH is a file, or `-` for standard input.",
            "--replace-with-helper is for aws-credentials, docker and netrc: the file stays,"
                + " without its secrets.",
        ],
        operands: [.optional("PATH|-", .file)],
        options: [
            from, jsonLines, dryRun, CaptureCommand.replace, skipExisting, prefix, wipeSource,
            replaceWithHelper,
        ],
        examples: [
            Example(
                "coffer import --from pass ~/.password-store --dry-run", "what would be stored"),
            Example("coffer import --from bitwarden export.json --wipe-source", "and no file left"),
            Example(
                "coffer import --from aws-credentials ~/.aws/credentials --prefix aws/",
                "a secret for each profile"),
            Example(
                "coffer import --from aws-credentials ~/.aws/credentials --replace-with-helper",
                "and AWS's clients ask coffer from then on"),
            Example("coffer import --json-lines secrets.jsonl", "then remove the file"),
            Example(
                "other-tool export | coffer import --json-lines -", "without a file in between"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let path = try call.documentPath(jsonLines)
        switch (path, call.value(of: from)) {
        case (nil, nil):
            throw Complaint(
                .usage, "`coffer import` needs `--from FORMAT PATH` or `--json-lines FILE`",
                hint: "see `coffer import --help`")
        case (nil, let format?): return try ForeignImport(call, format).run()
        case (let path?, nil):
            let others = [dryRun, skipExisting, prefix, wipeSource, replaceWithHelper]
                .filter(call.has)
            guard others.isEmpty, call.optionalOperand(0) == nil else {
                let what = others.first.map { "`\($0.name)`" } ?? "PATH"
                throw Complaint(.usage, "\(what) belongs to `--from`, not to `--json-lines`")
            }
            return try importLines(call, path)
        default: throw Complaint(.usage, "`--from` and `--json-lines` exclude each other")
        }
    }

    private static func importLines(
        _ call: Invocation, _ path: String
    ) throws(Complaint) -> ExitCode {
        var lines = try LineReader(path)
        let session = try VaultAccess.unlocked(call, for: .changing)
        let progress = Progress("importing", of: lines.totalBytes)
        var refused: Complaint?
        var tally = LineTally()
        let conflict = call.has(CaptureCommand.replace) ? NameConflict.addVersion : .refuse
        let count: Int
        do throws(VaultError) {
            count = try session.storeAll(conflict, at: Clock.now()) {
                do throws(Complaint) {
                    progress.advance(to: lines.bytesRead)
                    return try step(&lines, &tally)
                } catch {
                    refused = error
                    return .giveUp
                }
            }
        } catch {
            progress.end()
            if let refused { throw refused }
            throw Complaint(error, inLine: lines.number)
        }
        progress.end()
        try Console.out("imported \(count) secrets\n")
        if !tally.isComplete {
            Console.note(
                "the lines do not say how many they are: whether all were there is unknown")
        }
        PlainFile.remark(on: path)
        return .ok
    }

    private static func step(
        _ lines: inout LineReader, _ tally: inout LineTally
    ) throws(Complaint) -> ImportStep {
        repeat {
            guard try lines.next() else { return .end }
        } while try tally.take(lines.line, number: lines.number)
        do throws(CredentialError) {
            let entry = try JSONLine.parse(lines.line)
            let draft = entry.draft
            return .secret(draft, entry.takeSecrets())
        } catch {
            throw Complaint(error, inLine: lines.number)
        }
    }
}

/// Secrets that were read beside the number that the end of an export gives. Several exports may
/// follow each other.
private struct LineTally {
    /// Since the last end.
    private var secrets = 0
    private var hasEnd = false

    /// Whether the last line was the end of an export.
    var isComplete: Bool { hasEnd && secrets == 0 }

    /// Whether the line ends an export; else it is a secret.
    mutating func take(_ line: Span<UInt8>, number: Int) throws(Complaint) -> Bool {
        guard let count = JSONLine.count(inEnd: line) else {
            secrets += 1
            return false
        }
        guard count == secrets else {
            throw Complaint(
                .notStored,
                "line \(number): the export was \(Count.of(count, "secret")), and here"
                    + (secrets == 1 ? " is 1" : " are \(secrets)") + "; nothing was imported",
                hint: "lines were lost or added on the way")
        }
        (secrets, hasEnd) = (0, true)
        return true
    }
}

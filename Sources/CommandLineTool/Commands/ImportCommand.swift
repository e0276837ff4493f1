// `coffer import`: many secrets at once, all or none.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum ImportCommand {
    static let jsonLines = Option.one(
        "--json-lines", "FILE|-", "one JSON object a line; the schema is in docs/cli.md", .file)

    static let verb = Verb(
        words: "import", summary: "store many secrets at once",
        details: [
            "All of them or none: one transaction, and each secret is read back and compared"
                + " before it ends."
        ],
        options: [jsonLines, CaptureCommand.replace],
        examples: [
            Example("coffer import --json-lines secrets.jsonl", "then remove the file"),
            Example(
                "other-tool export | coffer import --json-lines -", "without a file in between"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard let path = try call.documentPath(jsonLines) else {
            throw Complaint(.usage, "`coffer import` needs `--json-lines FILE`")
        }
        var lines = try LineReader(path)
        let session = try VaultAccess.unlocked(call, for: .changing)
        let progress = Progress("importing", of: lines.totalBytes)
        var refused: Complaint?
        let conflict = call.has(CaptureCommand.replace) ? NameConflict.addVersion : .refuse
        let count: Int
        do throws(VaultError) {
            count = try session.storeAll(conflict, at: Clock.now()) {
                do throws(Complaint) {
                    progress.advance(to: lines.bytesRead)
                    return try step(&lines)
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
        PlainFile.remark(on: path)
        return .ok
    }

    private static func step(_ lines: inout LineReader) throws(Complaint) -> ImportStep {
        guard try lines.next() else { return .end }
        do throws(CredentialError) {
            let entry = try JSONLine.parse(lines.line)
            let draft = entry.draft
            return .secret(draft, entry.takeSecrets())
        } catch {
            throw Complaint(error, inLine: lines.number)
        }
    }
}

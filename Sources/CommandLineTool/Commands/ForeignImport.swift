// `coffer import --from`: the secrets of another store, all of them or none.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// One import, from what the command line says to what is said about it.
struct ForeignImport {
    /// What is done about names that exist.
    private enum Conflict: Hashable {
        case refuse, replace, skip
    }

    private let call: Invocation
    private let format: ImportFormat
    private let path: String
    private let prefix: String
    private let conflict: Conflict
    private let isDry: Bool
    private let wipesSource: Bool
    /// Nil if the source stays as it is.
    private let handOver: HandOver?

    init(_ call: Invocation, _ formatName: String) throws(Complaint) {
        self.call = call
        guard let format = ImportFormat(rawValue: formatName) else {
            let names = ImportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Complaint(.usage, "`--from` needs a format", hint: "one of \(names)")
        }
        guard let operand = call.optionalOperand(0) else {
            throw Complaint(.usage, "PATH is missing", hint: call.verb.usage)
        }
        self.format = format
        path = try call.documentPath(operand, of: "`coffer import`")
        prefix = try Self.prefix(call)
        let (replaces, skips) = (
            call.has(CaptureCommand.replace), call.has(ImportCommand.skipExisting)
        )
        guard !(replaces && skips) else {
            throw Complaint(.usage, "`--replace` and `--skip-existing` exclude each other")
        }
        conflict = replaces ? .replace : skips ? .skip : .refuse
        isDry = call.has(ImportCommand.dryRun)
        wipesSource = call.has(ImportCommand.wipeSource)
        let replacesSource = call.has(ImportCommand.replaceWithHelper)
        try Self.refuseContradictions(call)
        handOver = replacesSource ? try HandOver(format, call) : nil
        if wipesSource, case .folder = format.source {
            throw Complaint(
                .usage, "`--wipe-source` removes a file; \(format.rawValue) keeps a folder",
                hint: "its entries are encrypted: remove it when you no longer need it")
        }
    }

    /// What would lose a secret that is in the source and not in the vault.
    private static func refuseContradictions(_ call: Invocation) throws(Complaint) {
        let changes = [ImportCommand.wipeSource, ImportCommand.replaceWithHelper].filter(call.has)
        guard let change = changes.first else { return }
        guard changes.count == 1 else {
            throw Complaint(
                .usage, "`\(changes[0].name)` and `\(changes[1].name)` exclude each other")
        }
        guard !call.has(ImportCommand.dryRun) else {
            throw Complaint(.usage, "`--dry-run` and `\(change.name)` exclude each other")
        }
        guard !call.has(ImportCommand.skipExisting) else {
            throw Complaint(
                .usage, "`--skip-existing` and `\(change.name)` exclude each other",
                hint: "what is skipped may be another value than the one that is stored")
        }
    }

    private static func prefix(_ call: Invocation) throws(Complaint) -> String {
        guard let prefix = call.value(of: ImportCommand.prefix) else { return "" }
        guard prefix.utf8.count <= 64, SecretName(prefix + "x") != nil, prefix.hasSuffix("/") else {
            throw Complaint(
                .usage, "`--prefix` needs a name of at most 63 characters and a slash behind it",
                hint: "as in --prefix team/old/")
        }
        return prefix
    }

    func run() throws(Complaint) -> ExitCode {
        let source = try openSource()
        var others: [String] = []
        let text = try text(of: source, leavingOut: &others)
        var batch = try read(text.bytes)
        for other in others { batch.leaveOut(other, "a file of the archive") }
        var plan = ImportPlan(batch, prefix: prefix)
        try refuseAmbiguous(plan, batch)
        // All that can be refused is refused before anything is stored.
        let replacement = handOver == nil ? nil : try source.map(Replacement.init)
        let rewritten =
            if let handOver {
                try handOver.rewritten(text.bytes, plan, from: path)
            } else { SecretBytes() }
        let session = try VaultAccess.unlocked(call, for: isDry ? .reading : .changing)
        let taken = try names(of: plan, in: session)
        let words = ImportWords(plan, batch, taken)
        words.remark()
        if isDry { try words.list() }
        try refuse(taken)
        if conflict == .skip { plan.skip(Set(taken)) }
        if isDry {
            try rehearse(plan, in: session)
            try Console.out("\(words.summary("would import", plan, skips: conflict == .skip))\n")
            return .ok
        }
        try store(plan, in: session)
        try Console.out("\(words.summary("imported", plan, skips: conflict == .skip))\n")
        if let replacement, let handOver {
            try replacement.make(rewritten)
            handOver.remark(on: path)
        } else {
            try leave(source)
        }
        return .ok
    }

    /// The file, or nil for a folder. What could not be wiped is refused before all else.
    private func openSource() throws(Complaint) -> SourceFile? {
        if case .folder = format.source { return nil }
        let file = try SourceFile(path)
        if wipesSource { try file.refuseUnwipable() }
        return file
    }

    /// The text of the source, empty if it is a folder, and what is not read of it.
    private func text(
        of source: SourceFile?, leavingOut others: inout [String]
    ) throws(Complaint) -> SecretBytes {
        guard let source else { return SecretBytes() }
        guard case .archive(let member) = format.source else { return try source.read() }
        let archive = try ZipArchive(source, holding: member)
        others = archive.others
        return try archive.content()
    }

    private func read(_ text: Span<UInt8>) throws(Complaint) -> ImportBatch {
        if case .folder(let dialect) = format.source {
            return try PassFolder(path, dialect).read()
        }
        do throws(ImportDefect) { return try format.read(text) } catch {
            throw Complaint(error, in: path)
        }
    }

    /// Refuses what would lose something or leave open which secret is which.
    private func refuseAmbiguous(_ plan: ImportPlan, _ batch: ImportBatch) throws(Complaint) {
        guard !plan.items.isEmpty else {
            ImportWords(plan, batch, []).remark()
            throw Complaint(
                .failed, "there is no secret in it; nothing was imported",
                hint: "is it in the format that `--from` names?")
        }
        if conflict == .replace, !plan.shared.isEmpty {
            throw Complaint(
                .failed,
                "several secrets of the source would have the same name, so that none"
                    + " can replace another; nothing was imported",
                hints: plan.shared.map { "\"\($0.name)\" would be \($0.count) of them" })
        }
        if wipesSource, !batch.leftOut.isEmpty {
            ImportWords(plan, batch, []).remark()
            throw Complaint(
                .refused,
                "not all of the source is imported, so it is not wiped; nothing was"
                    + " imported",
                hint: "import without --wipe-source, keep what was left out, then remove the file")
        }
    }

    /// The names that a secret of the vault has already, removed ones too.
    private func names(
        of plan: ImportPlan, in session: Session
    ) throws(Complaint) -> [SecretName] {
        try Complaint.from { () throws(VaultError) in
            var taken: [SecretName] = []
            for item in plan.items where try session.record(of: item.name) != nil {
                taken.append(item.name)
            }
            return taken
        }
    }

    private func refuse(_ taken: [SecretName]) throws(Complaint) {
        guard conflict == .refuse, !taken.isEmpty else { return }
        throw Complaint(
            .failed, "\(taken.count) of the names exist already; nothing was imported",
            hints: taken.map { "\"\($0)\" exists already" } + [
                "--replace stores new versions, --skip-existing leaves them, --prefix puts a name"
                    + " before every name"
            ])
    }

    /// What the vault does with a name that exists.
    private var nameConflict: NameConflict { conflict == .replace ? .addVersion : .refuse }

    /// Fails as `store` would.
    private func rehearse(_ plan: ImportPlan, in session: Session) throws(Complaint) {
        do throws(VaultError) {
            let now = Clock.now()
            for item in plan.items {
                try session.rehearse(item.draft, item.found.secretNames, nameConflict, at: now)
            }
        } catch { throw Self.nothingStored(error) }
    }

    private func store(_ plan: ImportPlan, in session: Session) throws(Complaint) {
        let progress = Progress("importing", of: plan.items.count)
        defer { progress.end() }
        var index = 0
        do throws(VaultError) {
            guard !plan.items.isEmpty else { return }
            _ = try session.storeAll(nameConflict, at: Clock.now()) {
                guard index < plan.items.count else { return .end }
                progress.advance(to: index)
                let item = plan.items[index]
                index += 1
                return .secret(item.draft, item.found.takeSecrets())
            }
        } catch { throw Self.nothingStored(error) }
    }

    private static func nothingStored(_ error: VaultError) -> Complaint {
        let complaint = Complaint(error)
        return Complaint(
            complaint.code, "\(complaint.words); nothing was imported", hints: complaint.hints)
    }

    /// Wipes the source, or says that it still holds secrets.
    private func leave(_ source: SourceFile?) throws(Complaint) {
        guard let source else { return }
        guard wipesSource else { return PlainFile.remark(on: path) }
        try source.wipe()
        Console.note("\(Escaped.path(path)) was overwritten and removed")
        Console.note(
            "that does not reach copies, backups, snapshots, git history, swap, or what an SSD or"
                + " a copy-on-write file system keeps of old blocks: rotate what matters")
    }
}

extension Complaint {
    /// A source that is not read: exit 2, whatever is wrong with it.
    init(_ defect: ImportDefect, in path: String) {
        let place = path == "-" ? "the input" : Escaped.path(path)
        let line = defect.line > 0 ? ", line \(defect.line)" : ""
        self.init(
            .usage, "\(place)\(line): \(defect.words); nothing was imported",
            hint: "docs/imports.md says what is read of each format")
    }
}

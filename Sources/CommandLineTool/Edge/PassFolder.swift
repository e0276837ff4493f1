// The folder of pass or gopass: a file an entry, which `gpg` opens into locked memory.

internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// Walks the folder without following links, and opens one entry at a time.
@safe
struct PassFolder {
    private static let deepest = 32
    private static let mostEntries = 100_000

    private let root: String
    private let dialect: PassEntry.Dialect
    private var entries: [[String]] = []
    private var others: [[String]] = []
    /// What begins with a dot and is none of what pass keeps for itself.
    private var hidden: [[String]] = []

    /// Finds the entries; nothing is opened yet.
    init(_ root: String, _ dialect: PassEntry.Dialect) throws(Complaint) {
        self.root = root
        self.dialect = dialect
        try look(at: [])
        guard !entries.isEmpty else {
            throw Complaint(
                .usage, "\(Escaped.path(root)) holds no entry of \(dialect)",
                hint: "name the folder that holds `.gpg-id`")
        }
    }

    private func path(_ parts: [String]) -> String { ([root] + parts).joined(separator: "/") }

    private mutating func look(at folder: [String]) throws(Complaint) {
        guard folder.count < Self.deepest else {
            throw Complaint(.usage, "\(Escaped.path(path(folder))) is nested too deeply")
        }
        for name in try Self.names(in: path(folder)) where !Self.isOwn(name) {
            let place = folder + [name]
            guard !name.hasPrefix(".") else {
                hidden.append(place)
                continue
            }
            var status = stat()
            guard unsafe lstat(path(place), &status) == 0 else {
                throw Self.failure(path(place), errno)
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try look(at: place)
            case S_IFREG where name.hasSuffix(".gpg") && name != ".gpg": entries.append(place)
            case S_IFREG: others.append(place)
            default:
                throw Complaint(
                    .refused,
                    "\(Escaped.path(path(place))) is a link or no file; nothing was imported",
                    hint: "import the folder that it leads to by itself")
            }
            guard entries.count + others.count + hidden.count <= Self.mostEntries else {
                throw Complaint(.usage, "\(Escaped.path(root)) holds more than 100,000 entries")
            }
        }
    }

    /// Whether pass or git keeps this for itself: no entry is in it.
    private static func isOwn(_ name: String) -> Bool {
        [".", "..", ".git", ".gitattributes", ".extensions"].contains(name)
            || name.hasPrefix(".gpg-id")
    }

    private static func names(in folder: String) throws(Complaint) -> [String] {
        guard let directory = unsafe opendir(folder) else { throw failure(folder, errno) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// Opens every entry.
    func read() throws(Complaint) -> ImportBatch {
        var batch = ImportBatch()
        let progress = Progress("opening", of: entries.count)
        defer { progress.end() }
        for (index, entry) in entries.enumerated() {
            progress.advance(to: index)
            let text = try open(entry)
            do throws(ImportDefect) {
                try batch.take(try PassEntry.read(text.bytes, at: Self.name(of: entry), dialect))
            } catch {
                throw Complaint(error, in: path(entry))
            }
        }
        for other in others {
            batch.leaveOut(other.joined(separator: "/"), "it is no entry that gpg opens")
        }
        for place in hidden {
            batch.leaveOut(place.joined(separator: "/"), "its name begins with a dot")
        }
        return batch
    }

    private static func name(of entry: [String]) -> [String] {
        entry.dropLast() + entry.suffix(1).map { String($0.dropLast(4)) }
    }

    private func open(_ entry: [String]) throws(Complaint) -> SecretBytes {
        let path = path(entry)
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        defer { close(descriptor) }
        // A signature that an entry may carry must not send gpg to the network for its key.
        let plan = ChildProcess.Plan(
            words: ["gpg", "--quiet", "--no-auto-key-retrieve", "--decrypt"], input: descriptor)
        let outcome = try ChildProcess.run(plan, longest: Intake.longestDocument)
        guard outcome.output.count <= Intake.longestDocument else {
            throw Complaint(
                .notStored, "\(Escaped.path(path)) is longer than 17 MiB; nothing was imported")
        }
        guard outcome.exitCode == 0 else {
            outcome.messages.show(hiding: SecretFields())
            throw Complaint(
                .failed,
                "gpg cannot open \(Escaped.path(path)) (exit \(outcome.exitCode));"
                    + " nothing was imported",
                hint: "`gpg --decrypt` on that file must work, and GPG_TTY name your terminal")
        }
        return SecretBytes(copying: outcome.output.bytes)
    }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        let kind = code == ENOENT ? ExitCode.notFound : .notStored
        return Complaint(kind, "cannot read \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

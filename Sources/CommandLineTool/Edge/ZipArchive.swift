// One member of a zip archive, through the `unzip` program, into locked memory.

internal import SecretMemory
internal import VaultModel

/// The archive is handed over as an open file, so that it is the same one for both looks at it and
/// its name is no pattern. Nothing is ever extracted to disk.
struct ZipArchive {
    /// A member that says nothing but which version of the format it is.
    private static let attributes = "export.attributes"
    /// Longest list of members, in bytes.
    private static let longestList = 4 * 1_024 * 1_024
    /// Milliseconds after which `unzip` is killed.
    private static let patience: Int64 = 60_000

    private let file: SourceFile
    private let member: String
    /// The members besides the one that is read, but for folders and the attributes.
    let others: [String]

    /// Lists the members; an archive that holds what no honest one does is refused.
    init(_ file: SourceFile, holding member: String) throws(Complaint) {
        guard file.isRegular else {
            throw Complaint(
                .usage, "an archive is read from a file", hint: "name the file, not a pipe")
        }
        self.file = file
        self.member = member
        others = try Self.check(try Self.list(file), needing: member)
            .filter { $0 != member && $0 != Self.attributes && !$0.hasSuffix("/") }.map(String.init)
    }

    /// What the member holds.
    func content() throws(Complaint) -> SecretBytes {
        let words = ["unzip", "-p", "/dev/stdin", member]
        let outcome = try Self.run(words, file, SourceFile.longest)
        guard outcome.output.count <= SourceFile.longest else {
            throw Self.refusal("its \(member) is longer than 24 MiB")
        }
        guard outcome.exitCode == 0 else { throw Self.refusal("its \(member) is damaged") }
        return SecretBytes(copying: outcome.output.bytes)
    }

    /// What `unzip` lists: a line a member.
    private static func list(_ file: SourceFile) throws(Complaint) -> [String] {
        let outcome = try run(["unzip", "-Z", "-s", "/dev/stdin", "*"], file, longestList)
        guard outcome.output.count <= longestList else { throw refusal("it has too many members") }
        guard outcome.exitCode == 0, let text = String(validUTF8: outcome.output.bytes) else {
            throw refusal("it is no zip archive, or damaged")
        }
        return text.split(separator: "\n").map(String.init)
    }

    private static func run(
        _ words: [String], _ file: SourceFile, _ longest: Int
    ) throws(Complaint) -> ChildOutcome {
        let plan = ChildProcess.Plan(words: words, input: file.descriptor, patience: patience)
        return try ChildProcess.run(plan, longest: longest)
    }

    /// The names of all members; refuses those that would leave a folder, links, and names that
    /// stand twice.
    @discardableResult
    static func check(
        _ lines: [String], needing wanted: String
    ) throws(Complaint) -> [Substring] {
        var names: Set<Substring> = []
        for line in lines {
            // Mode, version, system, size, kind, method, date, time, and then the name.
            let parts = line.split(separator: " ", maxSplits: 8)
            guard parts.count == 9, let size = Int(parts[3]) else {
                throw refusal("its list of members cannot be read")
            }
            let name = parts[8]
            guard !line.hasPrefix("l") else { throw refusal("it holds a symbolic link") }
            guard isInside(name) else { throw refusal("it holds a name that leads out of it") }
            guard names.insert(name).inserted else { throw refusal("it holds a name twice") }
            guard name != wanted || size <= SourceFile.longest else {
                throw refusal("its \(wanted) is longer than 24 MiB")
            }
        }
        guard names.contains(wanted[...]) else { throw refusal("it holds no \(wanted)") }
        return names.sorted()
    }

    private static func isInside(_ name: Substring) -> Bool {
        !name.hasPrefix("/") && !name.contains("\\") && !name.contains(":")
            && !name.split(separator: "/").contains("..")
    }

    private static func refusal(_ words: String) -> Complaint {
        Complaint(
            .usage, "the archive is refused: \(words); nothing was imported",
            hint: "export it again")
    }
}

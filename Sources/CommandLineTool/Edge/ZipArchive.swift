// One member of a zip archive, through the `unzip` program, into locked memory.

internal import SecretMemory
internal import VaultModel

/// The archive is handed over as an open file, so that it is the same one for both looks at it and
/// its name is no pattern. Nothing is ever extracted to disk.
enum ZipArchive {
    /// Longest list of members, in bytes.
    private static let longestList = 4 * 1_024 * 1_024
    /// Milliseconds after which `unzip` is killed.
    private static let patience: Int64 = 60_000

    /// The only member of this name; an archive that holds what no honest one does is refused.
    static func member(_ name: String, of file: SourceFile) throws(Complaint) -> SecretBytes {
        guard file.isRegular else {
            throw Complaint(
                .usage, "an archive is read from a file", hint: "name the file, not a pipe")
        }
        try check(try list(file), needing: name)
        let outcome = try run(["unzip", "-p", "/dev/stdin", name], file, SourceFile.longest)
        guard outcome.output.count <= SourceFile.longest else {
            throw refusal("its \(name) is longer than 24 MiB")
        }
        guard outcome.exitCode == 0 else { throw refusal("its \(name) is damaged") }
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

    /// Refuses members that would leave a folder, links, and names that stand twice.
    static func check(_ lines: [String], needing wanted: String) throws(Complaint) {
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

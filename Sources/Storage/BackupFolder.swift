// A folder of backups, whose names say of which vault they are and of when.

internal import Glibc
public import VaultModel

/// `<vault>-<UTC time>.db` for each.
public struct BackupFolder: Sendable {
    private let path: String
    private let stem: String

    /// The backups in `path` of the vault whose file lies at `vault`.
    public init(_ path: String, of vault: String) {
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        stem = Self.stem(of: vault)
    }

    /// The folder in which the vault itself lies.
    public init(besides vault: String) {
        self.init(vault.lastIndex(of: "/").map { String(vault[...$0]) } ?? ".", of: vault)
    }

    /// The name of a vault's file without what says that it is a vault.
    public static func stem(of vault: String) -> String {
        let base = vault.split(separator: "/").last.map(String.init) ?? vault
        return base.hasSuffix(".db") ? String(base.dropLast(3)) : base
    }

    /// `YYYYMMDDTHHMMSS.mmmZ`: in the order of names is in the order of time.
    public static func stamp(_ time: Timestamp) -> String {
        let milliseconds = String(time.milliseconds % 1_000)
        let text = time.description.filter { $0 != "-" && $0 != ":" }.dropLast()
        return "\(text).\(String(repeating: "0", count: 3 - milliseconds.count))\(milliseconds)Z"
    }

    /// The path of a backup of this time.
    public func path(at time: Timestamp) -> String { place("\(stem)-\(Self.stamp(time)).db") }

    private func place(_ name: String) -> String { path == "." ? name : "\(path)/\(name)" }

    /// What has the name of a backup of this vault, the oldest first. Another vault's may be among
    /// them, if its file has the same name.
    public func backups() throws(VaultError) -> [String] {
        guard let directory = unsafe opendir(path) else {
            throw .io(.open, path: path, errno: errno)
        }
        defer { unsafe closedir(directory) }
        var found: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if isBackup(name) { found.append(place(name)) }
        }
        return found.sorted()
    }

    private func isBackup(_ name: String) -> Bool { isStamped(name, behind: "\(stem)-") }

    /// Whether a name is a time behind these words.
    private func isStamped(_ name: String, behind words: String) -> Bool {
        guard name.hasPrefix(words), name.hasSuffix(".db") else { return false }
        let stamp = name.utf8.dropFirst(words.utf8.count).dropLast(3)
        let pattern = "ddddddddTdddddd.dddZ".utf8
        return stamp.count == pattern.count
            && zip(stamp, pattern).allSatisfy { byte, wanted in
                wanted == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == wanted
            }
    }

    /// Removes a backup, on disk when this returns.
    public func remove(_ backup: String) throws(VaultError) {
        guard unsafe unlink(backup) == 0 || errno == ENOENT else {
            throw .io(.remove, path: backup, errno: errno)
        }
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .io(.open, path: path, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .io(.sync, path: path, errno: errno) }
    }

    /// Removes drafts that kills left behind, whatever they were to be named.
    public func clearAbandoned() {
        DraftFile.clearAbandoned(in: path) { name in
            isBackup(name) || isStamped(name, behind: "\(stem)\(Self.replaced)")
        }
    }

    private static let replaced = "-replaced-"

    /// Where a vault is kept as it was if a backup or another state takes its place at this time.
    public func pathOfReplaced(at time: Timestamp) -> String {
        place("\(stem)\(Self.replaced)\(Self.stamp(time)).db")
    }
}

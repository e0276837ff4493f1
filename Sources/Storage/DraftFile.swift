// A vault under construction: a file of another name beside the place where the vault will be.

internal import CLinux
internal import Glibc
internal import VaultModel

/// The file in which a vault is built until it is complete. A kill leaves at most this file, which
/// nobody mistakes for a vault; the next one to make a vault there clears it away.
struct DraftFile {
    let file: VaultFile
    let draftPath: String

    /// Age in seconds at which a draft is taken for one that a kill left behind.
    private static let abandonedAge = 600
    /// What SQLite puts beside a file.
    static let besides = ["-wal", "-shm", "-journal"]
    /// Names that are tried for a draft.
    private static let mostNames = 16

    /// What may lie where the draft will go.
    enum Place: Hashable, Sendable {
        /// Nothing: not even what a vault that is gone left behind.
        case free
        /// A vault, or what is left of one.
        case taken
    }

    /// Makes the directory if it is missing, and an empty file of mode 0600.
    init(for path: String, in place: Place = .free) throws(VaultError) {
        try Self.makeDirectories(above: path)
        file = try VaultFile(directoryOf: path)
        if place == .free { try Self.requireFree(file) }
        Self.clearAbandoned(beside: file)
        draftPath = try Self.makeFile(for: file)
    }

    /// Fails if there is a vault, or what one that is gone left behind.
    static func requireFree(_ file: VaultFile) throws(VaultError) {
        var status = stat()
        guard unsafe lstat(file.canonicalPath, &status) != 0 else {
            throw .vaultExists(path: file.path)
        }
        for suffix in besides where unsafe lstat(file.canonicalPath + suffix, &status) == 0 {
            throw .unsafeFile(path: file.path + suffix, .leftOver)
        }
    }

    /// Makes the empty file under a name of this process. In a container the one that was killed
    /// often had the same number, so its draft may still be there: then another name is taken.
    private static func makeFile(for file: VaultFile) throws(VaultError) -> String {
        var path = "\(file.canonicalPath).new-\(getpid())"
        var descriptor: Int32 = -1
        for _ in 0..<mostNames {
            descriptor = unsafe open(
                path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if descriptor >= 0 || errno != EEXIST { break }
            path += "x"
        }
        guard descriptor >= 0 else { throw failure(.create, file.path) }
        close(descriptor)
        return path
    }

    /// Moves the complete draft to its place, on disk when this returns. Never replaces a file. If
    /// the move cannot be made to last, it is undone: keys that were handed out are then withdrawn,
    /// and a vault without its keys would be left.
    func publish() throws(VaultError) {
        let moved = unsafe coffer_rename_without_replacing(draftPath, file.canonicalPath)
        guard moved == 0 else {
            if errno == EEXIST { throw .vaultExists(path: file.path) }
            throw Self.failure(.rename, file.path)
        }
        do throws(VaultError) { try syncDirectory() } catch {
            _ = unsafe unlink(file.canonicalPath)
            throw error
        }
    }

    /// Brings the names beside the vault to disk.
    func syncDirectory() throws(VaultError) {
        try Self.syncDirectory(file.directory, for: file.path)
    }

    /// Brings the names in a directory to disk.
    private static func syncDirectory(_ path: String, for vault: String) throws(VaultError) {
        let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(.sync, vault) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure(.sync, vault) }
    }

    /// Removes what was built.
    func discard() {
        for suffix in [""] + Self.besides { _ = unsafe unlink(draftPath + suffix) }
    }

    static func failure(_ operation: IOOperation, _ path: String) -> VaultError {
        let code = errno
        return code == ENOSPC || code == EDQUOT
            ? .diskFull(path: path) : .io(operation, path: path, errno: code)
    }

    /// Makes the directories above `path` that are missing, each for their owner alone, and on disk
    /// like what will be in them.
    private static func makeDirectories(above path: String) throws(VaultError) {
        guard let parent = directory(above: path) else { return }
        var status = stat()
        if unsafe lstat(parent, &status) == 0 { return }
        try makeDirectories(above: parent)
        guard unsafe mkdir(parent, 0o700) == 0 || errno == EEXIST else {
            throw failure(.makeDirectory, parent)
        }
        let holder = directory(above: parent) ?? (parent.hasPrefix("/") ? "/" : ".")
        try syncDirectory(holder, for: parent)
    }

    /// Nil if that is the root or the current directory.
    private static func directory(above path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    /// The name that a draft of that name was to get, if `makeFile` could have made it, or SQLite
    /// a file beside it. A person may have named another file much like it.
    private static func finalName(of name: String) -> String? {
        var rest = Substring(name)
        if let suffix = besides.first(where: rest.hasSuffix) { rest.removeLast(suffix.count) }
        while rest.hasSuffix("x") { rest.removeLast() }
        let digits = rest.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        rest.removeLast(digits)
        guard digits > 0, rest.hasSuffix(".new-") else { return nil }
        return String(rest.dropLast(5))
    }

    /// Removes drafts of this vault that are old enough to have been abandoned.
    private static func clearAbandoned(beside file: VaultFile) {
        let base = file.canonicalPath.split(separator: "/").last.map(String.init) ?? ""
        clearAbandoned(in: file.directory) { $0 == base }
    }

    /// The same of all drafts in a directory whose final names are `wanted`.
    static func clearAbandoned(in directory: String, _ isWanted: (String) -> Bool) {
        guard let stream = unsafe opendir(directory) else { return }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            guard let final = finalName(of: name), isWanted(final) else { continue }
            let path = "\(directory)/\(name)"
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_uid == geteuid(), time(nil) - status.st_mtim.tv_sec > abandonedAge
            else { continue }
            _ = unsafe unlink(path)
        }
    }
}

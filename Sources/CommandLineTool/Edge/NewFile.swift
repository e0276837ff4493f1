// A new file that only its owner reads, for a key that a person asked to have in a file.

internal import Glibc
internal import SecretMemory

/// A file that is taken back when this ends, unless it was kept: a key that opens nothing must not
/// lie about.
final class NewFile {
    private let path: String
    private var isKept = false

    /// Writes `content` to a file that must not exist yet, mode 0600. When this returns, the file
    /// and its name are on disk.
    init(_ content: borrowing SecretBytes, at path: String) throws(Complaint) {
        try Self.refuseTaken(path)
        let descriptor = unsafe open(
            path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        self.path = path
        defer { close(descriptor) }
        try OutputSink(descriptor: descriptor).write(content.bytes)
        guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
        try Self.syncFolder(of: path)
    }

    /// The same of a text that holds no secret.
    convenience init(text: String, at path: String) throws(Complaint) {
        let content = SecretBytes(copying: Array(text.utf8).span)
        try self.init(content, at: path)
    }

    deinit { if !isKept { _ = unsafe unlink(path) } }

    /// Leaves the file where it is.
    func keep() { isKept = true }

    /// Fails if something is at `path` already.
    static func refuseTaken(_ path: String) throws(Complaint) {
        guard Places.exists(path) else { return }
        throw Complaint(.failed, "\(Escaped.path(path)) exists already", hint: "name a new file")
    }

    /// Without this, a file that was synced can be without its name after a crash.
    static func syncFolder(of path: String) throws(Complaint) {
        let descriptor = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        // Some file systems keep no name to sync.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(path, errno) }
    }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        Complaint(.notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

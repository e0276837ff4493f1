// A file that another program fills, under another name until it is complete.

internal import CLinux
internal import Glibc

/// Taken back when this ends, unless it was kept.
final class EncryptedFile {
    let descriptor: Int32
    private let path: String
    private let draft: String
    private var isKept = false

    /// Makes an empty file beside `path`, mode 0600.
    init(for path: String) throws(Complaint) {
        self.path = path
        draft = "\(path).new-\(getpid())"
        descriptor = unsafe open(
            draft, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if descriptor >= 0, !isKept { _ = unsafe unlink(draft) }
    }

    /// Gives the file its name, which must be free; on disk when this returns.
    func keep() throws(Complaint) {
        guard fsync(descriptor) == 0 else { throw Self.failure(path) }
        guard unsafe coffer_rename_without_replacing(draft, path) == 0 else {
            throw Self.failure(path)
        }
        isKept = true
        try NewFile.syncFolder(of: path)
    }

    private static func failure(_ path: String) -> Complaint {
        let code = errno
        return Complaint(
            .notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

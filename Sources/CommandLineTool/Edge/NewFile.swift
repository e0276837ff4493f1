// A new file that only its owner reads, for a key that a person asked to have in a file.

internal import Glibc
internal import SecretMemory

enum NewFile {
    /// Writes `content` to a file that must not exist yet, mode 0600, on disk when this returns.
    static func write(_ content: borrowing SecretBytes, to path: String) throws(Complaint) {
        let descriptor = unsafe open(
            path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            if code == EEXIST {
                throw Complaint(
                    .failed, "\(Escaped.path(path)) exists already", hint: "name a new file")
            }
            throw failure(path, code)
        }
        defer { close(descriptor) }
        do throws(Complaint) {
            try OutputSink(descriptor: descriptor).write(content.bytes)
        } catch {
            remove(path)
            throw error
        }
        guard fsync(descriptor) == 0 else {
            let code = errno
            remove(path)
            throw failure(path, code)
        }
    }

    /// Removes a file that `write` made.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        Complaint(.notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

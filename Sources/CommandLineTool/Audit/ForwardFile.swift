// A file that events are appended to as they happen, a line each.

internal import Glibc

/// Ours, and written by nobody else; mode 0600 if we make it. Others may be let read it, such as
/// the group of whatever ships logs.
final class ForwardFile {
    private let path: String
    private var descriptor: Int32

    /// Opens `path`, or makes it.
    init(_ path: String) throws(Complaint) {
        self.path = path
        descriptor = try Self.open(path)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Appends whole lines, in one call, so that what several processes write does not mix. If the
    /// file was moved away since, as logs are, a new one is begun.
    func append(_ lines: String) throws(Complaint) {
        if isMovedAway {
            let next = try Self.open(path)
            close(descriptor)
            descriptor = next
        }
        try OutputSink(descriptor: descriptor).write(lines)
    }

    /// When this returns, what was appended is on disk.
    func sync() throws(Complaint) {
        guard fdatasync(descriptor) == 0 || errno == EINVAL else {
            throw Self.failure(path, errno)
        }
    }

    private var isMovedAway: Bool {
        var (ours, there) = (stat(), stat())
        guard unsafe fstat(descriptor, &ours) == 0 else { return true }
        guard unsafe lstat(path, &there) == 0 else { return errno == ENOENT }
        return ours.st_dev != there.st_dev || ours.st_ino != there.st_ino
    }

    private static func open(_ path: String) throws(Complaint) -> Int32 {
        // Not blocking: what is no regular file is refused, and a pipe would wait for a reader.
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            if code == ELOOP {
                throw Complaint(.refused, "\(Escaped.path(path)) is a symbolic link")
            }
            throw failure(path, code)
        }
        var status = stat()
        let isKnown = unsafe fstat(descriptor, &status) == 0
        if let complaint = isKnown ? refusal(status, path, user: geteuid()) : failure(path, errno) {
            close(descriptor)
            throw complaint
        }
        do throws(Complaint) { try endLastLine(descriptor, size: status.st_size) } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    static func refusal(_ status: stat, _ path: String, user: uid_t) -> Complaint? {
        let shown = Escaped.path(path)
        guard status.st_mode & S_IFMT == S_IFREG else {
            return Complaint(.refused, "\(shown) is not a regular file")
        }
        guard status.st_uid == user else {
            return Complaint(.refused, "\(shown) belongs to another user")
        }
        guard status.st_nlink <= 1 else {
            return Complaint(.refused, "\(shown) has another name", hint: "name a new file")
        }
        guard status.st_mode & 0o022 == 0 else {
            return Complaint(
                .refused, "others may write \(shown)", hint: "chmod go-w \(shown)")
        }
        return nil
    }

    /// A line that was cut by a full disk or a crash must not swallow the next one.
    private static func endLastLine(_ descriptor: Int32, size: off_t) throws(Complaint) {
        guard size > 0 else { return }
        var last: UInt8 = 0
        guard unsafe pread(descriptor, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") else {
            return
        }
        try OutputSink(descriptor: descriptor).write("\n")
    }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        Complaint(.notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

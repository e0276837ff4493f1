// A file that takes the place of another one: whoever opens it finds the old one or the new one.

internal import Glibc
internal import SecretMemory

/// The place of a source that was read, and how it is replaced.
struct Replacement {
    private let source: SourceFile
    /// The file itself, wherever links lead to it.
    private let path: String
    private let status: stat

    /// Fails where the file could not be replaced as it is, before anything is stored.
    init(of source: SourceFile) throws(Complaint) {
        let shown = Escaped.path(source.path)
        guard source.path != "-" else {
            throw Complaint(
                .usage, "standard input cannot be replaced", hint: "name the file itself")
        }
        guard let real = unsafe realpath(source.path, nil) else {
            throw Complaint(.refused, "\(shown) cannot be found again")
        }
        defer { unsafe free(real) }
        self.source = source
        let path = unsafe String(cString: real)
        self.path = path
        var now = stat()
        guard unsafe lstat(path, &now) == 0, now.st_mode & S_IFMT == S_IFREG,
            SourceFile.Identity(now) == source.identity
        else { throw Complaint(.refused, "\(shown) is no regular file, so it is not replaced") }
        guard now.st_nlink == 1 else {
            throw Complaint(
                .refused, "\(shown) has a second name (hard link), under which it would stay",
                hint: "import without --replace-with-helper")
        }
        guard geteuid() == 0 || now.st_uid == geteuid(),
            unsafe access(Self.folder(of: path), W_OK) == 0
        else {
            throw Complaint(
                .refused, "\(shown) is another user's, or its folder cannot be written",
                hint: "import without --replace-with-helper")
        }
        status = now
    }

    /// Puts `content` in the place of the file, with its owner and mode. When this returns, it is
    /// on disk. A file that changed since it was read is left.
    func make(_ content: borrowing SecretBytes) throws(Complaint) {
        // mkstemp(3) puts a name of its own in the place of six letters.
        let name = ".coffer-" + String(repeating: "X", count: 6)
        var template = Array((Self.folder(of: path) + name).utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer {
            unsafe mkstemp($0.baseAddress!)
        }
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        let made = String(
            validating: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let made else { throw failure(EINVAL) }
        do throws(Complaint) {
            try OutputSink(descriptor: descriptor).write(content.bytes)
            // The owner first: a change of it takes bits of the mode away.
            guard fchown(descriptor, status.st_uid, status.st_gid) == 0,
                fchmod(descriptor, status.st_mode & 0o7777) == 0, fsync(descriptor) == 0
            else { throw failure(errno) }
            try refuseChanged()
            guard unsafe rename(made, path) == 0 else { throw failure(errno) }
        } catch {
            _ = unsafe unlink(made)
            throw error
        }
        try NewFile.syncFolder(of: path)
    }

    private func refuseChanged() throws(Complaint) {
        var now = stat()
        guard unsafe lstat(path, &now) == 0, SourceFile.Identity(now) == source.identity,
            now.st_nlink == 1
        else {
            throw Complaint(
                .notStored,
                "imported, but \(Escaped.path(source.path)) changed meanwhile: it was left",
                hint: "look at it; it may still hold secrets in plain text")
        }
    }

    private static func folder(of path: String) -> String {
        String(path.dropLast(path.split(separator: "/").last?.count ?? 0))
    }

    private func failure(_ code: Int32) -> Complaint {
        Complaint(
            .notStored,
            "imported, but cannot replace \(Escaped.path(source.path)): \(SystemError.words(code))",
            hint: "it is as it was and still holds secrets in plain text")
    }
}

// A file that another program fills, without a name until it is complete.

internal import CLinux
internal import Glibc

/// A kill leaves nothing of it. Where the file system has no files without a name, it has another
/// name until it is kept, and is taken back when this ends.
final class EncryptedFile {
    let descriptor: Int32
    private let path: String
    /// Nil while it has no name.
    private var draft: String?

    /// Makes an empty file for `path`, mode 0600.
    init(for path: String) throws(Complaint) {
        self.path = path
        let nameless = unsafe coffer_open_nameless(NewFile.folder(of: path))
        guard nameless < 0 else {
            descriptor = nameless
            return
        }
        let name = "\(path).new-\(getpid())"
        descriptor = unsafe open(
            name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
        draft = name
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if let draft { _ = unsafe unlink(draft) }
    }

    /// What a file of age begins with: as it is, or in armor.
    private static let beginnings: [StaticString] = [
        "age-encryption.org/v1\n", "-----BEGIN AGE ENCRYPTED FILE-----",
    ]

    /// Fails unless there is what age makes: any program may be called so, and plain text is not to
    /// lie in a file because of that.
    func requireEncrypted() throws(Complaint) {
        var start = [UInt8](repeating: 0, count: 64)
        let count = unsafe pread(descriptor, &start, start.count, 0)
        guard count >= 0 else { throw Self.failure(path) }
        let isEncrypted = Self.beginnings.contains { start.starts(with: $0.description.utf8) }
        guard isEncrypted else {
            throw Complaint(
                .notStored, "what age wrote is no encrypted file: it was thrown away",
                hint: "see which program is called age: `command -v age`")
        }
    }

    /// Gives the file its name, which must be free; on disk when this returns.
    func keep() throws(Complaint) {
        guard fsync(descriptor) == 0, named() == 0 else { throw Self.failure(path) }
        draft = nil
        try NewFile.syncFolder(of: path)
    }

    private func named() -> Int32 {
        if let draft { return unsafe coffer_rename_without_replacing(draft, path) }
        return unsafe coffer_name_file(descriptor, path)
    }

    private static func failure(_ path: String) -> Complaint {
        let code = errno
        return Complaint(
            .notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

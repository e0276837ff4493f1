// A small file beside the vault's own: what this machine last saw of the vault.
//
// It is one write of less than a sector into the same place, after the vault is on disk: a kill
// leaves the old or the new content, and it is never ahead of the vault.

internal import Glibc
public import VaultModel

/// The anchor's file; what is in it, others know.
public struct AnchorFile: Sendable {
    public let path: String
    /// Largest file that is read, in bytes.
    private static let largest = 512

    /// The file of `vault` in `folder`; `suffix` tells it from others about the same vault.
    public init(of vault: VaultID, in folder: String, suffix: String = "") {
        path = "\(folder)/\(vault.identifier.hexadecimal)\(suffix)"
    }

    /// Removes the file if it still has this content; that there is none is fine.
    public func remove(ifStill content: [UInt8]) throws(VaultError) {
        guard let (descriptor, _) = try held(orMade: false) else { return }
        defer { close(descriptor) }
        if try self.content(of: descriptor) == content { _ = unsafe unlink(path) }
    }

    /// The content; nil if there is no file. A file that another user could have written is
    /// refused.
    public func read() throws(VaultError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            switch code {
            case ENOENT: return nil
            case ELOOP: throw .unsafeFile(path: path, .symbolicLink)
            // Whoever closes the folder must not make the newest state one that was never seen.
            case EACCES, EPERM, ENOTDIR: throw .memoryClosed(path: path, errno: code)
            default: throw .io(.open, path: path, errno: code)
            }
        }
        defer { close(descriptor) }
        try check(descriptor)
        return try content(of: descriptor)
    }

    /// Puts what `body` makes of the content in its place, or leaves it if that is nil; `body` is
    /// given nil if there was no file, and then there is one only if it gives content. No other
    /// process updates it meanwhile; the folder is made if it is not there. Fails with `.busy` if
    /// someone else holds the file for half a second: a process that was stopped must not stop all.
    /// If `isSynced` is set the content is on disk when this returns.
    public func update(
        isSynced: Bool = false, _ body: ([UInt8]?) throws(VaultError) -> [UInt8]?
    ) throws(VaultError) {
        guard let (descriptor, isNew) = try held(orMade: true) else { throw .busy(path: path) }
        defer { close(descriptor) }
        var isLeft = !isNew
        // An empty mark would tell of what did not happen.
        defer { if !isLeft { _ = unsafe unlink(path) } }
        let before = try content(of: descriptor)
        guard let content = try body(isNew ? nil : before) else { return }
        try write(content, to: descriptor)
        if isSynced { try sync(descriptor) }
        isLeft = true
    }

    private func sync(_ descriptor: Int32) throws(VaultError) {
        guard fsync(descriptor) == 0 else { throw .io(.sync, path: path, errno: errno) }
        let folder = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .io(.open, path: path, errno: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .io(.sync, path: path, errno: errno) }
    }

    private func content(of descriptor: Int32) throws(VaultError) -> [UInt8] {
        var content = [UInt8](repeating: 0, count: Self.largest)
        let count = unsafe content.withUnsafeMutableBytes { buffer in
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count >= 0 else { throw .io(.read, path: path, errno: errno) }
        return Array(content.prefix(count))
    }

    private func write(_ content: [UInt8], to descriptor: Int32) throws(VaultError) {
        precondition(content.count <= Self.largest, "storage: an anchor fits a sector")
        let count = unsafe content.withUnsafeBytes { buffer in
            unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count == content.count else { throw .io(.write, path: path, errno: errno) }
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0, status.st_size > content.count {
            _ = ftruncate(descriptor, content.count)
        }
    }

    /// The file, open and locked, and whether it was made just now; nil if there is none and none
    /// is to be made.
    private func held(
        orMade isToBeMade: Bool
    ) throws(VaultError) -> (descriptor: Int32, isNew: Bool)? {
        // Again if it was removed between opening and locking, or made by another process.
        for _ in 0..<100 {
            var isNew = false
            var descriptor = opened(0)
            if descriptor < 0, errno == ENOENT {
                guard isToBeMade else { return nil }
                try makeFolder()
                descriptor = opened(O_CREAT | O_EXCL)
                isNew = descriptor >= 0
                if descriptor < 0, errno == EEXIST { continue }
            }
            guard descriptor >= 0 else { throw .io(.open, path: path, errno: errno) }
            do throws(VaultError) {
                try lock(descriptor)
                if try check(descriptor) { return (descriptor, isNew) }
                close(descriptor)
            } catch {
                close(descriptor)
                throw error
            }
        }
        throw .busy(path: path)
    }

    private func lock(_ descriptor: Int32) throws(VaultError) {
        for _ in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .io(.lock, path: path, errno: errno)
            }
            usleep(1_000)
        }
        throw .busy(path: path)
    }

    private func opened(_ flags: Int32) -> Int32 {
        unsafe open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags, 0o600)
    }

    private var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "." }

    private func makeFolder() throws(VaultError) {
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/\(part)"
            guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw .io(.makeDirectory, path: made, errno: errno)
            }
        }
    }

    /// Fails unless nobody else could have written the file; false if it has no name any more.
    @discardableResult
    private func check(_ descriptor: Int32) throws(VaultError) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .io(.inspect, path: path, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unsafeFile(path: path, .notRegular) }
        guard status.st_uid == geteuid() else { throw .unsafeFile(path: path, .foreignOwner) }
        guard status.st_nlink <= 1 else { throw .unsafeFile(path: path, .hardLinked) }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafeFile(path: path, .openToOthers(shouldBe: 0o600))
        }
        return status.st_nlink == 1
    }
}

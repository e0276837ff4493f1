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

    /// Removes the file; that there is none is fine.
    public func remove() { _ = unsafe unlink(path) }

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
        var content = [UInt8](repeating: 0, count: Self.largest)
        let count = unsafe content.withUnsafeMutableBytes { buffer in
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count >= 0 else { throw .io(.read, path: path, errno: errno) }
        return Array(content.prefix(count))
    }

    /// Puts `content` in the place of what was there; the folder is made if it is not there.
    public func write(_ content: [UInt8]) throws(VaultError) {
        precondition(content.count <= Self.largest, "storage: an anchor fits a sector")
        var descriptor = opened()
        if descriptor < 0, errno == ENOENT {
            try makeFolder()
            descriptor = opened()
        }
        guard descriptor >= 0 else { throw .io(.open, path: path, errno: errno) }
        defer { close(descriptor) }
        try check(descriptor)
        let count = unsafe content.withUnsafeBytes { buffer in
            unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count == content.count else { throw .io(.write, path: path, errno: errno) }
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0, status.st_size > content.count {
            _ = ftruncate(descriptor, content.count)
        }
    }

    private func opened() -> Int32 {
        unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
    }

    private func makeFolder() throws(VaultError) {
        guard let folder = path.lastIndex(of: "/").map({ String(path[..<$0]) }) else { return }
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/\(part)"
            guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw .io(.makeDirectory, path: made, errno: errno)
            }
        }
    }

    private func check(_ descriptor: Int32) throws(VaultError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .io(.inspect, path: path, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unsafeFile(path: path, .notRegular) }
        guard status.st_uid == geteuid() else { throw .unsafeFile(path: path, .foreignOwner) }
        guard status.st_nlink == 1 else { throw .unsafeFile(path: path, .hardLinked) }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafeFile(path: path, .openToOthers(shouldBe: 0o600))
        }
    }
}

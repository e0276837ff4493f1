// The file on disk and the directory around it, looked at before SQLite is let near them.
//
// Only names are inspected (lstat), never an open descriptor: closing a second descriptor of a
// database would drop the locks that SQLite holds on it in this process.

internal import CLinux
internal import Glibc
internal import VaultModel

/// A vault's path, checked.
struct VaultFile: Sendable {
    /// As the person gave it.
    let path: String
    /// With its directory resolved, as SQLite will see it.
    let canonicalPath: String
    let directory: String
    private(set) var mode = Connection.Mode.readWrite
    /// Whether the file ends where a page does. SQLite would read the rest of a page that was cut
    /// as zeros. Behind a kill the last page may be cut, but then it is in the log.
    private(set) var isWhole = true

    /// Bytes of a page of every vault.
    private static let pageSize: Int64 = 4_096

    /// Resolves and checks the directory, which must exist.
    init(directoryOf path: String) throws(VaultError) {
        self.path = path
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let base = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !base.isEmpty, base != ".", base != "..", !path.utf8.contains(0) else {
            throw .unsafeFile(path: path, .notRegular)
        }
        guard let resolved = unsafe realpath(parent, nil) else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { throw .vaultMissing(path: path) }
            throw .io(.inspect, path: parent, errno: code)
        }
        directory = unsafe String(cString: resolved)
        unsafe free(resolved)
        canonicalPath = directory == "/" ? "/\(base)" : "\(directory)/\(base)"
        try Self.checkDirectory(directory)
    }

    /// Checks everything that belongs to an existing vault.
    init(existing path: String, _ access: StoreAccess) throws(VaultError) {
        try self.init(directoryOf: path)
        guard let size = try Self.check(canonicalPath, named: path) else {
            throw .vaultMissing(path: path)
        }
        guard size > 0 else { throw .refusedFormat(path: path, .truncated) }
        // A vault is always in WAL mode and has no rollback journal. A journal that lies beside it
        // was planted, or belongs to another database: SQLite would play it back into this one.
        var status = stat()
        guard unsafe lstat("\(canonicalPath)-journal", &status) != 0 else {
            throw .refusedFormat(path: path, .plantedJournal)
        }
        let log = try Self.check("\(canonicalPath)-wal", named: "\(path)-wal")
        _ = try Self.check("\(canonicalPath)-shm", named: "\(path)-shm")
        isWhole = size % Self.pageSize == 0 || log ?? 0 > 0
        if access == .readOnly, let obstacle = writingObstacle {
            guard log ?? 0 == 0 else { throw .io(.write, path: path, errno: obstacle) }
            mode = .immutable
        }
    }

    /// Why nobody can write: the medium can only be read, or its owner took the right away, of the
    /// file and of the directory; nil if it can be written.
    private var writingObstacle: Int32? {
        guard unsafe access(canonicalPath, W_OK) != 0 else { return nil }
        if errno == EROFS { return EROFS }
        guard errno == EACCES, unsafe access(directory, W_OK) != 0 else { return nil }
        return errno
    }

    /// The size of a file, nil if there is none; anything but a private regular file is refused.
    private static func check(_ file: String, named path: String) throws(VaultError) -> Int64? {
        var status = stat()
        guard unsafe lstat(file, &status) == 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { return nil }
            throw .io(.inspect, path: path, errno: code)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: throw .unsafeFile(path: path, .symbolicLink)
        default: throw .unsafeFile(path: path, .notRegular)
        }
        guard status.st_uid == geteuid() else { throw .unsafeFile(path: path, .foreignOwner) }
        // Another process may remove a log while it is looked at: then it has no name left.
        guard status.st_nlink > 0 else { return nil }
        guard status.st_nlink == 1 else { throw .unsafeFile(path: path, .hardLinked) }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafeFile(path: path, .openToOthers(shouldBe: 0o600))
        }
        return Int64(status.st_size)
    }

    private static func checkDirectory(_ directory: String) throws(VaultError) {
        var status = stat()
        guard unsafe lstat(directory, &status) == 0 else {
            throw .io(.inspect, path: directory, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unsafeFile(path: directory, .notDirectory)
        }
        guard status.st_uid == geteuid() else {
            throw .unsafeFile(path: directory, .foreignOwner)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafeFile(path: directory, .openToOthers(shouldBe: 0o700))
        }
        guard !networkFileSystems.contains(unsafe coffer_file_system_of_path(directory)) else {
            throw .unsafeFile(path: directory, .networkFileSystem)
        }
    }

    /// File systems whose locks and syncs do not mean what SQLite needs them to mean (statfs(2)):
    /// NFS, SMB, CIFS, SMB2, AFS, Coda, NCP, Ceph, 9P.
    private static let networkFileSystems: [Int] = [
        0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x5346_414f, 0x7375_7245, 0x564c, 0x00c3_6400,
        0x0102_1997,
    ]

    /// Free bytes for this user where the vault lies.
    var freeBytes: Int64? {
        let free = unsafe coffer_free_bytes(directory)
        return free < 0 ? nil : Int64(free)
    }
}

// A layer over SQLite's file access that opens, looks at and deletes nothing but the vault's own
// files.
//
// A crafted journal beside a database can name any other file, which SQLite would then delete, and
// a crafted schema can make it open temporary files. Here both fail.

internal import CLinux
internal import CSQLite
internal import Glibc
internal import Synchronization

/// Registered once; every connection goes through it.
@safe
enum GuardedVFS {
    private static let name: StaticString = "coffer"
    private static let allowed = Mutex<[String]>([])

    /// What SQLite would have used: its functions do the work.
    @safe
    private struct Base: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<sqlite3_vfs>
    }

    private static let base: Base = {
        coffer_relocate_rest()
        _ = coffer_sqlite_keep_no_account()
        guard let found = unsafe sqlite3_vfs_find(nil) else {
            preconditionFailure("storage: SQLite has no file layer")
        }
        return unsafe Base(pointer: found)
    }()

    private static let registration: Int32 = {
        let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe layer.initialize(to: base.pointer.pointee)
        unsafe layer.pointee.pNext = nil
        unsafe layer.pointee.zName = UnsafeRawPointer(name.utf8Start)
            .assumingMemoryBound(to: CChar.self)
        unsafe layer.pointee.xOpen = openFile
        unsafe layer.pointee.xDelete = deleteFile
        unsafe layer.pointee.xAccess = accessFile
        unsafe layer.pointee.xDlOpen = { _, _ in nil }
        return unsafe sqlite3_vfs_register(layer, 0)
    }()

    /// The name under which `sqlite3_open_v2` finds the layer.
    static func register() -> String {
        guard registration == SQLITE_OK else {
            preconditionFailure("storage: SQLite refused the guarded file layer")
        }
        return "coffer"
    }

    /// Lets SQLite use the database at `path`, its write-ahead log and the log's index.
    static func allow(_ path: String) {
        allowed.withLock { paths in
            guard !paths.contains(path) else { return }
            for suffix in ["", "-wal", "-shm", "-journal"] { paths.append(path + suffix) }
        }
    }

    private static func isAllowed(_ path: UnsafePointer<CChar>?) -> Bool {
        guard let path = unsafe path else { return false }
        let text = unsafe String(cString: path)
        return allowed.withLock { $0.contains(text) }
    }

    /// A file that is there must be a regular one with one name: no link, no device, no pipe.
    private static func isPlain(_ path: UnsafePointer<CChar>?) -> Bool {
        var status = stat()
        guard let path = unsafe path, unsafe lstat(path, &status) == 0 else { return true }
        // None: another process removes it at this moment.
        return status.st_mode & S_IFMT == S_IFREG && status.st_nlink <= 1
    }

    private static let openFile:
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?,
            UnsafeMutablePointer<sqlite3_file>?, Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32 = { _, path, file, flags, outFlags in
            guard unsafe isAllowed(path), unsafe isPlain(path) else {
                // SQLite looks here to see whether there is something to close.
                unsafe file?.pointee.pMethods = nil
                return SQLITE_CANTOPEN
            }
            let base = unsafe GuardedVFS.base.pointer
            let code = unsafe base.pointee.xOpen(base, path, file, flags, outFlags)
            guard code == SQLITE_OK, flags & SQLITE_OPEN_READWRITE != 0,
                let given = unsafe outFlags?.pointee, given & SQLITE_OPEN_READONLY != 0,
                let path = unsafe path, unsafe access(path, W_OK) == 0
            else { return code }
            // It can be written, and opening it for that failed: SQLite went on with reading.
            _ = unsafe file?.pointee.pMethods?.pointee.xClose(file)
            unsafe file?.pointee.pMethods = nil
            errno = EIO
            return SQLITE_CANTOPEN
        }

    private static let deleteFile:
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, Int32
        ) -> Int32 = { _, path, sync in
            guard unsafe isAllowed(path) else { return SQLITE_IOERR }
            let base = unsafe GuardedVFS.base.pointer
            return unsafe base.pointee.xDelete(base, path, sync)
        }

    private static let accessFile:
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, Int32,
            UnsafeMutablePointer<Int32>?
        ) -> Int32 = { _, path, flags, result in
            guard unsafe isAllowed(path) else {
                unsafe result?.pointee = 0
                return SQLITE_OK
            }
            let base = unsafe GuardedVFS.base.pointer
            return unsafe base.pointee.xAccess(base, path, flags, result)
        }
}

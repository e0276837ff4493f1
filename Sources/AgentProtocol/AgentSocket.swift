// The socket of an agent: where it is, whose it is, and who answers there.

internal import CLinux
internal import Glibc
public import VaultModel

/// A folder for sockets that is ours alone.
///
/// The socket is spoken to through the folder that was looked at (`/proc/self/fd/N/NAME`): nobody
/// can put another one in its place in between, and no path is too long for the system.
@safe
public struct SocketFolder: ~Copyable {
    public let path: String
    private let descriptor: Int32

    /// Opens and checks it; nil if it is not there.
    public init?(at path: String) throws(VaultError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw .unsafeFile(path: path, .symbolicLink)
            case ENOTDIR:
                var status = stat()
                let isLink = unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
                throw .unsafeFile(path: path, isLink ? .symbolicLink : .notDirectory)
            default: throw .agentSocket(path: path, errno: errno)
            }
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .agentSocket(path: path, errno: errno)
        }
        guard status.st_uid == geteuid() else { throw .unsafeFile(path: path, .foreignOwner) }
        guard status.st_mode & 0o077 == 0 else {
            throw .unsafeFile(path: path, .openToOthers(shouldBe: 0o700))
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Makes it if it is not there.
    public static func make(at path: String) throws(VaultError) -> SocketFolder {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .agentSocket(path: path, errno: errno)
        }
        switch try SocketFolder(at: path) {
        case .some(let folder): return folder
        case .none: throw .agentSocket(path: path, errno: ENOENT)
        }
    }

    /// A connection to the agent of that name; nil if none listens there. Nothing is sent to
    /// another user's.
    borrowing func connect(to name: String) throws(VaultError) -> Int32? {
        let connection = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw .agentSocket(path: path, errno: errno) }
        guard unsafe withAddress(of: name, { unsafe Glibc.connect(connection, $0, $1) }) == 0 else {
            let failure = errno
            close(connection)
            guard failure != ENOENT, failure != ECONNREFUSED else { return nil }
            throw .agentSocket(path: "\(path)/\(name)", errno: failure)
        }
        var process: Int32 = 0
        var user: UInt32 = 0
        guard unsafe coffer_peer(connection, &process, &user) == 0, user == geteuid() else {
            close(connection)
            throw .agentRefused(.otherUser)
        }
        return connection
    }

    /// A listening socket of that name that does not block. What is left of an agent that is gone
    /// is removed: the caller holds the lock that a living one has.
    public borrowing func listen(as name: String) throws(VaultError) -> Int32 {
        let listener = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
                | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard listener >= 0 else { throw .agentSocket(path: path, errno: errno) }
        remove(name)
        guard unsafe withAddress(of: name, { unsafe bind(listener, $0, $1) }) == 0,
            Glibc.listen(listener, 128) == 0
        else {
            let failure = errno
            close(listener)
            throw .agentSocket(path: "\(path)/\(name)", errno: failure)
        }
        return listener
    }

    /// Takes the lock of that name: it is held as long as this process lives. `.agentRunning` if
    /// another one has it.
    public borrowing func lock(_ name: String) throws(VaultError) {
        let file = unsafe openat(
            descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw .agentSocket(path: "\(path)/\(name)", errno: errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw .agentRunning
        }
    }

    public borrowing func remove(_ name: String) {
        _ = unsafe unlinkat(descriptor, name, 0)
    }

    private borrowing func withAddress(
        of name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = "/proc/self/fd/\(descriptor)/\(name)".utf8
        precondition(bytes.count < 108, "agent protocol: the name of a socket is short")
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

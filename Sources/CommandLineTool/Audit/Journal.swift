// The journal of this machine, where events are sent as they happen.

internal import Glibc

/// journald's socket. Each entry is sent to its path anew: the journal may be restarted.
@safe
struct Journal: ~Copyable {
    static let standardPath = "/run/systemd/journal/socket"

    private let descriptor: Int32
    private let path: String

    init(at path: String = standardPath) throws(Complaint) {
        self.path = path
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits for as long as the journal has no room: no event is left out.
    func send(_ entry: JournalEntry) throws(Complaint) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path), !name.contains(0)
        else { throw Self.failure(path, ENAMETOOLONG) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in name.enumerated() { unsafe place[index] = byte }
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        var count = 0
        repeat {
            count = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe sendto(
                        descriptor, entry.bytes, entry.bytes.count, Int32(MSG_NOSIGNAL),
                        address, size)
                }
            }
        } while count < 0 && errno == EINTR
        guard count == entry.bytes.count else { throw Self.failure(path, errno) }
    }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        let isAbsent = code == ENOENT || code == ECONNREFUSED
        return Complaint(
            .notStored,
            "the journal cannot be reached at \(Escaped.path(path)): \(SystemError.words(code))",
            hints: isAbsent ? ["it is systemd's; `--file` writes to a file instead"] : [])
    }
}

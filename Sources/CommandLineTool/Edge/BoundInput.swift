// The standard input of a program that must not take our end for the end of what it reads.

internal import Glibc

/// Both ends of a connection: whoever reads from it sees its end only when we say so.
///
/// If we end before, the reader gets an error behind what was written (ECONNRESET), however we end:
/// the kernel resets a connection that is closed while something lies unread in it (unix(7)), and a
/// byte that nobody reads lies in ours from the beginning.
struct BoundInput: ~Copyable {
    /// For the program; of no use to us once it runs.
    let readEnd: Int32
    let writeEnd: Int32

    init() throws(Complaint) {
        var ends: (Int32, Int32) = (-1, -1)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let made = unsafe withUnsafeMutablePointer(to: &ends) { ends in
            unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) {
                unsafe socketpair(AF_UNIX, kind, 0, $0)
            }
        }
        readEnd = ends.0
        writeEnd = ends.1
        guard made == 0, unsafe Glibc.write(readEnd, "-", 1) == 1 else {
            throw Complaint(.failed, "nothing can be connected: \(SystemError.words(errno))")
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Closes the end that the program reads from, so that its end is an error to us.
    func closeReadEnd() { Pipe.replace(readEnd) }

    /// Says that this was all.
    func end() { _ = shutdown(writeEnd, Int32(SHUT_WR)) }
}

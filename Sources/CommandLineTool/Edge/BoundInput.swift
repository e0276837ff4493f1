// The standard input of a program that must not take our end for the end of what it reads.

internal import Glibc

/// A connection: whoever reads from it sees its end only when we say so.
///
/// If we end before, the reader gets an error behind what was written (ECONNRESET), however we end:
/// the kernel resets a connection that is closed while something lies unread in it (unix(7)), and a
/// byte that nobody reads lies in ours from the beginning.
struct BoundInput: ~Copyable {
    private let ends: Pipe

    init() throws(Complaint) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let ends = try unsafe Pipe { unsafe socketpair(AF_UNIX, kind, 0, $0) }
        guard unsafe Glibc.write(ends.readEnd, "-", 1) == 1 else {
            throw Complaint(.failed, "nothing can be connected: \(SystemError.words(errno))")
        }
        self.ends = ends
    }

    /// For the program.
    var readEnd: Int32 { ends.readEnd }
    var writeEnd: Int32 { ends.writeEnd }

    /// Closes the end that the program reads from, so that its end is an error to us.
    func closeReadEnd() { ends.closeReadEnd() }

    /// Says that this was all.
    func end() { _ = shutdown(ends.writeEnd, Int32(SHUT_WR)) }
}

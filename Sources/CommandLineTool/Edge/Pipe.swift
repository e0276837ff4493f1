// Both ends of a pipe(2).

internal import CLinux
internal import Glibc

/// Closed when it ends.
struct Pipe: ~Copyable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws(Complaint) {
        try unsafe self.init { unsafe pipe($0) }
    }

    /// Two ends that `make` fills in, or -1 as pipe(2) does.
    init(_ make: (UnsafeMutablePointer<Int32>) -> Int32) throws(Complaint) {
        var ends: (Int32, Int32) = (-1, -1)
        let made = unsafe withUnsafeMutablePointer(to: &ends) { ends in
            unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe make($0) }
        }
        readEnd = ends.0
        writeEnd = ends.1
        guard made == 0 else { throw Complaint(.notStored, "no pipe can be made") }
        for end in [readEnd, writeEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// How many bytes it takes before anybody reads them: fewer than usual for a user who holds
    /// very many pipes (pipe(7)).
    var room: Int { max(0, Int(coffer_pipe_room(writeEnd))) }

    /// Closes the end that the child writes to, so that its end is seen.
    func closeWriteEnd() { Self.replace(writeEnd) }

    /// Closes the end that the child reads from, so that its end is an error to us.
    func closeReadEnd() { Self.replace(readEnd) }

    /// Closes an end before its time. Its number stays taken until deinit, which must not close
    /// somebody else's descriptor.
    private static func replace(_ end: Int32) {
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, end)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            close(nothing)
        } else {
            close(end)
        }
    }
}

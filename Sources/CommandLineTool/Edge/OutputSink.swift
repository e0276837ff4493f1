// Bytes to a descriptor, all of them or an error.

internal import Glibc

/// A place to write to.
@safe
struct OutputSink: Sendable {
    let descriptor: Int32

    static let standardOutput = OutputSink(descriptor: 1)
    static let standardError = OutputSink(descriptor: 2)

    var isTerminal: Bool { isatty(descriptor) == 1 }

    func write(_ bytes: Span<UInt8>) throws(Complaint) {
        var done = 0
        var failure: Int32 = 0
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            while done < buffer.count {
                let count = unsafe Glibc.write(descriptor, start + done, buffer.count - done)
                if count > 0 {
                    done += count
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    failure = count == 0 ? EIO : errno
                    return
                }
            }
        }
        guard failure == 0 else {
            throw Complaint(
                .notStored, "the output cannot be written: \(SystemError.words(failure))")
        }
    }

    func write(_ text: String) throws(Complaint) { try write(Array(text.utf8).span) }
}

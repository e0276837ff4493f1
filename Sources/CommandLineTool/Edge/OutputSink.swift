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
        let failure = put(bytes)
        guard failure == 0 else { throw Self.complaint(failure) }
    }

    /// Writes for a reader that may have seen enough: false if it reads no more.
    func offer(_ bytes: Span<UInt8>) throws(Complaint) -> Bool {
        let failure = put(bytes)
        guard failure == 0 || failure == EPIPE else { throw Self.complaint(failure) }
        return failure == 0
    }

    private static func complaint(_ failure: Int32) -> Complaint {
        Complaint(.notStored, "the output cannot be written: \(SystemError.words(failure))")
    }

    /// Writes all of it; the system's error, or 0.
    private func put(_ bytes: Span<UInt8>) -> Int32 {
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
        return failure
    }

    func write(_ text: String) throws(Complaint) { try write(Array(text.utf8).span) }
}

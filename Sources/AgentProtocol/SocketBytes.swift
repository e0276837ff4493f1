// Bytes through a socket, from and to locked memory. What recv(2) and send(2) return is returned.

internal import Glibc
public import SecretMemory

@safe
public enum SocketBytes {
    /// Receives bytes into the place of those from `start` on.
    public static func receive(
        _ descriptor: Int32, into bytes: inout SecretBytes, from start: Int
    ) -> Int {
        var span = bytes.mutableBytes
        return unsafe span.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map {
                unsafe recv(descriptor, $0 + start, buffer.count - start, 0)
            } ?? 0
        }
    }

    /// Sends the bytes from `start` on; a peer that is gone is an error, not a signal.
    public static func send(
        _ descriptor: Int32, _ bytes: borrowing SecretBytes, from start: Int
    ) -> Int {
        unsafe bytes.bytes.extracting(start...).withUnsafeBufferPointer { buffer in
            unsafe buffer.baseAddress.map {
                unsafe Glibc.send(descriptor, $0, buffer.count, Int32(MSG_NOSIGNAL))
            } ?? 0
        }
    }

    /// The same of two pieces of which the second lies behind the first, in one call.
    public static func send(
        _ descriptor: Int32, _ first: borrowing SecretBytes, _ second: borrowing SecretBytes,
        from start: Int
    ) -> Int {
        guard start < first.count else {
            return send(descriptor, second, from: start - first.count)
        }
        return unsafe first.bytes.extracting(start...).withUnsafeBufferPointer { first in
            unsafe second.bytes.withUnsafeBufferPointer { second in
                var pieces = unsafe (piece(first), piece(second))
                return unsafe withUnsafeMutablePointer(to: &pieces) { pieces in
                    unsafe pieces.withMemoryRebound(to: iovec.self, capacity: 2) { pieces in
                        var message = unsafe msghdr()
                        unsafe message.msg_iov = pieces
                        unsafe message.msg_iovlen = 2
                        return unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                    }
                }
            }
        }
    }

    private static func piece(_ bytes: UnsafeBufferPointer<UInt8>) -> iovec {
        unsafe iovec(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}

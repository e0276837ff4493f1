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
}

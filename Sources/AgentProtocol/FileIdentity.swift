// Which file a path means now.

internal import Glibc

/// A vault's file as the system knows it. An agent answers only for the file that it has open: a
/// vault that was put in its place is another one.
public struct FileIdentity: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64

    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// Of the file that has this name, or nil.
    public init?(at path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

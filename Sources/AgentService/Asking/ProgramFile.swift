// A program's file, by its bytes: what a grant is given to.

internal import Glibc
internal import Sealing
internal import VaultModel

/// An open file and what tells whether it is still the same one.
@safe
struct ProgramFile: ~Copyable {
    /// A file as it was when its bytes were read. Whoever changes the bytes changes one of these,
    /// unless they can set the clock of the file system or write to the disk below it.
    struct Mark: Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: Int64
        let changed: Int64
    }

    private let descriptor: Int32
    let mark: Mark

    /// Takes over an open descriptor; nil unless it is that of a file.
    init?(_ descriptor: Int32) {
        guard descriptor >= 0 else { return nil }
        var status = Glibc.stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        mark = Mark(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            size: Int64(status.st_size), modified: Self.nanoseconds(status.st_mtim),
            changed: Self.nanoseconds(status.st_ctim))
    }

    deinit { close(descriptor) }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// SHA-256 of the file, or nil if it cannot be read to its end. Takes a second a gigabyte.
    func digest() -> [UInt8]? {
        let digest = FileDigest()
        var room = [UInt8](repeating: 0, count: 256 * 1_024)
        var place: off_t = 0
        while true {
            let count = unsafe room.withUnsafeMutableBytes { room in
                unsafe pread(descriptor, room.baseAddress, room.count, place)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return digest.finish() }
            digest.add(room.span.extracting(first: count))
            place += off_t(count)
        }
    }

    /// Whether it begins as a script does, which another program runs.
    var isScript: Bool {
        var start: [UInt8] = [0, 0]
        let count = unsafe start.withUnsafeMutableBytes { start in
            unsafe pread(descriptor, start.baseAddress, start.count, 0)
        }
        return count == 2 && start == Array("#!".utf8)
    }
}

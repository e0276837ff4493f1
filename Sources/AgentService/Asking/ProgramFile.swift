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

    /// Larger files are not read: it takes a second a gigabyte, and nobody else is listened to.
    static let largest: Int64 = 1 << 30

    private let descriptor: Int32
    let mark: Mark

    /// Takes over an open descriptor; nil unless it is that of a file.
    init?(_ descriptor: Int32) {
        guard descriptor >= 0 else { return nil }
        guard let mark = Self.mark(of: descriptor) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.mark = mark
    }

    private static func mark(of descriptor: Int32) -> Mark? {
        var status = Glibc.stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Mark(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            size: Int64(status.st_size), modified: nanoseconds(status.st_mtim),
            changed: nanoseconds(status.st_ctim))
    }

    /// Whether its last change is so long ago that one that comes now shows in the mark: times of
    /// files have the grain of the kernel's clock.
    var isAtRest: Bool {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Self.nanoseconds(now) &- mark.changed > 1_000_000_000
    }

    deinit { close(descriptor) }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// SHA-256 of the file, or nil if it is too large, cannot be read to its end, was changed
    /// meanwhile, or is not wanted any more.
    func digest(isWanted: () -> Bool = { true }) -> [UInt8]? {
        guard mark.size <= Self.largest else { return nil }
        let digest = FileDigest()
        var room = [UInt8](repeating: 0, count: 256 * 1_024)
        var place: off_t = 0
        while true {
            let count = unsafe room.withUnsafeMutableBytes { room in
                unsafe pread(descriptor, room.baseAddress, room.count, place)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            digest.add(room.span.extracting(first: count))
            place += off_t(count)
            guard place <= mark.size, isWanted() else { return nil }
        }
        return Self.mark(of: descriptor) == mark ? digest.finish() : nil
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

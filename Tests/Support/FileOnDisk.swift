// A file as whoever can write to the disk sees it: bytes, mode, size.

import Foundation

/// A path and what can be done to the file there behind a program's back.
public struct FileOnDisk: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public struct Failure: Error {
        public let path: String
        public let code: Int32
    }

    /// Whether there is anything under this name, a dangling link too.
    public var exists: Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Permission bits, or nil if there is no file.
    public var mode: mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    public func bytes() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Replaces the content; a new file has mode 0600.
    public func write(_ bytes: [UInt8]) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(path: path, code: errno) }
        defer { close(file) }
        try put(bytes, at: 0, file)
    }

    /// Overwrites bytes in place.
    public func write(_ bytes: [UInt8], at offset: Int) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(path: path, code: errno) }
        defer { close(file) }
        try put(bytes, at: offset, file)
    }

    private func put(_ bytes: [UInt8], at offset: Int, _ file: Int32) throws {
        guard bytes.isEmpty || pwrite(file, bytes, bytes.count, offset) == bytes.count else {
            throw Failure(path: path, code: errno)
        }
    }

    /// Cuts the file, or lengthens it by a hole.
    public func resize(to size: Int) throws { try check(truncate(path, size)) }

    /// That there is none is fine.
    public func remove() { _ = unlink(path) }

    public func setMode(_ mode: mode_t) throws { try check(chmod(path, mode)) }

    public func setOwner(_ owner: uid_t) throws { try check(lchown(path, owner, gid_t.max)) }

    public func makeLink(to target: String) throws { try check(symlink(target, path)) }

    public func makeHardLink(to target: String) throws { try check(link(target, path)) }

    public func makePipe() throws { try check(mkfifo(path, 0o600)) }

    public func makeFolder() throws { try check(mkdir(path, 0o700)) }

    /// Sets the time of the last change, in seconds since 1970.
    public func setModified(_ seconds: Int) throws {
        let times = [timeval(tv_sec: seconds, tv_usec: 0), timeval(tv_sec: seconds, tv_usec: 0)]
        try check(utimes(path, times))
    }

    private func check(_ result: Int32) throws {
        guard result == 0 else { throw Failure(path: path, code: errno) }
    }

    /// Whether any of `needles` stands in the file; a file that is not there holds nothing.
    public func holds(_ needles: [UInt8]...) -> Bool { holds(anyOf: needles) }

    public func holds(anyOf needles: [[UInt8]]) -> Bool {
        guard let content = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return false }
        return needles.contains { content.range(of: Data($0)) != nil }
    }
}

// One process as /proc shows it. Its command line and its environment are never read: they may
// hold secrets.

internal import Glibc
internal import VaultModel

/// The open folder /proc/PID. It is bound to the process and not to its number: when the process
/// has ended, nothing can be read through it, whoever has got the number.
@safe
struct ProcessFolder: ~Copyable {
    private let descriptor: Int32

    /// `name` is a process's number, or `self`.
    init(_ name: String) {
        descriptor = unsafe open("/proc/\(name)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Room for a path or the beginning of a file, for the calls below.
    static var room: [UInt8] { [UInt8](repeating: 0, count: 4_096) }

    /// Its numbers, or nil if it has ended or is hidden from us.
    func stat(_ room: inout [UInt8]) -> ProcessStat? { ProcessStat(file("stat", &room)) }

    /// Its control groups; lines that do not fit are left out.
    func unit(_ room: inout [UInt8]) -> String? {
        let lines = file("cgroup", &room)
        guard lines.count == room.count else { return ControlGroup.unit(lines) }
        let end = lines.lastIndex(of: UInt8(ascii: "\n")) ?? lines.startIndex
        return ControlGroup.unit(lines[..<end])
    }

    /// The open file that it runs, for reading, even if it is at no path any more; -1 if that is
    /// hidden.
    func openExecutable() -> Int32 {
        guard descriptor >= 0 else { return -1 }
        return unsafe openat(descriptor, "exe", O_RDONLY | O_CLOEXEC)
    }

    func workingDirectory(_ room: inout [UInt8]) -> String? {
        link("cwd", &room).map(KernelText.text)
    }

    /// The file that it runs.
    func executable(_ room: inout [UInt8]) -> ExecutableFile {
        var running = Glibc.stat()
        guard let link = link("exe", &room), unsafe fstatat(descriptor, "exe", &running, 0) == 0
        else { return .unknown }
        return ExecutableFile(link: link) { path in look(at: path, running) }
    }

    /// Holds the file at `path` against the one that runs: where we see it, else where the process
    /// does, which may have other file systems mounted.
    private func look(at path: ArraySlice<UInt8>, _ running: Glibc.stat) -> ExecutableFile.AtPath {
        let here = compare(AT_FDCWD, Array(path), running)
        guard here != .same else { return .same }
        let there = compare(descriptor, Array("root".utf8) + path, running)
        return there == .same ? .same : here
    }

    private func compare(
        _ folder: Int32, _ path: [UInt8], _ running: Glibc.stat
    ) -> ExecutableFile.AtPath {
        var found = Glibc.stat()
        let answer = unsafe (path + [0]).withUnsafeBytes { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { name in
                unsafe name.baseAddress.map { unsafe fstatat(folder, $0, &found, 0) } ?? -1
            }
        }
        guard answer == 0 else { return errno == ENOENT || errno == ENOTDIR ? .nothing : .hidden }
        return found.st_dev == running.st_dev && found.st_ino == running.st_ino ? .same : .other
    }

    /// Where a link leads, or nil if that is hidden or longer than there is room.
    private func link(_ name: String, _ room: inout [UInt8]) -> ArraySlice<UInt8>? {
        guard descriptor >= 0 else { return nil }
        let count = unsafe room.withUnsafeMutableBytes { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { path in
                unsafe path.baseAddress.map {
                    unsafe readlinkat(descriptor, name, $0, path.count)
                } ?? -1
            }
        }
        return count > 0 && count < room.count ? room[..<count] : nil
    }

    /// The beginning of a file, as one read gives it; empty if there is none.
    private func file(_ name: String, _ room: inout [UInt8]) -> ArraySlice<UInt8> {
        guard descriptor >= 0 else { return [] }
        let file = unsafe openat(descriptor, name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let count = unsafe room.withUnsafeMutableBytes { buffer in
            unsafe read(file, buffer.baseAddress, buffer.count)
        }
        return room[..<max(0, count)]
    }
}

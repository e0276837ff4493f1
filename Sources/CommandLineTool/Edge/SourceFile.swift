// The file that secrets are imported from: read once, and wiped if that is wanted.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// An open file or standard input, and what it was when it was opened.
final class SourceFile {
    /// What tells a file from another one, or from what it was.
    struct Identity: Hashable {
        let device, inode, seconds, nanoseconds: Int
        let size: Int

        init(_ status: stat) {
            device = Int(status.st_dev)
            inode = Int(bitPattern: UInt(status.st_ino))
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
            size = Int(status.st_size)
        }
    }

    /// Longest export, in bytes: what a document of JSON may have.
    static let longest = 24 * 1_024 * 1_024

    let path: String
    /// Standard input if the path is `-`.
    let descriptor: Int32
    private let status: stat
    var identity: Identity { Identity(status) }

    init(_ path: String) throws(Complaint) {
        self.path = path
        if path == "-" { try Intake.refuseTerminal(hint: "pipe the export in, or name a file") }
        descriptor = path == "-" ? 0 : try Intake.open(path, .notRequired, what: "the export")
        var status = stat()
        _ = unsafe fstat(descriptor, &status)
        self.status = status
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }

    /// All of it, in locked memory.
    func read() throws(Complaint) -> SecretBytes {
        try Intake.all(of: descriptor, longest: Self.longest, what: "the export")
    }

    /// Fails where `wipe` could not do what it says, before anything is stored.
    func refuseUnwipable() throws(Complaint) {
        let shown = Escaped.path(path)
        guard path != "-" else {
            throw Complaint(.usage, "standard input cannot be wiped", hint: "name the file itself")
        }
        var named = stat()
        guard unsafe lstat(path, &named) == 0, isRegular, named.st_mode & S_IFMT == S_IFREG else {
            throw Complaint(
                .refused, "\(shown) is no regular file, so it cannot be wiped",
                hint: "name the file itself, not a link to it")
        }
        guard named.st_nlink == 1 else {
            throw Complaint(
                .refused, "\(shown) has a second name (hard link), under which it would stay",
                hint: "import without --wipe-source")
        }
        guard unsafe access(path, W_OK) == 0, unsafe access(folder, W_OK) == 0 else {
            throw Complaint(
                .refused,
                "\(shown) cannot be overwritten and removed: it or its folder cannot be"
                    + " written", hint: "import without --wipe-source")
        }
    }

    /// Overwrites the file, brings that to disk and removes it. What was put in its place since it
    /// was read stays: the file gets a name first that nobody else uses, and only what is found
    /// under that name to be the file that was read is overwritten and removed.
    func wipe() throws(Complaint) {
        let target = unsafe open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard target >= 0 else { throw failure("overwrite", path, errno) }
        defer { close(target) }
        var now = stat()
        guard unsafe fstat(target, &now) == 0, Identity(now) == Identity(status),
            now.st_nlink == 1
        else { throw changed(path) }
        let aside = try putAside(now)
        do throws(Complaint) { try Self.overwrite(target, Int(now.st_size)) } catch {
            throw Complaint(
                .notStored, "imported, but \(Escaped.path(aside)) is not wiped: \(error.words)",
                hint: Self.mayHoldSecrets)
        }
        guard fsync(target) == 0 else { throw failure("sync", aside, errno) }
        guard unsafe unlink(aside) == 0 else { throw failure("remove", aside, errno) }
        let directory = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    /// Gives the file another name in its folder, which is returned. If it turns out that another
    /// file had its name by now, that one gets it back.
    private func putAside(_ now: stat) throws(Complaint) -> String {
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        let aside = "\(folder)coffer-wiping-\(number)"
        guard unsafe rename(path, aside) == 0 else { throw failure("rename", path, errno) }
        var found = stat()
        if unsafe lstat(aside, &found) == 0, found.st_dev == now.st_dev,
            found.st_ino == now.st_ino
        {
            return aside
        }
        guard unsafe coffer_rename_without_replacing(aside, path) == 0 else {
            throw changed(aside)
        }
        throw changed(path)
    }

    private static func overwrite(_ target: Int32, _ count: Int) throws(Complaint) {
        let zeros = SecretBytes(zeros: 65_536)
        let sink = OutputSink(descriptor: target)
        var left = count
        while left > 0 {
            let count = min(left, zeros.count)
            try sink.write(zeros.bytes.extracting(first: count))
            left -= count
        }
    }

    private var folder: String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.isEmpty ? "./" : parts.joined(separator: "/") + "/"
    }

    private func changed(_ place: String) -> Complaint {
        Complaint(
            .notStored,
            "imported, but \(Escaped.path(path)) changed meanwhile: it was left"
                + (place == path ? "" : " as \(Escaped.path(place))"),
            hint: "look at it, then remove it")
    }

    private static let mayHoldSecrets = "it may still hold secrets in plain text: remove it"

    private func failure(_ what: String, _ place: String, _ code: Int32) -> Complaint {
        Complaint(
            .notStored,
            "imported, but cannot \(what) \(Escaped.path(place)): \(SystemError.words(code))",
            hint: Self.mayHoldSecrets)
    }
}

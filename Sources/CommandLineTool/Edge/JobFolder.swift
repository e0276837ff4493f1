// Files in memory that exist while a job runs.

internal import Glibc
internal import SecretMemory

/// A private directory on tmpfs for one job, gone with everything in it when this ends.
///
/// Its name is random and it is locked (flock(2)) as long as we live: what a kill left behind is
/// known by a lock that can be taken, whatever process ids mean in the container of the next run.
final class JobFolder {
    let path: String
    private let lock: Int32

    init(in runtime: String) throws(Complaint) {
        Self.clearAbandoned(in: runtime)
        // Another run may take a folder that is not locked yet for an abandoned one.
        for _ in 0..<100 {
            let path = "\(runtime)/run-\(String(UInt64.random(in: .min ... .max), radix: 16))"
            guard unsafe mkdir(path, 0o700) == 0 else {
                throw Complaint(
                    .notStored, "cannot make \(Escaped.path(path)): \(SystemError.words(errno))")
            }
            if let lock = Self.locked(path) {
                (self.path, self.lock) = (path, lock)
                return
            }
            _ = unsafe rmdir(path)
        }
        throw Complaint(.busy, "a folder for the job's files was taken away each time")
    }

    deinit {
        Self.clear(path)
        close(lock)
    }

    /// Writes a file of mode 0600 and returns its path.
    func write(_ value: Span<UInt8>, named name: String) throws(Complaint) -> String {
        let file = "\(path)/\(name)"
        let descriptor = unsafe open(
            file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Complaint(
                .notStored, "cannot make \(Escaped.path(file)): \(SystemError.words(errno))")
        }
        defer { close(descriptor) }
        try OutputSink(descriptor: descriptor).write(value)
        return file
    }

    /// A descriptor of the folder that holds its lock, or nil if somebody else has the lock or the
    /// folder is gone.
    private static func locked(_ path: String) -> Int32? {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe fstat(descriptor, &status) == 0,
            status.st_nlink > 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Removes the folders that nobody has locked.
    private static func clearAbandoned(in runtime: String) {
        for folder in entries(of: runtime) where folder.hasPrefix("run-") {
            let path = "\(runtime)/\(folder)"
            guard let lock = locked(path) else { continue }
            clear(path)
            close(lock)
        }
    }

    /// Removes the files, ours and the job's, and the folder.
    private static func clear(_ path: String) {
        for file in entries(of: path) { _ = unsafe unlink("\(path)/\(file)") }
        _ = unsafe rmdir(path)
    }

    private static func entries(of path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

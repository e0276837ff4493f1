// Files in memory that exist while a job runs.

internal import Glibc
internal import SecretMemory

/// A private directory on tmpfs for one job; its name carries our process id, so that a later run
/// can clear away what a kill left behind.
final class JobFolder {
    private let path: String
    private var files: [String] = []

    init() throws(Complaint) {
        let runtime = try Places.runtime()
        Self.clearAbandoned(in: runtime)
        path = "\(runtime)/run-\(getpid())"
        guard unsafe mkdir(path, 0o700) == 0 else {
            throw Complaint(
                .notStored, "cannot make \(Escaped.path(path)): \(SystemError.words(errno))")
        }
    }

    /// Writes a file of mode 0600 and returns its path.
    func write(_ value: Span<UInt8>, named name: String) throws(Complaint) -> String {
        let file = "\(path)/\(name)"
        let descriptor = unsafe open(
            file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            remove()
            throw Complaint(.usage, "the variable \(name) is set twice")
        }
        defer { close(descriptor) }
        files.append(file)
        do throws(Complaint) {
            try OutputSink(descriptor: descriptor).write(value)
        } catch {
            remove()
            throw error
        }
        return file
    }

    /// Removes the files and the directory.
    func remove() {
        for file in files { _ = unsafe unlink(file) }
        _ = unsafe rmdir(path)
    }

    /// Removes the folders of processes that are gone.
    private static func clearAbandoned(in runtime: String) {
        for folder in entries(of: runtime) where folder.hasPrefix("run-") {
            guard let process = pid_t(folder.dropFirst(4)), kill(process, 0) != 0, errno == ESRCH
            else { continue }
            for file in entries(of: "\(runtime)/\(folder)") {
                _ = unsafe unlink("\(runtime)/\(folder)/\(file)")
            }
            _ = unsafe rmdir("\(runtime)/\(folder)")
        }
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

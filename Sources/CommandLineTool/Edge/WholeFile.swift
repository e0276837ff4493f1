// A file that only its owner reads and that is there whole or not at all.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// The place of a file that is about to be written.
struct WholeFile {
    /// What becomes of a file that is there already.
    enum Taken: Hashable, Sendable {
        case refuse, replace
    }

    private let path: String
    private let taken: Taken

    /// Fails where the file could not be put, before a value is asked for.
    init(at path: String, _ taken: Taken) throws(Complaint) {
        self.path = path
        self.taken = taken
        try look()
    }

    private func look() throws(Complaint) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        let shown = Escaped.path(path)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Complaint(
                .refused, "\(shown) is no regular file, so it is not replaced",
                hint: "name a new file, or leave -o out and send the output on")
        }
        guard taken == .replace else {
            throw Complaint(
                .failed, "\(shown) exists already", hint: "name a new file, or use --replace")
        }
    }

    /// Writes it, mode 0600. When this returns, it is on disk; whoever opens it meanwhile finds the
    /// old one or none.
    func write(_ content: borrowing SecretBytes) throws(Complaint) {
        // The file may have a name of its own for a while, under which nobody would look for it.
        var (held, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&held)
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGUSR2] {
            unsafe sigaddset(&held, number)
        }
        unsafe pthread_sigmask(SIG_BLOCK, &held, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let folder = NewFile.folder(of: path)
        let nameless = unsafe coffer_open_nameless(folder)
        let aside = asideName(in: folder)
        // Not every file system has files without a name.
        let descriptor =
            nameless >= 0
            ? nameless
            : unsafe open(aside, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        do throws(Complaint) {
            try OutputSink(descriptor: descriptor).write(content.bytes)
            guard fsync(descriptor) == 0 else { throw failure(errno) }
            try look()
            try name(nameless >= 0 ? descriptor : nil, aside)
        } catch {
            _ = unsafe unlink(aside)
            throw error
        }
        try NewFile.syncFolder(of: path)
    }

    /// Gives the file its name. One without any takes one aside first where another is replaced.
    private func name(_ nameless: Int32?, _ aside: String) throws(Complaint) {
        var done: Int32 = 0
        switch (nameless, taken) {
        case (.some(let descriptor), .refuse): done = unsafe coffer_name_file(descriptor, path)
        case (.some(let descriptor), .replace):
            done = unsafe coffer_name_file(descriptor, aside)
            if done == 0 { done = unsafe rename(aside, path) }
        case (.none, .refuse): done = unsafe coffer_rename_without_replacing(aside, path)
        case (.none, .replace): done = unsafe rename(aside, path)
        }
        guard done == 0 else { throw failure(errno) }
    }

    private func asideName(in folder: String) -> String {
        let name = ".coffer-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        return path.contains("/") ? folder + name : name
    }

    private func failure(_ code: Int32) -> Complaint {
        Complaint(.notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

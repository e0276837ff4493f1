// Finding a program as a shell would.

internal import Glibc

enum Programs {
    /// Why a command cannot be started, with the codes that shells use.
    enum Missing: Error, Hashable, Sendable {
        case notFound, notExecutable

        var exitCode: Int32 { self == .notFound ? 127 : 126 }
    }

    /// The path of a command; without it, says so and ends with the code that shells use.
    static func require(_ command: String) -> String {
        do throws(Missing) { return try find(command) } catch {
            let why = error == .notFound ? "was not found" : "is not executable"
            Console.complain(Complaint(.failed, "the command \(Escaped.path(command)) \(why)"))
            exit(error.exitCode)
        }
    }

    /// The path of a command: as it is if it holds a slash, else the first in `$PATH`.
    static func find(_ command: String) throws(Missing) -> String {
        if command.contains("/") {
            guard Places.exists(command) else { throw .notFound }
            guard isExecutable(command) else { throw .notExecutable }
            return command
        }
        var found = Missing.notFound
        let path = Places.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
            let candidate = directory.isEmpty ? "./\(command)" : "\(directory)/\(command)"
            if isExecutable(candidate) { return candidate }
            if Places.exists(candidate) { found = .notExecutable }
        }
        throw found
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }
}

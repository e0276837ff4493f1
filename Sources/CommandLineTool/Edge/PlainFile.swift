// A file from which secrets were taken into the vault, and in which they still are.

internal import Glibc

enum PlainFile {
    /// Reminds of a file that has done its work; a pipe or a descriptor leaves nothing behind.
    static func remark(on path: String) {
        var status = stat()
        guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG
        else { return }
        Console.note("\(Escaped.path(path)) still holds secrets in plain text: remove it")
    }
}

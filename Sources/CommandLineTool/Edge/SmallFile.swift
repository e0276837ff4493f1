// Small text files that a person names.

internal import Glibc
internal import VaultModel

/// A file of a few lines that holds no secret.
enum SmallFile {
    /// The content; a file that is longer or is no text is refused.
    static func text(_ path: String, atMost longest: Int) throws(Complaint) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var content = [UInt8](repeating: 0, count: longest + 1)
        var count = 0
        while count <= longest {
            let more = unsafe content.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
            }
            guard more >= 0 else { throw failure(path, errno) }
            if more == 0 { break }
            count += more
        }
        guard count <= longest, let text = String(validUTF8: content.span.extracting(first: count))
        else {
            throw Complaint(.usage, "\(Escaped.path(path)) is too long or not UTF-8")
        }
        return text
    }

    /// The last line that is not empty.
    static func lastLine(_ path: String) throws(Complaint) -> String {
        let lines = try text(path, atMost: 1_048_576).split(separator: "\n")
        guard let line = lines.last(where: { $0.contains { !$0.isWhitespace } }) else {
            throw Complaint(.usage, "\(Escaped.path(path)) is empty")
        }
        return String(line)
    }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        let kind = code == ENOENT ? ExitCode.notFound : .notStored
        return Complaint(kind, "cannot read \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

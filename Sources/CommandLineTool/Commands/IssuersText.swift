// What an issuer wrote, and whether it can be had again.

internal import Glibc
internal import SecretMemory

/// A document or the output of a command.
struct IssuersText: ~Copyable {
    let content: SecretBytes
    let origin: Origin

    enum Origin: Hashable, Sendable {
        /// A file that is still there afterwards.
        case file
        /// A command, a pipe, standard input: once read, nobody can read it again.
        case passing
    }

    init(output: consuming SecretBytes) {
        content = output
        origin = .passing
    }

    /// A file or, with `-`, standard input.
    init(path: String) throws(Complaint) {
        if path == "-" {
            content = try Intake.standardInput()
            origin = .passing
        } else {
            let descriptor = try Intake.open(path, .notRequired, what: "the document")
            defer { close(descriptor) }
            content = try Intake.all(
                of: descriptor, longest: Intake.longestDocument, what: "the document")
            origin = Self.origin(of: descriptor)
        }
    }

    private static func origin(of descriptor: Int32) -> Origin {
        var status = stat()
        let isFile =
            unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_nlink > 0
        return isFile ? .file : .passing
    }

    /// Whether there is nothing in it but white space.
    var isBlank: Bool {
        let bytes = content.bytes
        for index in bytes.indices {
            switch bytes[index] {
            case 0x20, 0x09...0x0d: continue
            default: return false
            }
        }
        return true
    }
}

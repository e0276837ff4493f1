// Secrets from outside: files, descriptors and standard input, straight into locked memory.

internal import Glibc
internal import SecretMemory
internal import VaultModel

/// Reading with read(2); every length is bounded before memory is taken for it.
@safe
enum Intake {
    /// Longest value, in bytes: 16 MiB.
    static let longestValue = 16 * 1_024 * 1_024
    /// Longest file of settings: 256 KiB.
    static let longestSettings = 256 * 1_024
    /// Longest document of an issuer.
    static let longestDocument = 17 * 1_024 * 1_024

    /// Whether others may read a file without its being refused.
    enum Privacy: Hashable, Sendable {
        /// A passphrase or key: ours, and nobody else may read or write it.
        case required
        /// The same from systemd, which may leave it root's and lets us read it by an access list;
        /// that shows as the group's right to read.
        case credential
        /// A person's own settings: ours, and nobody else may write them; others may read them.
        case settings
        case notRequired

        /// The bits that a file's mode must not have.
        fileprivate var forbiddenMode: mode_t {
            switch self {
            case .required: 0o077
            case .credential: 0o027
            case .settings: 0o022
            case .notRequired: 0
            }
        }

        /// What a passphrase or key at `path` needs.
        static func ofKey(at path: String) -> Privacy {
            guard let folder = Places.credentials, path.hasPrefix("\(folder)/") else {
                return .required
            }
            let isInside = !path.dropFirst(folder.utf8.count + 1).contains("/")
            return isInside ? .credential : .required
        }
    }

    /// A passphrase from a file of mode 0600.
    static func passphrase(file path: String) throws(Complaint) -> SecretBytes {
        strippingNewline(
            try file(path, .ofKey(at: path), longest: 1_026, what: "the passphrase"))
    }

    /// A passphrase from an open descriptor, which is closed: a job must not inherit it.
    static func passphrase(descriptor: Int32) throws(Complaint) -> SecretBytes {
        guard fcntl(descriptor, F_GETFD) != -1 else {
            throw Complaint(.usage, "descriptor \(descriptor) is not open")
        }
        let read = try all(of: descriptor, longest: 1_026, what: "the passphrase")
        if descriptor > 2 { close(descriptor) }
        return strippingNewline(read)
    }

    /// The text of a key file of mode 0600.
    static func key(
        file path: String, what: String = "the key"
    ) throws(Complaint) -> SecretBytes {
        try file(path, .ofKey(at: path), longest: 1_024, what: what)
    }

    /// A document of an issuer.
    static func document(file path: String) throws(Complaint) -> SecretBytes {
        try file(path, .notRequired, longest: longestDocument, what: "the document")
    }

    /// The text of a file of settings at `path`, or nil if there is none. Like a person's profiles
    /// it must be ours, and nobody else may write it.
    static func settings(file path: String, what: String) throws(Complaint) -> String? {
        guard Places.exists(path) else { return nil }
        let read = try file(path, .settings, longest: longestSettings, what: what)
        guard let text = String(validUTF8: read.bytes) else {
            throw Complaint(.usage, "\(Escaped.path(path)) is not valid UTF-8")
        }
        return text
    }

    /// Everything on standard input.
    static func standardInput() throws(Complaint) -> SecretBytes {
        try refuseTerminal(hint: "leave --stdin out to be asked for it, or pipe it in")
        return try all(of: 0, longest: longestValue, what: "the value")
    }

    /// Refuses to read secrets from a terminal as it is: it would show them.
    static func refuseTerminal(hint: String) throws(Complaint) {
        guard isatty(0) == 1 else { return }
        throw Complaint(
            .usage, "standard input is a terminal, which would show the secret", hint: hint)
    }

    /// Exactly one trailing newline goes; a carriage return before it is part of the passphrase.
    private static func strippingNewline(_ read: consuming SecretBytes) -> SecretBytes {
        var stripped = read
        let count = stripped.count
        if count > 0, stripped.bytes[count - 1] == UInt8(ascii: "\n") {
            stripped.truncate(to: count - 1)
        }
        return stripped
    }

    private static func file(
        _ path: String, _ privacy: Privacy, longest: Int, what: String
    ) throws(Complaint) -> SecretBytes {
        let descriptor = try open(path, privacy, what: what)
        defer { close(descriptor) }
        return try all(of: descriptor, longest: longest, what: what)
    }

    /// Opens a regular file; a pipe from process substitution is fine where privacy is not
    /// required.
    static func open(
        _ path: String, _ privacy: Privacy, what: String
    ) throws(Complaint) -> Int32 {
        let shown = Escaped.path(path)
        let noFollow = privacy == .notRequired ? 0 : O_NOFOLLOW | O_NONBLOCK
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | noFollow)
        guard descriptor >= 0 else {
            let code = errno
            if code == ELOOP { throw Complaint(.refused, "\(shown) is a symbolic link") }
            let exit = code == ENOENT ? ExitCode.notFound : .notStored
            guard privacy == .notRequired || code == EACCES || path.contains("/") else {
                throw Complaint(
                    exit, "cannot read the file of \(what): \(SystemError.words(code))",
                    hint: "what was typed may be \(what) itself and is not repeated; a file is"
                        + " needed, such as ./FILE")
            }
            throw Complaint(exit, "cannot read \(shown): \(SystemError.words(code))")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            close(descriptor)
            throw Complaint(.notStored, "cannot look at \(shown)")
        }
        if let complaint = refusal(status, privacy, shown, user: geteuid()) {
            close(descriptor)
            throw complaint
        }
        return descriptor
    }

    static func refusal(
        _ status: stat, _ privacy: Privacy, _ shown: String, user: uid_t
    ) -> Complaint? {
        if status.st_mode & S_IFMT == S_IFDIR {
            return Complaint(.usage, "\(shown) is a directory")
        }
        guard privacy != .notRequired else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return Complaint(.refused, "\(shown) is not a regular file")
        }
        guard status.st_uid == user || privacy == .credential && status.st_uid == 0 else {
            return Complaint(.refused, "\(shown) belongs to another user")
        }
        guard status.st_mode & privacy.forbiddenMode == 0 else {
            if privacy == .settings {
                return Complaint(
                    .refused, "others may write \(shown)", hint: "chmod go-w \(shown)")
            }
            return Complaint(
                .refused, "others may read or write \(shown)", hint: "chmod 600 \(shown)")
        }
        return nil
    }

    /// Reads to the end of a descriptor, at most `longest` bytes; `tooLong` is said of more where
    /// what is read is not to be stored.
    static func all(
        of descriptor: Int32, longest: Int, what: String, tooLong: Complaint? = nil
    ) throws(Complaint) -> SecretBytes {
        var read = SecretBytes(capacity: 4_096)
        while true {
            let step = min(65_536, max(4_096, read.count))
            let count = try append(from: descriptor, step, to: &read, what: what)
            if count == 0 { return read }
            guard read.count <= longest else {
                if let tooLong { throw tooLong }
                let words = "\(what) is longer than \(size(longest))"
                throw longest >= longestValue
                    ? Complaint(.notStored, "NOT stored: \(words)") : Complaint(.usage, words)
            }
        }
    }

    /// Reads once, at most `step` bytes; 0 at the end.
    static func append(
        from descriptor: Int32, _ step: Int, to bytes: inout SecretBytes, what: String
    ) throws(Complaint) -> Int {
        let before = bytes.count
        bytes.append(zeros: step)
        var span = bytes.mutableBytes
        var count = 0
        repeat {
            count = unsafe span.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + before }, step)
            }
        } while count < 0 && errno == EINTR
        let code = errno
        bytes.truncate(to: before + max(0, count))
        guard count >= 0 else {
            let exit = code == EISDIR ? ExitCode.usage : .notStored
            throw Complaint(exit, "cannot read \(what): \(SystemError.words(code))")
        }
        return count
    }

    private static func size(_ bytes: Int) -> String {
        if bytes >= 1_048_576 { return "\(bytes / 1_048_576) MiB" }
        return bytes > 2_048 ? "\(bytes / 1_024) KiB" : "1,024 bytes"
    }
}

// How far events were forwarded, in a file of the person's.

internal import Glibc

/// The number of the next event, in decimal digits and a newline.
enum EventCursor {
    private static let largest = 64

    /// The number in the file; nil if there is no file.
    static func read(_ path: String) throws(Complaint) -> UInt64? {
        guard Places.exists(path) else { return nil }
        let text = try SmallFile.text(path, atMost: largest)
        let digits = text.hasSuffix("\n") ? String(text.dropLast()) : text
        guard let number = UInt64(digits), String(number) == digits else {
            throw Complaint(
                .usage, "\(Escaped.path(path)) holds no number of an event",
                hint: "remove it to begin anew")
        }
        return number
    }

    /// Puts the next number in the place of the last one: the old file or the new one is there.
    static func write(_ number: UInt64, to path: String) throws(Complaint) {
        let draft = "\(path).new"
        _ = unsafe unlink(draft)
        let descriptor = unsafe open(
            draft, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(draft, errno) }
        defer { close(descriptor) }
        try OutputSink(descriptor: descriptor).write("\(number)\n")
        // Else a power cut could leave the new name with nothing in it.
        guard fdatasync(descriptor) == 0 else { throw failure(draft, errno) }
        guard unsafe rename(draft, path) == 0 else { throw failure(path, errno) }
    }

    private static func failure(_ path: String, _ code: Int32) -> Complaint {
        Complaint(.notStored, "cannot write \(Escaped.path(path)): \(SystemError.words(code))")
    }
}

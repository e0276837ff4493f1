// Lines of a file, one at a time, in locked memory.

internal import Glibc
internal import SecretMemory

/// Reads a file or standard input line by line. Empty lines are skipped, whatever ends them, and so
/// is a byte order mark in front of the first.
struct LineReader: ~Copyable {
    private let descriptor: Int32
    private var buffer = SecretBytes(capacity: 131_072)
    private var start = 0
    private var isAtEnd = false
    private var place = 0..<0
    /// Number of the current line, from 1.
    private(set) var number = 0
    /// Bytes taken so far.
    private(set) var bytesRead = 0
    /// Size of the file, or nil if it is not known.
    let totalBytes: Int?

    /// Longest line: a value of 16 MiB in base64 and what is around it.
    private static let longestLine = 24 * 1_024 * 1_024

    /// Opens `path`; `-` is standard input.
    init(_ path: String) throws(Complaint) {
        if path == "-" { try Intake.refuseTerminal(hint: "pipe the lines in, or name a file") }
        descriptor = path == "-" ? 0 : try Intake.open(path, .notRequired, what: "the lines")
        var status = stat()
        let isFile =
            unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        totalBytes = isFile ? Int(status.st_size) : nil
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    /// The current line without its newline.
    var line: Span<UInt8> {
        @_lifetime(borrow self)
        get { buffer.bytes.extracting(place) }
    }

    /// Goes to the next line that is not empty; false at the end.
    mutating func next() throws(Complaint) -> Bool {
        while true {
            guard let end = try endOfLine() else { return false }
            place = start..<end
            number += 1
            bytesRead += end - start + 1
            start = min(end + 1, buffer.count)
            if number == 1 { dropMark() }
            if !isEmptyLine { return true }
        }
    }

    /// Drops the UTF-8 form of U+FEFF, which other systems put in front of a text.
    private mutating func dropMark() {
        let begin = place.lowerBound
        guard place.count >= 3, buffer.bytes[begin] == 0xef, buffer.bytes[begin + 1] == 0xbb,
            buffer.bytes[begin + 2] == 0xbf
        else { return }
        place = begin + 3..<place.upperBound
    }

    private var isEmptyLine: Bool {
        place.isEmpty
            || place.count == 1 && buffer.bytes[place.lowerBound] == UInt8(ascii: "\r")
    }

    /// Where the line that begins at `start` ends, reading on as needed; nil if there is none.
    private mutating func endOfLine() throws(Complaint) -> Int? {
        var searched = start
        while true {
            if let end = newline(from: searched) { return end }
            searched = buffer.count
            if isAtEnd { return start < buffer.count ? buffer.count : nil }
            guard buffer.count - start <= Self.longestLine else {
                throw Complaint(.notStored, "line \(number + 1) is too long; nothing was imported")
            }
            searched -= compact()
            let count = try Intake.append(
                from: descriptor, 65_536, to: &buffer, what: "the lines")
            isAtEnd = count == 0
        }
    }

    private func newline(from place: Int) -> Int? {
        let bytes = buffer.bytes
        for index in place..<bytes.count where bytes[index] == UInt8(ascii: "\n") { return index }
        return nil
    }

    /// Drops what was read before `start` when it is much; returns how much was dropped.
    private mutating func compact() -> Int {
        guard start > 65_536 || start == buffer.count else { return 0 }
        let dropped = start
        let kept = buffer.count - start
        var span = buffer.mutableBytes
        for index in 0..<kept { span[index] = span[dropped + index] }
        buffer.truncate(to: kept)
        start = 0
        place = 0..<0
        return dropped
    }
}

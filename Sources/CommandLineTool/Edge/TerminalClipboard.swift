// The clipboard behind a terminal: the control sequence OSC 52.

internal import Glibc
internal import SecretMemory

enum TerminalClipboard {
    /// Longest value, in bytes: many terminals take no sequence of more than 64 KiB and a little.
    private static let longest = 49_152

    /// Fails where there is no terminal.
    static func check() throws(Complaint) { close(try open()) }

    /// Writes it to the terminal, whatever standard output is. In base64 nothing of the value is a
    /// control character.
    static func copy(_ value: borrowing SecretBytes) throws(Complaint) {
        guard value.count <= longest else {
            throw Complaint(.usage, "the value is longer than the 48 KiB that terminals take")
        }
        let descriptor = try open()
        defer { close(descriptor) }
        var sequence = SecretBytes(capacity: 2 * value.count)
        sequence.append("\u{1b}]52;c;")
        Encodings.base64(value.bytes, .standard, into: &sequence)
        sequence.append("\u{07}")
        try OutputSink(descriptor: descriptor).write(sequence.bytes)
    }

    private static func open() throws(Complaint) -> Int32 {
        let descriptor = unsafe Glibc.open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Complaint(.failed, "there is no terminal that could take the value")
        }
        return descriptor
    }
}

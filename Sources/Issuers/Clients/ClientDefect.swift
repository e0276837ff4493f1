// Why the request of a client is not read: a line of it and words of ours.

internal import VaultModel

/// One finding. Its words are written in the program's text, so that no byte of the request, in
/// which a password may stand, can be among them.
public struct ClientDefect: Error, Hashable, Sendable {
    /// From 1; 0 if it is about the whole.
    public let line: Int
    public let words: String

    init(_ words: StaticString, line: Int = 0) {
        self.line = line
        self.words = words.description
    }

    init(_ defect: JSONDefect) {
        line = 0
        words = "it is not JSON: \(defect.words)"
    }
}

/// Text of a client that is no secret.
enum ClientText {
    /// Longest host, user or path, in bytes.
    static let longest = 4_096

    /// The text, or nil if it is too long, not UTF-8 or holds a control character: a line end in a
    /// host or a user would be a further line of another protocol.
    static func read(_ bytes: Span<UInt8>) -> String? {
        guard bytes.count <= longest, !bytes.indices.contains(where: { isControl(bytes[$0]) })
        else { return nil }
        return String(validUTF8: bytes)
    }

    static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }
}

// One entry of pass or gopass, as `gpg` opened it.

internal import VaultModel

/// The first line is the secret, to its line feed and byte for byte; lines `key: value` are fields;
/// other lines that follow one another are notes, which are secret. If the first line begins what
/// takes several, the whole text is the secret.
public enum PassEntry {
    /// In what order an entry stands.
    public enum Dialect: Hashable, Sendable {
        case pass
        /// May begin with a header of its own, and divides the secret from YAML by `---`.
        case gopass
    }

    private static let longestKey = 64

    /// Reads an entry; `path` are the folders it lies in and its name.
    public static func read(
        _ text: Span<UInt8>, at path: [String], _ dialect: Dialect
    ) throws(ImportDefect) -> FoundCredential {
        let found = FoundCredential(path)
        var place = 0
        let first = line(text, &place)
        guard !beginsWhole(first, of: text) else {
            try found.add(secret: "secret", text)
            return found
        }
        let hasHeader = dialect == .gopass && isEqual(first, in: text, "GOPASS-SECRET-1.0")
        if !hasHeader { try found.add(secret: "secret", text.extracting(first)) }
        var notes = place..<place
        while place < text.count {
            let start = place
            let next = line(text, &place)
            if try isField(next, in: text, hasHeader, found) {
                try found.add(secret: "notes", trimmed(notes, in: text))
                notes = place..<place
            } else if dialect == .gopass, isEqual(next, in: text, "---"), notes.isEmpty {
                notes = place..<place
            } else {
                notes = (notes.isEmpty ? start : notes.lowerBound)..<place
            }
        }
        try found.add(secret: "notes", trimmed(notes, in: text))
        return found
    }

    /// Whether the first line begins what takes several lines: a key in PEM, or JSON.
    private static func beginsWhole(_ first: Range<Int>, of text: Span<UInt8>) -> Bool {
        guard first.upperBound + 1 < text.count else { return false }
        let pem = "-----BEGIN "
        if first.count > pem.utf8.count, isEqual(0..<pem.utf8.count, in: text, pem) { return true }
        let line = SettingLines.trimmed(first, in: text)
        return isEqual(line, in: text, "{") || isEqual(line, in: text, "[")
    }

    /// Goes behind the next line feed; returns the line without it.
    private static func line(_ text: Span<UInt8>, _ place: inout Int) -> Range<Int> {
        let start = place
        while place < text.count, text[place] != 0x0a { place += 1 }
        let line = start..<place
        if place < text.count { place += 1 }
        return line
    }

    private static func isEqual(
        _ line: Range<Int>, in text: Span<UInt8>, _ word: String
    ) -> Bool {
        guard line.count == word.utf8.count else { return false }
        for (index, byte) in word.utf8.enumerated()
        where text[line.lowerBound + index] != byte { return false }
        return true
    }

    /// Adds a line `key: value`, or one that is a seed of one-time passwords; false for any other.
    private static func isField(
        _ line: Range<Int>, in text: Span<UInt8>, _ hasHeader: Bool, _ found: FoundCredential
    ) throws(ImportDefect) -> Bool {
        let whole = text.extracting(line)
        if whole.count > 10, isEqual(line.lowerBound..<line.lowerBound + 10, in: text, "otpauth://")
        {
            try found.add(secret: "otpauth", whole)
            return true
        }
        guard let colon = line.prefix(longestKey + 1).first(where: { text[$0] == 0x3a }),
            colon > line.lowerBound, colon + 1 < line.upperBound,
            text[colon + 1] == 0x20 || text[colon + 1] == 0x09,
            let key = key(line.lowerBound..<colon, in: text)
        else { return false }
        var start = colon + 1
        while start < line.upperBound, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
        let value = text.extracting(start..<line.upperBound)
        if hasHeader, key == "Password" {
            try found.add(secret: "secret", value)
        } else {
            try found.add(key, value)
        }
        return true
    }

    /// The text before a colon if it may be a key: letters, digits, blanks, `_` and `-`.
    private static func key(_ range: Range<Int>, in text: Span<UInt8>) -> String? {
        for index in range {
            switch text[index] {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x20, UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "."):
                continue
            default: return nil
            }
        }
        return String(validUTF8: text.extracting(range))
    }

    /// Without the line feeds at its end.
    @_lifetime(copy text)
    private static func trimmed(_ range: Range<Int>, in text: Span<UInt8>) -> Span<UInt8> {
        var end = range.upperBound
        while end > range.lowerBound, text[end - 1] == 0x0a { end -= 1 }
        return text.extracting(range.lowerBound..<end)
    }
}

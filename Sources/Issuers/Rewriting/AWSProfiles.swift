// AWS's credentials file whose profiles ask a program for their keys.

internal import SecretMemory

enum AWSProfiles {
    private static let keys = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]

    /// Puts `credential_process` in the place of the first key of each profile that has a command,
    /// and takes its other keys out.
    static func rewrite(
        _ text: Span<UInt8>, _ commands: [String: String]
    ) throws(ImportDefect) -> SecretBytes {
        var lines = SettingLines(text)
        var edits = TextEdits()
        var command: String?
        var isSaid = false
        while true {
            switch try lines.next() {
            case .section(let range):
                command = commands[try SettingLines.word(range, in: text, lines.number)]
                isSaid = false
            case .setting(let range, _):
                guard let command else { continue }
                let key = try SettingLines.word(range, in: text, lines.number)
                guard key != "credential_process" else {
                    throw ImportDefect(
                        "the profile has keys and a credential_process", line: lines.number)
                }
                guard keys.contains(key) else { continue }
                let (line, ending) = whole(range, in: text)
                edits.replace(line, by: isSaid ? "" : "credential_process = \(command)\(ending)")
                isSaid = true
            case .indented:
                throw ImportDefect(
                    "an indented line, which readers do not agree on", line: lines.number)
            case .end: return edits.apply(to: text)
            }
        }
    }

    /// The line around `place` and how it ends.
    private static func whole(
        _ place: Range<Int>, in text: Span<UInt8>
    ) -> (line: Range<Int>, ending: String) {
        var (start, end) = (place.lowerBound, place.upperBound)
        while start > 0, text[start - 1] != 0x0a { start -= 1 }
        // A mark in front of the first line stays.
        start = max(start, min(CSVDocument.start(of: text), place.lowerBound))
        while end < text.count, text[end] != 0x0a { end += 1 }
        guard end < text.count else { return (start..<end, "") }
        return (start..<end + 1, text[end - 1] == 0x0d ? "\r\n" : "\n")
    }
}

// A session told as text: what a person types and sees, and the files that are there.

import Foundation

/// Lines of commands, then files behind `-- name --` lines, as in the txtar format of Go's
/// testscript.
public struct SessionScript: Sendable {
    public struct Line: Sendable {
        public let number: Int
        public let words: [String]
        /// Whether a `!` stands in front: the command must fail, or the text must not be there.
        public let isNegated: Bool
    }

    public let lines: [Line]
    public let files: [String: String]

    public init(_ text: String) throws {
        var lines: [Line] = []
        var files: [String: String] = [:]
        var file: String?
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = String(raw)
            if line.hasPrefix("-- "), line.hasSuffix(" --"), line.count > 6 {
                let name = String(line.dropFirst(3).dropLast(3))
                file = name
                files[name] = ""
            } else if let file {
                files[file, default: ""] += line + "\n"
            } else {
                var words = try Self.words(line, index + 1)
                guard !words.isEmpty else { continue }
                let isNegated = words[0] == "!"
                if isNegated { words.removeFirst() }
                lines.append(Line(number: index + 1, words: words, isNegated: isNegated))
            }
        }
        // The text ends in a newline, so its last file has an empty line too many.
        for (name, content) in files where content.hasSuffix("\n\n") || content == "\n" {
            files[name] = name == file ? String(content.dropLast()) : content
        }
        self.lines = lines
        self.files = files
    }

    /// Splits at blanks; quotes as in a shell, single ones literally; `#` begins a comment.
    private static func words(_ line: String, _ number: Int) throws -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open {
                    quote = nil
                } else {
                    word = (word ?? "") + String(character)
                }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else if character == "#", word == nil {
                break
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw ScriptFailure(number, "a quote is not closed") }
        if let done = word { words.append(done) }
        return words
    }
}

/// Where a session went another way than the script says.
public struct ScriptFailure: Error, CustomStringConvertible {
    public let line: Int
    public let words: String

    public init(_ line: Int, _ words: String) {
        self.line = line
        self.words = words
    }

    public var description: String { "line \(line): \(words)" }
}

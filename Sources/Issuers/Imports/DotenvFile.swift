// `.env`: variables of an environment, a secret each.

internal import SecretMemory
internal import VaultModel

/// `NAME=value`, `export NAME=value`, comments. A value stands bare, in single quotes as it is, or
/// in double quotes with escapes; quotes may hold line ends. Nothing is expanded. A backslash
/// within a bare value, and two of them or one at the end within single quotes, are refused: some
/// programs read them as escapes.
struct DotenvFile: ~Copyable, ~Escapable {
    private let text: Span<UInt8>
    private var place = 0
    private var line = 1
    private var hasComments = false

    @_lifetime(copy text)
    private init(_ text: Span<UInt8>) {
        self.text = text
        place = CSVDocument.start(of: text)
    }

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var file = DotenvFile(text)
        var batch = ImportBatch()
        var names: Set<String> = []
        while try file.skipToVariable() {
            let name = try file.name()
            guard names.insert(name).inserted else {
                throw ImportDefect("a variable is there twice", line: file.line)
            }
            let found = FoundCredential([name])
            let line = file.line
            let value = try file.value()
            try found.add(secret: "secret", value.bytes)
            try found.add(open: "variable", Array(name.utf8).span)
            if found.secretNames.isEmpty {
                batch.leaveOut("line \(line)", "it is empty")
            } else {
                try batch.take(found)
            }
        }
        if file.hasComments { batch.leaveOutComments() }
        return batch
    }

    private var byte: UInt8? { place < text.count ? text[place] : nil }

    @_lifetime(self: copy self)
    private mutating func skipBlanks() {
        while byte == 0x20 || byte == 0x09 || byte == 0x0d { place += 1 }
    }

    /// Goes to the next line that says something; false at the end.
    @_lifetime(self: copy self)
    private mutating func skipToVariable() throws(ImportDefect) -> Bool {
        while true {
            skipBlanks()
            guard let byte else { return false }
            if byte == UInt8(ascii: "#") { skipComment() }
            guard self.byte == 0x0a else {
                if self.byte == nil { return false }
                return true
            }
            place += 1
            line += 1
        }
    }

    /// Goes to the end of the line.
    @_lifetime(self: copy self)
    private mutating func skipComment() {
        let start = place
        while place < text.count, text[place] != 0x0a { place += 1 }
        hasComments = hasComments || SettingLines.saysSomething(start..<place, in: text)
    }

    /// The name of a variable and the `=` behind it.
    @_lifetime(self: copy self)
    private mutating func name() throws(ImportDefect) -> String {
        var word = word()
        if isExport(word), byte == 0x20 || byte == 0x09 {
            skipBlanks()
            word = self.word()
        }
        skipBlanks()
        // A line that is no variable may be a part of a secret: no text is made of it.
        guard !word.isEmpty, word.count <= 256, byte == UInt8(ascii: "="),
            let name = String(validUTF8: text.extracting(word))
        else { throw ImportDefect("this is no variable", line: line) }
        place += 1
        skipBlanks()
        return name
    }

    @_lifetime(self: copy self)
    private mutating func word() -> Range<Int> {
        let start = place
        while place < text.count {
            switch text[place] {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                place += 1
            default: return start..<place
            }
        }
        return start..<place
    }

    private func isExport(_ word: Range<Int>) -> Bool {
        guard word.count == 6 else { return false }
        for (index, byte) in "export".utf8.enumerated()
        where text[word.lowerBound + index] != byte { return false }
        return true
    }

    @_lifetime(self: copy self)
    private mutating func value() throws(ImportDefect) -> SecretBytes {
        guard let quote = byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return try bare()
        }
        place += 1
        var value = SecretBytes()
        while let byte {
            place += 1
            if byte == quote {
                try endOfLine()
                return value
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                value.append(try escape())
            } else if byte == UInt8(ascii: "\\"), self.byte == byte || self.byte == quote {
                throw Self.disputedEscape(line)
            } else {
                line += byte == 0x0a ? 1 : 0
                value.append(byte)
            }
        }
        throw ImportDefect("a quote is not closed", line: line)
    }

    /// To the end of the line, or to a `#` with a blank before it.
    @_lifetime(self: copy self)
    private mutating func bare() throws(ImportDefect) -> SecretBytes {
        let start = place
        var end = start
        while let byte, byte != 0x0a {
            let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x0d
            if byte == UInt8(ascii: "#"), end < place || place == start { break }
            guard byte != UInt8(ascii: "\\") else { throw Self.disputedEscape(line) }
            place += 1
            if !isBlank { end = place }
        }
        skipComment()
        // The end of a secret in base64 that was wrapped into a line of its own.
        let isPadding = end > start && (start..<end).allSatisfy { text[$0] == UInt8(ascii: "=") }
        guard !isPadding else { throw ImportDefect("this is no variable", line: line) }
        return SecretBytes(copying: text.extracting(start..<end))
    }

    /// Nothing but a comment may follow a quoted value.
    @_lifetime(self: copy self)
    private mutating func endOfLine() throws(ImportDefect) {
        skipBlanks()
        guard byte == nil || byte == 0x0a || byte == UInt8(ascii: "#") else {
            throw ImportDefect("something follows behind a quoted value", line: line)
        }
        skipComment()
    }

    private static func disputedEscape(_ line: Int) -> ImportDefect {
        ImportDefect("an escape that readers of such files do not agree on", line: line)
    }

    @_lifetime(self: copy self)
    private mutating func escape() throws(ImportDefect) -> UInt8 {
        guard let byte else { throw ImportDefect("a quote is not closed", line: line) }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "$"),
            UInt8(ascii: "`"):
            return byte
        default: throw Self.disputedEscape(line)
        }
    }
}

// `.netrc`: machines, each with a login and a password, as words.

internal import SecretMemory
internal import VaultModel

struct NetrcFile: ~Copyable, ~Escapable {
    private enum Keyword: String, CaseIterable {
        case machine, `default`, login, account, password, macdef
    }

    /// What the file says of a machine, and where.
    private struct Entry {
        let found: FoundCredential
        let line: Int
        let isDefault: Bool
        /// Keywords with what belongs to them; comments lie between.
        var places: [Range<Int>] = []
    }

    private let text: Span<UInt8>
    private var place = 0
    private var line = 1
    private var entries: [Entry] = []
    private var macros: [(name: String, line: Int)] = []
    private var hasComments = false

    @_lifetime(copy text)
    private init(_ text: Span<UInt8>) {
        self.text = text
        place = CSVDocument.start(of: text)
    }

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var file = NetrcFile(text)
        try file.readAll()
        var batch = ImportBatch()
        for entry in file.entries { try batch.take(entry.found) }
        for macro in file.macros { batch.leaveOut("macdef \(macro.name)", "a macro") }
        if file.hasComments { batch.leaveOutComments() }
        return batch
    }

    /// The text without the machines that have a password.
    static func rewrite(_ text: Span<UInt8>) throws(ImportDefect) -> SecretBytes {
        var file = NetrcFile(text)
        try file.readAll()
        if let macro = file.macros.first {
            throw ImportDefect("a macro belongs to the machine before it", line: macro.line)
        }
        var edits = TextEdits()
        for entry in file.entries where !entry.found.secretNames.isEmpty {
            guard !entry.isDefault else {
                throw ImportDefect(
                    "a password for every host is for none that git asks for",
                    line: entry.line)
            }
            for place in entry.places { edits.replace(file.whole(place)) }
        }
        return edits.apply(to: text)
    }

    @_lifetime(self: copy self)
    private mutating func readAll() throws(ImportDefect) {
        var isOpen = false
        while let (keyword, start) = try keyword() {
            switch keyword {
            case .machine, .default:
                guard entries.count < ImportBatch.most else {
                    throw ImportDefect("it holds more than 100,000 secrets")
                }
                let name = keyword == .machine ? try self.name() : "default"
                let found = FoundCredential([name])
                // By this git finds it.
                if keyword == .machine { try found.add(open: "host", Array(name.utf8).span) }
                entries.append(Entry(found: found, line: line, isDefault: keyword == .default))
                isOpen = true
            case .macdef:
                macros.append((try self.name(), line))
                skipMacro()
                isOpen = false
                continue
            case .login, .account, .password:
                let value = try word()
                guard isOpen, let machine = entries.last?.found else {
                    throw ImportDefect("this belongs to no machine", line: line)
                }
                switch keyword {
                case .login: try machine.add("username", value.bytes)
                case .account: try machine.add("account", value.bytes)
                default: try machine.add(secret: "secret", value.bytes)
                }
            }
            add(start..<place)
        }
    }

    /// Adds a place to the last entry, together with the blanks that part it from the one before.
    /// At the end of a line of its own the line goes too.
    @_lifetime(self: copy self)
    private mutating func add(_ range: Range<Int>) {
        guard var entry = entries.popLast() else { return }
        if let before = entry.places.last, isBlank(before.upperBound..<range.lowerBound) {
            entry.places[entry.places.count - 1] = before.lowerBound..<range.upperBound
        } else {
            entry.places.append(range)
        }
        entries.append(entry)
    }

    private func isBlank(_ range: Range<Int>) -> Bool {
        range.allSatisfy { isSpace(text[$0]) }
    }

    /// A place with the blanks around it on its lines, and with the line end where that leaves
    /// nothing of the line.
    private func whole(_ place: Range<Int>) -> Range<Int> {
        var (start, end) = (place.lowerBound, place.upperBound)
        let first = CSVDocument.start(of: text)
        while end < text.count, text[end] != 0x0a, isSpace(text[end]) { end += 1 }
        while start > first, text[start - 1] != 0x0a, isSpace(text[start - 1]) { start -= 1 }
        let isAtEnd = end == text.count || text[end] == 0x0a
        guard start == first || text[start - 1] == 0x0a else {
            return place.lowerBound..<(isAtEnd ? place.upperBound : end)
        }
        return start..<min(isAtEnd ? end + 1 : end, text.count)
    }

    /// Goes behind blanks and line ends; false at the end of the text.
    @_lifetime(self: copy self)
    private mutating func skipSpace() -> Bool {
        while place < text.count {
            switch text[place] {
            case 0x0a: line += 1
            case 0x20, 0x09, 0x0d: break
            default: return true
            }
            place += 1
        }
        return false
    }

    /// The next word that is no comment; nil at the end. A keyword is no secret, but what stands
    /// in its place may be.
    @_lifetime(self: copy self)
    private mutating func keyword() throws(ImportDefect) -> (Keyword, start: Int)? {
        while skipSpace() {
            guard text[place] == UInt8(ascii: "#") else {
                let start = place
                let word = try word()
                for keyword in Keyword.allCases where Self.isEqual(word, keyword) {
                    return (keyword, start)
                }
                throw ImportDefect("a word that no .netrc has", line: line)
            }
            let start = place
            while place < text.count, text[place] != 0x0a { place += 1 }
            hasComments = hasComments || SettingLines.saysSomething(start..<place, in: text)
        }
        return nil
    }

    /// Without a text of the word, which may be a secret.
    private static func isEqual(_ word: borrowing SecretBytes, _ keyword: Keyword) -> Bool {
        let bytes = word.bytes
        guard bytes.count == keyword.rawValue.utf8.count else { return false }
        for (index, byte) in keyword.rawValue.utf8.enumerated() where bytes[index] != byte {
            return false
        }
        return true
    }

    @_lifetime(self: copy self)
    private mutating func name() throws(ImportDefect) -> String {
        let word = try word()
        guard word.count <= 1_024, let name = String(validUTF8: word.bytes) else {
            throw ImportDefect("a name is too long or not valid UTF-8", line: line)
        }
        return name
    }

    /// A word, bare or in double quotes with backslashes before what stands for itself.
    @_lifetime(self: copy self)
    private mutating func word() throws(ImportDefect) -> SecretBytes {
        guard skipSpace() else { throw ImportDefect("the text ends too early", line: line) }
        var word = SecretBytes()
        let isQuoted = text[place] == UInt8(ascii: "\"")
        if isQuoted { place += 1 }
        while place < text.count {
            let byte = text[place]
            if isQuoted ? byte == UInt8(ascii: "\"") : isSpace(byte) {
                if isQuoted { place += 1 }
                return word
            }
            guard byte != 0x0a else { break }
            if isQuoted, byte == UInt8(ascii: "\\"), place + 1 < text.count { place += 1 }
            word.append(text[place])
            place += 1
        }
        guard !isQuoted else { throw ImportDefect("a quote is not closed", line: line) }
        return word
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    /// A macro ends at an empty line.
    @_lifetime(self: copy self)
    private mutating func skipMacro() {
        var isLineEmpty = false
        while place < text.count {
            let byte = text[place]
            place += 1
            if byte == 0x0a {
                line += 1
                if isLineEmpty { return }
                isLineEmpty = true
            } else if byte != 0x0d {
                isLineEmpty = false
            }
        }
    }
}

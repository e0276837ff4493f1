// `.netrc`: machines, each with a login and a password, as words.

internal import SecretMemory
internal import VaultModel

struct NetrcFile: ~Copyable, ~Escapable {
    private enum Keyword: String, CaseIterable {
        case machine, `default`, login, account, password, macdef
    }

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
        var file = NetrcFile(text)
        var batch = ImportBatch()
        var machine: FoundCredential?
        while let keyword = try file.keyword() {
            switch keyword {
            case .machine, .default:
                if let machine { try batch.take(machine) }
                let name = keyword == .machine ? try file.name() : "default"
                machine = FoundCredential([name])
            case .macdef:
                if let machine { try batch.take(machine) }
                machine = nil
                batch.leaveOut("macdef \(try file.name())", "a macro")
                file.skipMacro()
            case .login, .account, .password:
                let value = try file.word()
                guard let machine else {
                    throw ImportDefect("this belongs to no machine", line: file.line)
                }
                switch keyword {
                case .login: try machine.add("username", value.bytes)
                case .account: try machine.add("account", value.bytes)
                default: try machine.add(secret: "secret", value.bytes)
                }
            }
        }
        if let machine { try batch.take(machine) }
        if file.hasComments { batch.leaveOutComments() }
        return batch
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
    private mutating func keyword() throws(ImportDefect) -> Keyword? {
        while skipSpace() {
            guard text[place] == UInt8(ascii: "#") else {
                let word = try word()
                for keyword in Keyword.allCases where Self.isEqual(word, keyword) {
                    return keyword
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

// `zscaler.yaml`: the flat subset of YAML 1.2 that Zscaler's clients read.
//
// Mappings of plain keys, indented by blanks, and scalars on one line. Lists, anchors, aliases,
// tags, blocks and flow collections are refused: they would mean something else than they show.

internal import SecretMemory
internal import VaultModel

struct ZscalerYAML {
    private var keys: [String] = []
    /// The indentation of the members of each open mapping.
    private var levels = [0]
    /// A key without a value so far: a mapping may follow.
    private var pending: String?
    private var known: Set<String> = []
    private var hasComments = false
    private let found = FoundCredential(["zscaler"], issuer: "zscaler-oneapi")

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var reading = ZscalerYAML()
        var place = CSVDocument.start(of: text)
        var number = 0
        var hasContent = false
        while place < text.count {
            let start = place
            while place < text.count, text[place] != 0x0a { place += 1 }
            number += 1
            let line = SettingLines.trimmed(start..<place, in: text)
            place += 1
            guard !line.isEmpty else { continue }
            if text[line.lowerBound] == UInt8(ascii: "#") {
                reading.pass(line, in: text)
                continue
            }
            if !hasContent, line.count == 3, isDashes(line, in: text) { continue }
            hasContent = true
            for index in start..<line.lowerBound where text[index] != 0x20 {
                throw ImportDefect("it is indented by something else than blanks", line: number)
            }
            try reading.take(line, indented: line.lowerBound - start, in: text, number)
        }
        let names = reading.found.secretNames.map(\.text)
        guard names.contains("client_secret") || names.contains("private_key") else {
            throw ImportDefect("it has no `zscaler: client: clientSecret`")
        }
        var batch = ImportBatch()
        if reading.hasComments { batch.leaveOutComments() }
        try batch.take(reading.found)
        return batch
    }

    private mutating func pass(_ comment: Range<Int>, in text: Span<UInt8>) {
        hasComments = hasComments || SettingLines.saysSomething(comment, in: text)
    }

    private static func isDashes(_ line: Range<Int>, in text: Span<UInt8>) -> Bool {
        line.allSatisfy { text[$0] == UInt8(ascii: "-") }
    }

    private mutating func take(
        _ line: Range<Int>, indented indentation: Int, in text: Span<UInt8>, _ number: Int
    ) throws(ImportDefect) {
        if let key = pending, indentation > (levels.last ?? 0) {
            guard levels.count < 8 else { throw ImportDefect("nested too deeply", line: number) }
            levels.append(indentation)
            keys.append(key)
        }
        pending = nil
        while levels.count > 1, let level = levels.last, level > indentation {
            levels.removeLast()
            keys.removeLast()
        }
        guard levels.last == indentation else {
            throw ImportDefect("it is indented like nothing before it", line: number)
        }
        var colon = line.lowerBound
        while colon < line.upperBound, isKeyByte(text[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, text[colon] == UInt8(ascii: ":"),
            colon + 1 == line.upperBound || text[colon + 1] == 0x20
        else { throw ImportDefect("this is no plain `key: value`", line: number) }
        let key = try SettingLines.word(line.lowerBound..<colon, in: text, number)
        let path = keys + [key]
        guard known.insert(path.joined(separator: ".")).inserted else {
            throw ImportDefect("a key is there twice", line: number)
        }
        let rest = SettingLines.trimmed(colon + 1..<line.upperBound, in: text)
        if rest.isEmpty || text[rest.lowerBound] == UInt8(ascii: "#") {
            pass(rest, in: text)
            pending = key
            return
        }
        var end = 0
        let value = try YAMLScalar.read(text.extracting(rest), number, &end)
        pass(rest.lowerBound + end..<rest.upperBound, in: text)
        let isOfClient = path.starts(with: ["zscaler", "client"])
        let name = path.dropFirst(isOfClient ? 2 : 0).joined(separator: "_")
        guard !name.isEmpty else { throw ImportDefect("a mapping was expected", line: number) }
        try found.add(name, value.bytes)
    }

    private func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// A scalar on one line, plain or quoted.
enum YAMLScalar {
    /// What a plain scalar must not begin with.
    private static let indicators = Array("[]{}&*!|>%@`,?:-".utf8)

    /// `end` becomes the place behind it, where a comment may stand.
    static func read(
        _ text: Span<UInt8>, _ number: Int, _ end: inout Int
    ) throws(ImportDefect) -> SecretBytes {
        switch text[0] {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted(text, number, &end)
        default: return try plain(text, number, &end)
        }
    }

    private static func plain(
        _ text: Span<UInt8>, _ number: Int, _ end: inout Int
    ) throws(ImportDefect) -> SecretBytes {
        guard !indicators.contains(text[0]) else {
            throw ImportDefect("a value that is no plain or quoted text", line: number)
        }
        for index in text.indices {
            if text[index] == UInt8(ascii: "#"), text[index - 1] == 0x20 { break }
            let isLast = index + 1 == text.count || text[index + 1] == 0x20
            guard text[index] != UInt8(ascii: ":") || !isLast else {
                throw ImportDefect("a value with a colon has to be quoted", line: number)
            }
            if text[index] != 0x20 && text[index] != 0x09 { end = index + 1 }
        }
        let value = text.extracting(0..<end)
        return isNull(value) ? SecretBytes() : SecretBytes(copying: value)
    }

    /// YAML's core schema: any of these is no value at all.
    private static func isNull(_ value: Span<UInt8>) -> Bool {
        ["~", "null", "Null", "NULL"].contains { (word: StaticString) in
            guard value.count == word.utf8CodeUnitCount else { return false }
            return value.indices.allSatisfy { unsafe value[$0] == word.utf8Start[$0] }
        }
    }

    private static func quoted(
        _ text: Span<UInt8>, _ number: Int, _ end: inout Int
    ) throws(ImportDefect) -> SecretBytes {
        let quote = text[0]
        var value = SecretBytes()
        var index = 1
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                guard index < text.count, let escaped = escaped(text[index]) else {
                    throw ImportDefect("an escape that is not read here", line: number)
                }
                value.append(escaped)
                index += 1
            } else if byte != quote {
                value.append(byte)
            } else if quote == UInt8(ascii: "'"), index < text.count, text[index] == quote {
                value.append(quote)
                index += 1
            } else {
                let rest = SettingLines.trimmed(index..<text.count, in: text)
                let isComment =
                    !rest.isEmpty && rest.lowerBound > index
                    && text[rest.lowerBound] == UInt8(ascii: "#")
                guard rest.isEmpty || isComment else {
                    throw ImportDefect("something follows behind a quoted value", line: number)
                }
                end = index
                return value
            }
        }
        throw ImportDefect("a quote is not closed", line: number)
    }

    private static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "/"): byte
        default: nil
        }
    }
}

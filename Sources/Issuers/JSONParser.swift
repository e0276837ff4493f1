// The grammar of JSON (RFC 8259), one byte at a time over a view of the text.

internal import VaultModel

/// Walks the text and records places.
struct JSONParser: ~Copyable, ~Escapable {
    private let text: Span<UInt8>
    private var place = 0

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) { self.text = text }

    /// Reads one value and adds its node, and those of what is in it.
    @_lifetime(self: copy self)
    mutating func value(
        key: String, depth: Int, into nodes: inout [JSONDocument.Node]
    ) throws(JSONParsing) {
        skipSpace()
        guard place < text.count else { throw JSONParsing(.unexpectedEnd) }
        guard depth < JSONDocument.deepest else { throw JSONParsing(.tooDeep(offset: place)) }
        guard nodes.count < JSONDocument.mostNodes else { throw JSONParsing(.tooLarge) }
        switch text[place] {
        case UInt8(ascii: "{"): try object(key, depth, &nodes)
        case UInt8(ascii: "["): try array(key, depth, &nodes)
        case UInt8(ascii: "\""):
            let (range, hasEscapes) = try string()
            var node = JSONDocument.Node(kind: .string, range: range, key: key)
            node.hasEscapes = hasEscapes
            nodes.append(node)
        case UInt8(ascii: "t"): try word("true", .boolean, key, &nodes)
        case UInt8(ascii: "f"): try word("false", .boolean, key, &nodes)
        case UInt8(ascii: "n"): try word("null", .null, key, &nodes)
        default:
            nodes.append(JSONDocument.Node(kind: .number, range: try number(), key: key))
        }
    }

    /// Fails unless nothing but white space is left.
    @_lifetime(self: copy self)
    mutating func end() throws(JSONParsing) {
        skipSpace()
        guard place == text.count else { throw JSONParsing(.trailingBytes(offset: place)) }
    }

    @_lifetime(self: copy self)
    private mutating func object(
        _ key: String, _ depth: Int, _ nodes: inout [JSONDocument.Node]
    ) throws(JSONParsing) {
        let (start, index) = open(.object, key, &nodes)
        var names: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return close(index, start, &nodes) }
        while true {
            skipSpace()
            let offset = place
            let (range, hasEscapes) = try string()
            guard range.count <= 1_024,
                let name = Self.string(text.extracting(range), hasEscapes: hasEscapes)
            else { throw JSONParsing(.unexpectedCharacter(offset: offset)) }
            guard !isMember(name, of: index, nodes, &names) else {
                throw JSONParsing(.duplicateKey(offset: offset))
            }
            try expect(UInt8(ascii: ":"))
            nodes[index].children.append(nodes.count)
            try value(key: name, depth: depth + 1, into: &nodes)
            skipSpace()
            if take(UInt8(ascii: "}")) { return close(index, start, &nodes) }
            try expect(UInt8(ascii: ","))
        }
    }

    /// Whether an object has a member of that name. Few are compared, many are hashed, so that
    /// neither an import nor a hostile document is slow.
    private func isMember(
        _ name: String, of index: Int, _ nodes: [JSONDocument.Node], _ names: inout Set<String>
    ) -> Bool {
        let members = nodes[index].children
        guard members.count >= 16 else { return members.contains { nodes[$0].key == name } }
        if names.isEmpty { for member in members { names.insert(nodes[member].key) } }
        return !names.insert(name).inserted
    }

    @_lifetime(self: copy self)
    private mutating func array(
        _ key: String, _ depth: Int, _ nodes: inout [JSONDocument.Node]
    ) throws(JSONParsing) {
        let (start, index) = open(.array, key, &nodes)
        skipSpace()
        if take(UInt8(ascii: "]")) { return close(index, start, &nodes) }
        while true {
            nodes[index].children.append(nodes.count)
            try value(key: "", depth: depth + 1, into: &nodes)
            skipSpace()
            if take(UInt8(ascii: "]")) { return close(index, start, &nodes) }
            try expect(UInt8(ascii: ","))
        }
    }

    @_lifetime(self: copy self)
    private mutating func open(
        _ kind: JSONDocument.Kind, _ key: String, _ nodes: inout [JSONDocument.Node]
    ) -> (start: Int, index: Int) {
        let start = place
        place += 1
        nodes.append(JSONDocument.Node(kind: kind, range: start..<start, key: key))
        return (start, nodes.count - 1)
    }

    private func close(_ index: Int, _ start: Int, _ nodes: inout [JSONDocument.Node]) {
        nodes[index].range = start..<place
    }

    @_lifetime(self: copy self)
    private mutating func word(
        _ word: StaticString, _ kind: JSONDocument.Kind, _ key: String,
        _ nodes: inout [JSONDocument.Node]
    ) throws(JSONParsing) {
        let start = place
        for index in 0..<word.utf8CodeUnitCount {
            guard place < text.count else { throw JSONParsing(.unexpectedEnd) }
            guard unsafe text[place] == word.utf8Start[index] else {
                throw JSONParsing(.unexpectedCharacter(offset: place))
            }
            place += 1
        }
        nodes.append(JSONDocument.Node(kind: kind, range: start..<place, key: key))
    }

    @_lifetime(self: copy self)
    private mutating func number() throws(JSONParsing) -> Range<Int> {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let digits = skipDigits()
        guard digits > 0 else {
            throw JSONParsing(
                place < text.count ? .unexpectedCharacter(offset: place) : .unexpectedEnd)
        }
        guard digits == 1 || text[place - digits] != UInt8(ascii: "0") else {
            throw JSONParsing(.badNumber(offset: start))
        }
        if take(UInt8(ascii: ".")), skipDigits() == 0 {
            throw JSONParsing(.badNumber(offset: start))
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw JSONParsing(.badNumber(offset: start)) }
        }
        return start..<place
    }

    @_lifetime(self: copy self)
    private mutating func skipDigits() -> Int {
        let start = place
        while place < text.count, (0x30...0x39).contains(text[place]) { place += 1 }
        return place - start
    }

    /// A string; the range is what is between the quotes. Its UTF-8 and escapes are checked here.
    @_lifetime(self: copy self)
    private mutating func string() throws(JSONParsing) -> (Range<Int>, hasEscapes: Bool) {
        try expect(UInt8(ascii: "\""))
        let start = place
        var hasEscapes = false
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "\""):
                place += 1
                return (start..<place - 1, hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0..<0x20: throw JSONParsing(.unexpectedCharacter(offset: place))
            case 0x20..<0x80: place += 1
            default: try multibyte()
            }
        }
        throw JSONParsing(.unexpectedEnd)
    }

    @_lifetime(self: copy self)
    private mutating func escape() throws(JSONParsing) {
        let start = place
        guard place + 1 < text.count else { throw JSONParsing(.unexpectedEnd) }
        let kind = text[place + 1]
        place += 2
        guard kind == UInt8(ascii: "u") else {
            guard "\"\\/bfnrt".utf8.contains(kind) else {
                throw JSONParsing(.badEscape(offset: start))
            }
            return
        }
        let unit = Self.unit(in: text, at: place)
        guard let unit else { throw JSONParsing(.badEscape(offset: start)) }
        place += 4
        // A surrogate has a meaning only as a pair, high then low.
        guard (0xd800..<0xe000).contains(unit) else { return }
        guard unit < 0xdc00, place + 1 < text.count, text[place] == UInt8(ascii: "\\"),
            text[place + 1] == UInt8(ascii: "u"),
            let low = Self.unit(in: text, at: place + 2), (0xdc00..<0xe000).contains(low)
        else { throw JSONParsing(.badEscape(offset: start)) }
        place += 6
    }

    /// One character of more than one byte (RFC 3629).
    @_lifetime(self: copy self)
    private mutating func multibyte() throws(JSONParsing) {
        let start = place
        let first = UInt32(text[place])
        let (length, least): (Int, UInt32) =
            first < 0xe0 ? (2, 0x80) : first < 0xf0 ? (3, 0x800) : (4, 0x1_0000)
        guard (0xc2..<0xf5).contains(first), place + length <= text.count else {
            throw JSONParsing(.notUTF8(offset: start))
        }
        var scalar = first & (0x7f >> UInt32(length))
        for offset in 1..<length {
            guard text[place + offset] & 0xc0 == 0x80 else {
                throw JSONParsing(.notUTF8(offset: start))
            }
            scalar = scalar << 6 | UInt32(text[place + offset] & 0x3f)
        }
        guard scalar >= least, Unicode.Scalar(scalar) != nil else {
            throw JSONParsing(.notUTF8(offset: start))
        }
        place += length
    }

    @_lifetime(self: copy self)
    private mutating func skipSpace() {
        while place < text.count {
            switch text[place] {
            case 0x20, 0x09, 0x0a, 0x0d: place += 1
            default: return
            }
        }
    }

    @_lifetime(self: copy self)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < text.count, text[place] == byte else { return false }
        place += 1
        return true
    }

    @_lifetime(self: copy self)
    private mutating func expect(_ byte: UInt8) throws(JSONParsing) {
        skipSpace()
        guard place < text.count else { throw JSONParsing(.unexpectedEnd) }
        guard take(byte) else { throw JSONParsing(.unexpectedCharacter(offset: place)) }
    }
}

// Escapes.
extension JSONParser {
    /// The four hexadecimal digits at `place`, or nil.
    private static func unit(in text: Span<UInt8>, at place: Int) -> UInt32? {
        guard place + 4 <= text.count else { return nil }
        var unit: UInt32 = 0
        for index in place..<place + 4 {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// Gives the bytes of a string that was checked by the parser, escapes resolved.
    static func unescape(_ raw: Span<UInt8>, _ byte: (UInt8) -> Void) {
        var index = 0
        while index < raw.count {
            guard raw[index] == UInt8(ascii: "\\") else {
                byte(raw[index])
                index += 1
                continue
            }
            let kind = raw[index + 1]
            index += 2
            switch kind {
            case UInt8(ascii: "b"): byte(0x08)
            case UInt8(ascii: "f"): byte(0x0c)
            case UInt8(ascii: "n"): byte(0x0a)
            case UInt8(ascii: "r"): byte(0x0d)
            case UInt8(ascii: "t"): byte(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(in: raw, at: index) ?? 0xfffd
                index += 4
                if (0xd800..<0xdc00).contains(scalar) {
                    let low = unit(in: raw, at: index + 2) ?? 0xdc00
                    scalar = 0x1_0000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
                    index += 6
                }
                encode(scalar, byte)
            default: byte(kind)
            }
        }
    }

    /// UTF-8 by arithmetic: a `String` on the way would be a copy of the value.
    private static func encode(_ scalar: UInt32, _ byte: (UInt8) -> Void) {
        func tail(_ shift: UInt32) { byte(UInt8(0x80 | scalar >> shift & 0x3f)) }
        switch scalar {
        case 0..<0x80: byte(UInt8(scalar))
        case 0x80..<0x800:
            byte(UInt8(0xc0 | scalar >> 6))
            tail(0)
        case 0x800..<0x1_0000:
            byte(UInt8(0xe0 | scalar >> 12))
            tail(6)
            tail(0)
        default:
            byte(UInt8(0xf0 | scalar >> 18))
            tail(12)
            tail(6)
            tail(0)
        }
    }

    /// A string that is no secret.
    static func string(_ raw: Span<UInt8>, hasEscapes: Bool) -> String? {
        guard hasEscapes else {
            return String(validUTF8: raw)
        }
        var bytes: [UInt8] = []
        unescape(raw) { bytes.append($0) }
        return String(validating: bytes, as: UTF8.self)
    }
}

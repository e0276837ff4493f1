// A strict subset of XML 1.0, pulled element by element: what password managers export.
//
// No document type, so no entities but the five predefined ones and numbers; no processing
// instructions, no CDATA; text and elements are never mixed. Depth is bounded.

internal import SecretMemory

struct XMLReader: ~Copyable, ~Escapable {
    private static let deepest = 64
    private static let mostAttributes = 16

    private let text: Span<UInt8>
    private var place = 0
    /// The names of the elements that are open.
    private var open: [Range<Int>] = []
    private var attributes: [(name: Range<Int>, value: Range<Int>)] = []
    /// Whether the element that was just begun is `<…/>`.
    private var isClosed = false
    /// Whether a comment that says something was passed.
    private(set) var hasComments = false

    /// Goes to the root element.
    @_lifetime(copy text)
    init(_ text: Span<UInt8>) throws(ImportDefect) {
        self.text = text
        guard (try? UTF8Span(validating: text)) != nil else {
            throw ImportDefect("it is not valid UTF-8")
        }
        place = CSVDocument.start(of: text)
        if isNext("<?xml ") { try skipDeclaration() }
        try skipSpace()
        try begin()
    }

    /// A defect at the place that was reached.
    func defect(_ words: StaticString) -> ImportDefect {
        ImportDefect(words, at: place, in: text)
    }

    private func isNext(_ word: StaticString) -> Bool {
        guard place + word.utf8CodeUnitCount <= text.count else { return false }
        for index in 0..<word.utf8CodeUnitCount
        where unsafe text[place + index] != word.utf8Start[index] { return false }
        return true
    }

    private func isEqual(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<range.count
        where unsafe text[range.lowerBound + index] != word.utf8Start[index] { return false }
        return true
    }

    /// The name of the innermost open element.
    var elementName: Span<UInt8> {
        @_lifetime(copy self)
        get { text.extracting(open.last ?? 0..<0) }
    }

    /// Whether the element that was just begun has another one in it.
    var hasChildren: Bool {
        guard !isClosed else { return false }
        var next = place
        while next < text.count, isSpace(text[next]) { next += 1 }
        return next + 1 < text.count && text[next] == UInt8(ascii: "<")
            && text[next + 1] != UInt8(ascii: "/")
    }

    /// Whether the innermost open element has this name.
    func isNamed(_ name: StaticString) -> Bool { open.last.map { isEqual($0, name) } ?? false }

    /// Whether the innermost open element has one of these names.
    func isNamed(oneOf names: [StaticString]) -> Bool { names.contains { isNamed($0) } }

    /// Whether the element that was just begun has this attribute, and not to say no.
    func isSet(_ name: StaticString) -> Bool {
        attributes.contains { attribute in
            isEqual(attribute.name, name)
                && !XMLFlag.isNo(text.extracting(attribute.value))
        }
    }

    /// Whether the element that was just begun has an attribute that is none of these.
    func hasAttribute(outside names: [StaticString]) -> Bool {
        attributes.contains { attribute in !names.contains { isEqual(attribute.name, $0) } }
    }

    /// Goes to the next child of the innermost open element; false, and that one is closed, if
    /// there is none.
    @_lifetime(self: copy self)
    mutating func child() throws(ImportDefect) -> Bool {
        if closeIfEmpty() { return false }
        try skipSpace()
        if isNext("</") {
            try close()
            return false
        }
        try begin()
        return true
    }

    /// The text of the innermost open element, which is closed.
    @_lifetime(self: copy self)
    mutating func leaf() throws(ImportDefect) -> SecretBytes {
        var value = SecretBytes()
        if closeIfEmpty() { return value }
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "<"):
                if isNext("<!--") {
                    try skipComment()
                    continue
                }
                guard isNext("</") else { throw defect("an element where a text was expected") }
                try close()
                return value
            case UInt8(ascii: "&"): try reference(into: &value)
            case 0x0d:
                // A line end of any kind is a newline (XML 1.0, 2.11).
                value.append(0x0a)
                place += 1
                if place < text.count, text[place] == 0x0a { place += 1 }
            case 0..<0x20 where text[place] != 0x09 && text[place] != 0x0a:
                throw defect("a character that XML does not allow")
            default:
                value.append(text[place])
                place += 1
            }
        }
        throw defect("the text ends too early")
    }

    /// Closes the innermost open element with all that is in it; whether that was anything but
    /// empty elements.
    @discardableResult @_lifetime(self: copy self)
    mutating func skip() throws(ImportDefect) -> Bool {
        let depth = open.count
        var isFilled = !attributes.isEmpty
        if closeIfEmpty() { return isFilled }
        while open.count >= depth {
            while place < text.count, text[place] != UInt8(ascii: "<") {
                isFilled = isFilled || !isSpace(text[place])
                place += 1
            }
            guard place < text.count else { throw defect("the text ends too early") }
            if isNext("<!--") {
                try skipComment()
            } else if isNext("</") {
                try close()
            } else {
                try begin()
                isFilled = isFilled || !attributes.isEmpty
                _ = closeIfEmpty()
            }
        }
        return isFilled
    }

    /// Fails unless nothing follows the root.
    @_lifetime(self: copy self)
    mutating func end() throws(ImportDefect) {
        while place < text.count {
            if isNext("<!--") {
                try skipComment()
            } else if isSpace(text[place]) {
                place += 1
            } else {
                throw defect("something follows behind the end")
            }
        }
    }

    @_lifetime(self: copy self)
    private mutating func closeIfEmpty() -> Bool {
        guard isClosed else { return false }
        isClosed = false
        open.removeLast()
        return true
    }
}

// Tags.
extension XMLReader {
    @_lifetime(self: copy self)
    private mutating func begin() throws(ImportDefect) {
        guard place < text.count else { throw defect("the text ends too early") }
        guard text[place] == UInt8(ascii: "<") else {
            throw defect("a text where an element was expected")
        }
        guard !isNext("<!"), !isNext("<?") else {
            throw defect("a document type, CDATA or an instruction, none of which is read")
        }
        guard open.count < Self.deepest else { throw defect("it is nested too deeply") }
        place += 1
        open.append(try name())
        attributes.removeAll(keepingCapacity: true)
        while true {
            let hadSpace = place < text.count && isSpace(text[place])
            while place < text.count, isSpace(text[place]) { place += 1 }
            if isNext("/>") {
                place += 2
                isClosed = true
                return
            }
            if isNext(">") {
                place += 1
                return
            }
            guard hadSpace else { throw defect("a tag that XML does not have") }
            try attribute()
        }
    }

    @_lifetime(self: copy self)
    private mutating func attribute() throws(ImportDefect) {
        guard attributes.count < Self.mostAttributes else { throw defect("too many attributes") }
        let name = try name()
        guard isNext("=\"") || isNext("='") else { throw defect("an attribute without a value") }
        let quote = text[place + 1]
        place += 2
        let start = place
        while place < text.count, text[place] != quote {
            guard text[place] != UInt8(ascii: "<") else {
                throw defect("an attribute that XML does not have")
            }
            place += 1
        }
        guard place < text.count else { throw defect("the text ends too early") }
        for known in attributes where isSame(known.name, name) {
            throw defect("an attribute is there twice")
        }
        attributes.append((name, start..<place))
        place += 1
    }

    @_lifetime(self: copy self)
    private mutating func close() throws(ImportDefect) {
        place += 2
        let name = try name()
        while place < text.count, isSpace(text[place]) { place += 1 }
        guard let opened = open.popLast(), isSame(opened, name), isNext(">") else {
            throw defect("an element is closed that is not the open one")
        }
        place += 1
    }

    @_lifetime(self: copy self)
    private mutating func name() throws(ImportDefect) -> Range<Int> {
        let start = place
        while place < text.count {
            switch text[place] {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: ":"):
                place += 1
            default:
                guard place > start else { throw defect("a name was expected") }
                return start..<place
            }
        }
        throw defect("the text ends too early")
    }

    private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count
        where text[left.lowerBound + index] != text[right.lowerBound + index] { return false }
        return true
    }
}

// What stands between and within elements.
extension XMLReader {
    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    @_lifetime(self: copy self)
    private mutating func skipSpace() throws(ImportDefect) {
        while place < text.count {
            if isSpace(text[place]) {
                place += 1
            } else if isNext("<!--") {
                try skipComment()
            } else {
                return
            }
        }
    }

    @_lifetime(self: copy self)
    private mutating func skipComment() throws(ImportDefect) {
        place += 4
        let start = place
        while place < text.count {
            if isNext("-->") {
                hasComments = hasComments || SettingLines.saysSomething(start..<place, in: text)
                place += 3
                return
            }
            place += 1
        }
        throw defect("a comment is not closed")
    }

    /// `<?xml version="1.0" encoding="utf-8"?>`; whatever it says, the text was found to be UTF-8.
    @_lifetime(self: copy self)
    private mutating func skipDeclaration() throws(ImportDefect) {
        while place < text.count, text[place] != UInt8(ascii: ">") { place += 1 }
        guard place < text.count, text[place - 1] == UInt8(ascii: "?") else {
            throw defect("the declaration of XML is not closed")
        }
        place += 1
    }

    /// `&amp;` and its like, `&#10;`, `&#xa;`.
    @_lifetime(self: copy self)
    private mutating func reference(into value: inout SecretBytes) throws(ImportDefect) {
        let predefined: [(StaticString, UInt8)] = [
            ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
            ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
        ]
        for (word, byte) in predefined where isNext(word) {
            value.append(byte)
            place += word.utf8CodeUnitCount
            return
        }
        guard isNext("&#") else { throw defect("an entity that is not predefined") }
        place += 2
        let scalar = try number()
        let isAllowed =
            scalar.value >= 0x20 && scalar.value & 0xfffe != 0xfffe
            || [0x09, 0x0a, 0x0d].contains(scalar.value)
        guard isAllowed else { throw defect("a character that XML does not allow") }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { value.append(byte) }
    }

    /// The number of a character, decimal or hexadecimal, and the semicolon behind it.
    @_lifetime(self: copy self)
    private mutating func number() throws(ImportDefect) -> Unicode.Scalar {
        let isHexadecimal = isNext("x")
        if isHexadecimal { place += 1 }
        let radix: UInt32 = isHexadecimal ? 16 : 10
        var number: UInt32 = 0
        let start = place
        while place < text.count, let digit = Self.digit(text[place]), digit < radix {
            number = number * radix + digit
            guard number <= 0x10_ffff else { break }
            place += 1
        }
        guard place > start, isNext(";"), let scalar = Unicode.Scalar(number) else {
            throw defect("a number that is no character")
        }
        place += 1
        return scalar
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x37)
        case 0x61...0x66: UInt32(byte - 0x57)
        default: nil
        }
    }
}

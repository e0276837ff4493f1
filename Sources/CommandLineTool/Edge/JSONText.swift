// JSON (RFC 8259) that the commands print: public data as a tree, one secret value in locked
// memory.

internal import SecretMemory

/// A JSON value; objects keep the order of their members.
indirect enum JSONText: Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])

    /// The value in one line.
    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let number): text += String(number)
        case .string(let string): text += Self.quoted(string)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                text += Self.quoted(member.0) + ":"
                member.1.write(to: &text)
            }
            text += "}"
        }
    }

    /// A string in quotes; what a terminal would act on is escaped too.
    static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case " "..."~": text.unicodeScalars.append(scalar)
            default:
                if Escaped.isHarmless(scalar) {
                    text.unicodeScalars.append(scalar)
                } else {
                    text += escape(scalar)
                }
            }
        }
        return text + "\""
    }

    /// `\u` and four digits, twice for what JSON writes as a pair of surrogates.
    static func escape(_ scalar: Unicode.Scalar) -> String {
        UTF16.encode(scalar)?.map { "\\u" + Escaped.hexadecimal(UInt32($0), 4) }.joined() ?? ""
    }
}

/// One JSON object with secret members, written in locked memory.
struct SecretJSON: ~Copyable {
    private var bytes = SecretBytes(capacity: 1_024)
    private var needsComma = false

    init() { bytes.append(UInt8(ascii: "{")) }

    mutating func add(_ name: String, _ value: String) { add(name, json: JSONText.quoted(value)) }
    mutating func add(_ name: String, _ value: Int) { add(name, json: String(value)) }
    mutating func add(_ name: String, _ value: JSONText) { add(name, json: value.text) }

    /// The value: as text if it is UTF-8, else in base64 (RFC 4648 section 4), and which of both.
    mutating func add(secret value: Span<UInt8>) {
        let isText = Self.lengthAsText(value) != nil
        add("encoding", isText ? "utf-8" : "base64")
        add("value", value, asText: isText)
    }

    /// A secret member in one of the two forms. What is no UTF-8 has no form as text.
    mutating func add(_ name: String, _ value: Span<UInt8>, asText isText: Bool) {
        begin(name)
        if isText { return Self.quote(value, into: &bytes) }
        append("\"")
        Encodings.base64(value, .standard, into: &bytes)
        append("\"")
    }

    /// An object as a member: what is added until `closeObject` is in it.
    mutating func openObject(_ name: String) {
        begin(name)
        append("{")
        needsComma = false
    }

    mutating func closeObject() {
        append("}")
        needsComma = true
    }

    /// The object and a newline.
    consuming func finish() -> SecretBytes {
        append("}\n")
        return bytes
    }

    /// How long a value is in quotes as text; nil if it is no UTF-8.
    static func lengthAsText(_ value: Span<UInt8>) -> Int? {
        guard var scalars = try? UTF8Span(validating: value).makeUnicodeScalarIterator() else {
            return nil
        }
        var length = 0
        while let scalar = scalars.next() {
            switch scalar {
            case "\"", "\\": length += 2
            case _ where Escaped.isHarmless(scalar): length += UTF8.width(scalar)
            // `\u` and four digits, or that twice.
            default: length += scalar.value < 0x1_0000 ? 6 : 12
            }
        }
        return length
    }

    private mutating func begin(_ name: String) {
        append((needsComma ? "," : "") + JSONText.quoted(name) + ":")
        needsComma = true
    }

    private mutating func add(_ name: String, json: String) {
        begin(name)
        append(json)
    }

    private mutating func append(_ text: String) { for byte in text.utf8 { bytes.append(byte) } }

    /// A text in quotes. What is no UTF-8 has no form as text.
    static func quote(_ value: Span<UInt8>, into output: inout SecretBytes) {
        guard var scalars = try? UTF8Span(validating: value).makeUnicodeScalarIterator() else {
            preconditionFailure("command line: a text that is none")
        }
        output.append(UInt8(ascii: "\""))
        while let scalar = scalars.next() { escape(scalar, into: &output) }
        output.append(UInt8(ascii: "\""))
    }

    private static func escape(_ scalar: Unicode.Scalar, into output: inout SecretBytes) {
        switch scalar {
        case "\"", "\\":
            output.append(UInt8(ascii: "\\"))
            output.append(UInt8(truncatingIfNeeded: scalar.value))
        case _ where Escaped.isHarmless(scalar):
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                output.append(byte)
            }
        default: for byte in JSONText.escape(scalar).utf8 { output.append(byte) }
        }
    }
}

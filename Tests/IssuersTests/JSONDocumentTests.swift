// The grammar of JSON, accepted and refused, each refusal with its reason and place.

import SecretMemory
import Testing

@testable import Issuers

/// Why a text is refused, or nil.
func jsonDefect(_ text: [UInt8]) -> JSONDefect? {
    do throws(JSONParsing) {
        _ = try JSONDocument(text.span)
        return nil
    } catch {
        return error.defect
    }
}

/// The value of a text that is one JSON string or number.
private func value(_ text: String) -> [UInt8]? {
    let text = Array(text.utf8)
    guard let document = try? JSONDocument(text.span) else { return nil }
    switch document.secret(JSONDocument.root, in: text.span) {
    case .some(let secret): return bytes(of: secret.bytes)
    case .none: return nil
    }
}

@Suite("JSON")
struct JSONDocumentTests {
    @Test(
        "what RFC 8259 allows is read",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "12.5", "1e5", "1E+5", "1.5e-10", "0.0",
            "0e0", "\"\"", "[]", "{}", " \t\r\n[ ] ", "[1,[2,{}],\"x\"]", "{\"\":1}",
            "{\"a\" : { \"b\" : [ null , true ] } }\n", "\"\u{7f}\"", "\"é東😀\"",
            "123456789012345678901234567890", "\"\\u0000\\/\\b\"",
        ])
    func accepted(_ text: String) { #expect(jsonDefect(Array(text.utf8)) == nil) }

    @Test(
        "what it does not allow is refused with its place",
        arguments: [
            ("", JSONDefect.unexpectedEnd), (" ", .unexpectedEnd), ("{", .unexpectedEnd),
            ("[", .unexpectedEnd), ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd),
            ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd), ("\"a", .unexpectedEnd),
            ("\"\\", .unexpectedEnd), ("tru", .unexpectedEnd), ("nul", .unexpectedEnd),
            ("-", .unexpectedEnd), ("[1,]", .unexpectedCharacter(offset: 3)),
            ("{\"a\":1,}", .unexpectedCharacter(offset: 7)),
            ("{,}", .unexpectedCharacter(offset: 1)), ("[,]", .unexpectedCharacter(offset: 1)),
            ("[1 2]", .unexpectedCharacter(offset: 3)),
            ("{\"a\" 1}", .unexpectedCharacter(offset: 5)),
            ("{a:1}", .unexpectedCharacter(offset: 1)), ("{1:2}", .unexpectedCharacter(offset: 1)),
            ("'a'", .unexpectedCharacter(offset: 0)), ("trux", .unexpectedCharacter(offset: 3)),
            ("True", .unexpectedCharacter(offset: 0)), ("NaN", .unexpectedCharacter(offset: 0)),
            ("// x\n1", .unexpectedCharacter(offset: 0)), ("]", .unexpectedCharacter(offset: 0)),
            ("[1}", .unexpectedCharacter(offset: 2)),
            ("{\"a\":1]", .unexpectedCharacter(offset: 6)),
            ("\u{feff}{}", .unexpectedCharacter(offset: 0)),
            ("\u{a0}1", .unexpectedCharacter(offset: 0)), ("\0", .unexpectedCharacter(offset: 0)),
            ("1 1", .trailingBytes(offset: 2)), ("{}{}", .trailingBytes(offset: 2)),
            ("1\0", .trailingBytes(offset: 1)), ("null,", .trailingBytes(offset: 4)),
            ("{} x", .trailingBytes(offset: 3)),
        ])
    func refused(_ text: String, _ defect: JSONDefect) {
        #expect(jsonDefect(Array(text.utf8)) == defect)
    }

    @Test(
        "numbers have one form",
        arguments: [
            ("01", JSONDefect.badNumber(offset: 0)), ("-01", .badNumber(offset: 0)),
            ("00", .badNumber(offset: 0)), ("1.", .badNumber(offset: 0)),
            ("1.e1", .badNumber(offset: 0)), ("1e", .badNumber(offset: 0)),
            ("1e+", .badNumber(offset: 0)), ("[1E-]", .badNumber(offset: 1)),
            (".5", .unexpectedCharacter(offset: 0)), ("+1", .unexpectedCharacter(offset: 0)),
            ("--1", .unexpectedCharacter(offset: 1)), ("-a", .unexpectedCharacter(offset: 1)),
            ("0x10", .trailingBytes(offset: 1)), ("1.0.0", .trailingBytes(offset: 3)),
            ("1_000", .trailingBytes(offset: 1)), ("1e5.5", .trailingBytes(offset: 3)),
            ("-Infinity", .unexpectedCharacter(offset: 1)),
        ])
    func numbers(_ text: String, _ defect: JSONDefect) {
        #expect(jsonDefect(Array(text.utf8)) == defect)
    }

    @Test(
        "escapes are resolved byte for byte",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, [0x22, 0x5c, 0x2f, 8, 12, 10, 13, 9]),
            (#""\u0000""#, [0]), (#""\u007f""#, [0x7f]), (#""\u0080""#, [0xc2, 0x80]),
            (#""\u07FF""#, [0xdf, 0xbf]), (#""\u0800""#, [0xe0, 0xa0, 0x80]),
            (#""\uFFff""#, [0xef, 0xbf, 0xbf]), (#""\ud800\udc00""#, [0xf0, 0x90, 0x80, 0x80]),
            (#""\uDBFF\uDFFF""#, [0xf4, 0x8f, 0xbf, 0xbf]),
            (#""a\u0041\\u0041""#, Array("aA\\u0041".utf8)), (#""é""#, [0xc3, 0xa9]),
            ("-12.50e+3", Array("-12.50e+3".utf8)), (#""""#, []),
        ] as [(String, [UInt8])])
    func escapes(_ text: String, _ wanted: [UInt8]) { #expect(value(text) == wanted) }

    @Test("the text of a string without a secret is the same as its bytes in locked memory")
    func bothWays() throws {
        let text = Array(#""a\n\u00e9\ud83d\ude00é""#.utf8)
        let document = try JSONDocument(text.span)
        let read = document.string(JSONDocument.root, in: text.span)
        #expect(read == "a\né😀é")
    }

    @Test(
        "what is no escape is refused, and so is half a pair of surrogates",
        arguments: [
            #""\x""#, #""\'""#, #""\0""#, #""\U0041""#, #""\u12""#, #""\u12g4""#, #""\u 041""#,
            #""\u+041""#, #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#,
            #""\ud800\u0041""#, #""\ud800\ud800""#, #""\udc00\ud800""#, #""\udc00\udc00""#,
            #""\ud83d\ude0""#,
            #""\ud83d\u""#, #""\ud83d\"#,
        ])
    func badEscapes(_ text: String) {
        #expect(jsonDefect(Array(text.utf8)) == .badEscape(offset: 1))
    }

    @Test("every control character in a string is refused, every escaped one is read")
    func controls() {
        for byte in UInt8(0)..<0x20 {
            #expect(jsonDefect([0x22, byte, 0x22]) == .unexpectedCharacter(offset: 1))
            let digits = (byte < 16 ? "0" : "") + String(byte, radix: 16)
            #expect(value("\"\\u00\(digits)\"") == [byte])
        }
    }

    @Test(
        "bytes that are not UTF-8 are refused with their place",
        arguments: [
            [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x80, 0x80],
            [0xe0, 0x9f, 0xbf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x9f, 0x98],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(jsonDefect([0x22, 0x61] + bytes + [0x22]) == .notUTF8(offset: 2))
        #expect(jsonDefect([0x22, 0x61] + bytes) == .notUTF8(offset: 2))
        #expect(jsonDefect([0x7b, 0x22] + bytes + Array("\":1}".utf8)) == .notUTF8(offset: 2))
    }
}

@Suite("JSON that is too much")
struct JSONBoundTests {
    @Test("a key stands once, however it is written")
    func duplicates() {
        #expect(jsonDefect(Array(#"{"a":1,"a":2}"#.utf8)) == .duplicateKey(offset: 7))
        #expect(jsonDefect(Array(#"{"a":1,"\u0061":2}"#.utf8)) == .duplicateKey(offset: 7))
        #expect(jsonDefect(Array(#"{"a":{"a":1},"b":{"a":1}}"#.utf8)) == nil)
        #expect(jsonDefect(Array(#"[{"a":1},{"a":1}]"#.utf8)) == nil)
        #expect(jsonDefect(Array(#"{"a":1,"A":2}"#.utf8)) == nil)
    }

    @Test("also among many, where keys are hashed", arguments: [15, 16, 17, 1_000])
    func manyKeys(_ count: Int) {
        let members = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(jsonDefect(Array("{\(members)}".utf8)) == nil)
        for twice in [0, count / 2, count - 1] {
            let text = Array("{\(members),\"k\(twice)\":0}".utf8)
            #expect(jsonDefect(text) == .duplicateKey(offset: members.utf8.count + 2))
        }
    }

    @Test("64 levels are read, 65 are not")
    func depth() {
        func nested(_ count: Int) -> [UInt8] {
            Array(repeating: 0x5b, count: count) + Array(repeating: 0x5d, count: count)
        }
        #expect(jsonDefect(nested(64)) == nil)
        #expect(jsonDefect(nested(65)) == .tooDeep(offset: 64))
        #expect(jsonDefect(Array(repeating: 0x5b, count: 1_000_000)) == .tooDeep(offset: 64))
        let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
        #expect(jsonDefect(objects) == .tooDeep(offset: 320))
    }

    @Test("the number of values is bounded")
    func nodes() {
        func list(_ count: Int) -> [UInt8] {
            Array("[".utf8) + Array(String(repeating: "0,", count: count - 1).utf8)
                + Array("0]".utf8)
        }
        #expect(jsonDefect(list(JSONDocument.mostNodes - 1)) == nil)
        #expect(jsonDefect(list(JSONDocument.mostNodes)) == .tooLarge)
    }

    @Test("a key of 1,024 bytes is read, a longer one is not")
    func longKeys() {
        let key = String(repeating: "k", count: 1_024)
        #expect(jsonDefect(Array("{\"\(key)\":1}".utf8)) == nil)
        #expect(jsonDefect(Array("{\"\(key)k\":1}".utf8)) == .unexpectedCharacter(offset: 1))
    }

    @Test("a value of 16 MiB is read whole")
    func large() throws {
        let count = 16 * 1_024 * 1_024
        let text = [0x22] + [UInt8](repeating: 0x78, count: count) + [0x22]
        let document = try JSONDocument(text.span)
        #expect(document[JSONDocument.root].range == 1..<count + 1)
    }

    @Test("a text beyond the bound is refused before it is looked at")
    func tooLong() {
        let text = [UInt8](repeating: 0xff, count: JSONDocument.longestText + 1)
        #expect(jsonDefect(text) == .tooLarge)
    }

    @Test("a path leads through objects and arrays, and nowhere else")
    func paths() throws {
        let text = Array(#"{"a":{"b":[10,{"c":"x"}]},"n":null,"0":1}"#.utf8)
        let document = try JSONDocument(text.span)
        func found(_ path: String) -> String? {
            let steps = path.split(separator: ".").map(String.init)
            return document.node(at: steps).flatMap { document.string($0, in: text.span) }
        }
        #expect(found("a.b.0") == "10")
        #expect(found("a.b.1.c") == "x")
        #expect(found("0") == "1")
        #expect(document.node(at: []) == JSONDocument.root)
        for path in ["a.b.2", "a.b.-1", "a.b.x", "a.c", "n.x", "a.b.0.x", "n", "a"] {
            #expect(found(path) == nil, "\(path)")
        }
    }
}

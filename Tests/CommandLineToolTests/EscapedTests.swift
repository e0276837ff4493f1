// Text from outside on a terminal and in JSON: nothing in it acts.

import Foundation
import SecretMemory
import Testing

@testable import CommandLineTool

/// What acts on a terminal or on the eye, and how it is shown.
private let hostile: [(String, String)] = [
    ("\u{1b}[2J", "\\x1b[2J"), ("\u{1b}]52;c;aGk=\u{7}", "\\x1b]52;c;aGk=\\x07"),
    ("a\nb", "a\\x0ab"), ("a\r", "a\\x0d"), ("\t", "\\x09"), ("\0", "\\x00"), ("\u{7f}", "\\x7f"),
    ("\u{9b}2J", "\\u{9b}2J"), ("\u{85}", "\\u{85}"), ("\u{80}", "\\u{80}"),
    ("\u{202e}cod", "\\u{202e}cod"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
    ("\u{200e}\u{200f}", "\\u{200e}\\u{200f}"), ("a\u{200b}b", "a\\u{200b}b"),
    ("\u{200d}", "\\u{200d}"), ("\u{feff}", "\\u{feff}"), ("\u{ad}", "\\u{ad}"),
    ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{e0041}", "\\u{e0041}"),
    ("\u{e000}", "\\u{e000}"), ("\u{ffff}", "\\u{ffff}"),
]

private let harmless = [
    "", " ", "zpa/prod/ci", "größe", "東京", "😀", "e\u{301}", "\\x1b", "a\"b'c`$",
]

/// A value as `get --json` writes it, read back by another parser.
private func member(_ value: [UInt8]) throws -> (encoding: String, value: String, text: String) {
    var json = SecretJSON()
    json.add("name", "a\"\u{1b}")
    json.add("version", 3)
    json.add(secret: value.span)
    let text = text(of: json.finish())
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let object = try #require(read as? [String: Any])
    #expect(object.keys.sorted() == ["encoding", "name", "value", "version"])
    #expect(object["name"] as? String == "a\"\u{1b}")
    #expect(object["version"] as? Int == 3)
    return (
        try #require(object["encoding"] as? String), try #require(object["value"] as? String), text
    )
}

@Suite("text from outside")
struct EscapedTests {
    @Test("is shown with what acts escaped", arguments: hostile)
    func escaped(_ text: String, _ shown: String) {
        #expect(Escaped.text(text) == shown)
        #expect(Escaped.path(text) == "\"\(shown)\"")
        #expect(Escaped.text(shown) == shown)
    }

    @Test("is shown as it is where it is harmless", arguments: harmless)
    func plain(_ text: String) { #expect(Escaped.text(text) == text) }

    @Test("of a value on a terminal keeps its lines and tabs, and nothing else that acts")
    func values() {
        func shown(_ value: [UInt8]) -> String { text(of: Escaped.forTerminal(value.span)) }
        for (text, escaped) in hostile where !text.contains("\n") && !text.contains("\t") {
            #expect(shown(Array(text.utf8)) == escaped + "\n")
        }
        for text in harmless { #expect(shown(Array(text.utf8)) == text + "\n") }
        #expect(shown(Array("a\n\tb\r\n".utf8)) == "a\n\tb\\x0d\n\n")
        #expect(shown([0x61, 0x9b, 0x32, 0x4a, 0xff, 0x0a]) == "a\\x9b2J\\xff\n\n")
        #expect(shown([0xc2]) == "\\xc2\n")
    }
}

@Suite("JSON that is printed")
struct JSONTextTests {
    @Test("escapes what acts, and means the same to another parser", arguments: hostile)
    func escaped(_ text: String, _: String) throws {
        let quoted = JSONText.quoted("x\(text)")
        #expect(quoted.unicodeScalars.allSatisfy { (0x20..<0x7f).contains($0.value) })
        let read = try JSONSerialization.jsonObject(with: Data("[\(quoted)]".utf8)) as? [String]
        #expect(read.map { Array($0[0].utf8) } == Array("x\(text)".utf8))
    }

    @Test("is quoted as RFC 8259 says")
    func quoted() {
        #expect(JSONText.quoted("a\"b\\c/\n\t") == #""a\"b\\c/\n\t""#)
        #expect(JSONText.quoted("\u{1b}\u{7f}\u{202e}") == #""\u001b\u007f\u202e""#)
        #expect(JSONText.quoted("\u{e0041}") == #""\udb40\udc41""#)
        for text in harmless where !text.contains("\\") && !text.contains("\"") {
            #expect(JSONText.quoted(text) == "\"\(text)\"")
        }
    }

    @Test("keeps the order of members")
    func tree() {
        let value = JSONText.object([
            ("z", .array([.null, .boolean(true), .boolean(false), .integer(-7)])),
            ("a", .string("x")),
            ("e", .object([])), ("l", .array([])),
        ])
        #expect(value.text == #"{"z":[null,true,false,-7],"a":"x","e":{},"l":[]}"#)
    }

    @Test("of a value that is text says so and is exact")
    func text() throws {
        for text in harmless + hostile.map(\.0) + ["a\n\tb\"\\/"] {
            let found = try member(Array(text.utf8))
            #expect(found.encoding == "utf-8")
            #expect(Array(found.value.utf8) == Array(text.utf8))
            #expect(Escaped.text(String(found.text.dropLast())) == String(found.text.dropLast()))
        }
    }

    @Test("of a value that is not text is base64, says so, and is exact")
    func binary() throws {
        let all = Array(UInt8.min...UInt8.max)
        for value in [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x61, 0x80], all, all + all] {
            let found = try member(value)
            #expect(found.encoding == "base64")
            #expect(Data(base64Encoded: found.value).map(Array.init) == value)
        }
    }
}

// What another program said, with the secrets taken out.

import Foundation
import SecretMemory
import Testing
import VaultModel

@testable import CommandLineTool

private func redacted(_ text: String, hiding values: [String]) -> String {
    var fields = SecretFields()
    for (index, value) in values.enumerated() {
        guard let name = FieldName("f\(index)") else { continue }
        _ = fields.add(name, Array(value.utf8).span)
    }
    let said = Array(text.utf8)
    var redactor = Redactor(said.span)
    for name in fields.names { redactor.hide(fields.value(of: name)) }
    return CommandLineToolTests.text(of: redactor.redacted())
}

private func redacted(_ text: String, hidingAll output: String) -> String {
    let (said, printed) = (Array(text.utf8), Array(output.utf8))
    var redactor = Redactor(said.span)
    redactor.hideTraces(of: printed.span)
    return CommandLineToolTests.text(of: redactor.redacted())
}

@Suite("the redactor")
struct RedactorTests {
    @Test("hides a value wherever it stands")
    func places() {
        let value = "tok-12345"
        #expect(redacted("made tok-12345 for you", hiding: [value]) == "made [redacted] for you")
        #expect(redacted("tok-12345", hiding: [value]) == "[redacted]")
        #expect(
            redacted("x=tok-12345\ny=tok-12345\n", hiding: [value])
                == "x=[redacted]\ny=[redacted]\n")
        #expect(redacted("tok-1234", hiding: [value]) == "tok-1234")
        #expect(redacted("tok-tok-12345", hiding: [value]) == "tok-[redacted]")
        #expect(redacted("", hiding: [value]) == "")
        #expect(redacted("nothing", hiding: []) == "nothing")
    }

    @Test("hides values that overlap, contain or follow each other, whole")
    func overlaps() {
        let both = ["secretpart", "partner99"]
        #expect(redacted("a secretpartner99 b", hiding: both) == "a [redacted] b")
        #expect(redacted("a secretpartner99 b", hiding: both.reversed()) == "a [redacted] b")
        #expect(redacted("abcdefgh", hiding: ["abcd", "abcdefgh"]) == "[redacted]")
        #expect(redacted("abcdefgh", hiding: ["cdef", "abcdefgh"]) == "[redacted]")
        #expect(redacted("aaaaaa", hiding: ["aaaa"]) == "[redacted]")
        #expect(redacted("abcdwxyz", hiding: ["abcd", "wxyz"]) == "[redacted]")
        #expect(redacted("abcd wxyz", hiding: ["abcd", "wxyz"]) == "[redacted] [redacted]")
    }

    @Test("hides the usual encodings of a value")
    func encodings() throws {
        let value = "p\"w\\d?é>~/+\n\tx"
        let data = Data(value.utf8)
        let base64 = data.base64EncodedString()
        let urlSafe = base64.replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        let hexadecimal = data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let percent = try #require(value.addingPercentEncoding(withAllowedCharacters: unreserved))
        for form in [value, base64, urlSafe, hexadecimal, percent, "p\\\"w\\\\d?é>~/+\\n\\tx"] {
            let found = redacted("<\(form)>", hiding: [value])
            #expect(found.hasPrefix("<[redacted]") && found.hasSuffix(">"), "\(form): \(found)")
            #expect(!reveals(found, form), "\(form): \(found)")
        }
    }

    @Test("leaves values of fewer than four bytes alone, and hides those of four")
    func short() {
        #expect(redacted("abc abcd", hiding: ["abc"]) == "abc abcd")
        #expect(redacted("abc abcd", hiding: ["abcd"]) == "abc [redacted]")
        #expect(redacted("aGVs", hiding: ["hel"]) == "aGVs")
    }

    @Test("hides bytes that are no text")
    func binary() throws {
        let value: [UInt8] = [0xff, 0x00, 0xfe, 0x0a]
        let said = [0x61] + value + [0x62]
        var redactor = Redactor(said.span)
        redactor.hide(value.span)
        #expect(bytes(of: redactor.redacted()) == Array("a[redacted]b".utf8))
    }

    @Test("hides what is repeated of an output that was not understood, be it part of a line")
    func wholeOutput() {
        let output = "  key: abcd1234  \n\nxyz\nsecond line\r\n pin1 \n"
        #expect(redacted("said key: abcd1234.", hidingAll: output) == "said [redacted].")
        #expect(redacted("second line, xyz", hidingAll: output) == "[redacted], xyz")
        #expect(redacted("<abcd1234>", hidingAll: output) == "<[redacted]>")
        #expect(redacted("abcd123, pin1", hidingAll: output) == "abcd123, [redacted]")
        #expect(
            redacted("debug: got SUPERSECRET123", hidingAll: #"{"tok": "SUPERSECRET123"}"#)
                == "debug: got [redacted]")
        #expect(redacted("anything", hidingAll: "") == "anything")
        #expect(redacted("tail", hidingAll: "tail") == "[redacted]")
    }

    @Test("sees a value that was written in pieces, for it looks when all of it is there")
    func pieces() throws {
        let words = ["sh", "-c", "printf 'x tok-' >&2; printf '12345 y' >&2"]
        let outcome = try ChildProcess.run(ChildProcess.Plan(words: words))
        let said = CommandLineToolTests.text(of: outcome.messages.text)
        #expect(redacted(said, hiding: ["tok-12345"]) == "x [redacted] y")
    }
}

@Suite("encodings")
struct EncodingsTests {
    private static let samples: [[UInt8]] =
        (0...66).map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) } }
        + [Array(UInt8.min...UInt8.max)]

    private func form(_ encode: (inout SecretBytes) -> Void) -> String {
        var output = SecretBytes()
        encode(&output)
        return text(of: output)
    }

    @Test("base64 is what Foundation makes of the same bytes", arguments: samples)
    func base64(_ value: [UInt8]) {
        let wanted = Data(value).base64EncodedString()
        #expect(form { Encodings.base64(value.span, .standard, into: &$0) } == wanted)
        let urlSafe = String(
            wanted.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" })
        #expect(form { Encodings.base64(value.span, .urlSafe, into: &$0) } == urlSafe)
    }

    @Test("hexadecimal has two lower-case digits a byte, percent leaves only what is unreserved")
    func others() {
        let all = Array(UInt8.min...UInt8.max)
        let digits = all.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(form { Encodings.hexadecimal(all.span, into: &$0) } == digits.joined())
        let percent = all.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                byte < 0x80
                && (scalar.properties.isAlphabetic
                    || "0123456789-._~".unicodeScalars.contains(scalar))
            return isPlain
                ? String(scalar)
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
        }
        #expect(form { Encodings.percent(all.span, into: &$0) } == percent.joined())
        let value = Array("a\"\\\n\r\t/é".utf8)
        #expect(form { Encodings.json(value.span, into: &$0) } == #"a\"\\\n\r\t/é"#)
    }
}

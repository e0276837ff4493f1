// Values taken out of a stream, however it is cut into pieces.

import Foundation
import SecretMemory
import Testing

@testable import CommandLineTool

private func patterns(_ values: [String]) -> SecretPatterns {
    var patterns = SecretPatterns()
    for value in values { patterns.add(formsOf: Array(value.utf8).span) }
    return patterns
}

/// What is seen of pieces, each time that one has come, and at the end.
private func seen(_ pieces: [String], hiding values: [String]) -> [String] {
    var mask = Mask(SharedPatterns(patterns(values)))
    var seen: [String] = []
    for piece in pieces {
        var output = SecretBytes()
        mask.pass(Array(piece.utf8).span, to: &output)
        seen.append(text(of: output))
    }
    var output = SecretBytes()
    mask.finish(to: &output)
    return seen + [text(of: output)]
}

private func masked(_ text: String, hiding values: [String]) -> String {
    seen([text], hiding: values).joined()
}

@Suite("the mask")
struct MaskTests {
    @Test("holds back only what may begin a value")
    func delay() {
        #expect(seen(["name? "], hiding: ["tok-1234"]) == ["name? ", ""])
        #expect(
            seen(["a to", "k-12", "34 b"], hiding: ["tok-1234"]) == ["a ", "", "[redacted] b", ""])
        #expect(seen(["a to", "k-13"], hiding: ["tok-1234"]) == ["a ", "tok-13", ""])
        #expect(seen(["a to"], hiding: ["tok-1234"]) == ["a ", "to"])
        #expect(seen(["tok-tok-", "1234"], hiding: ["tok-1234"]) == ["tok-", "[redacted]", ""])
        #expect(seen(["tok-1234", "tok-1234"], hiding: ["tok-1234"]) == ["[redacted]", "", ""])
        #expect(seen(["aaaa", "aaab"], hiding: ["aaaa"]) == ["[redacted]", "b", ""])
    }

    @Test("sees the same in every cut of a text, and as the redactor does")
    func cuts() {
        var random = SystemRandomNumberGenerator()
        let values = ["abab", "babaab", "aabb\\\"a", "bbbbbbbb"]
        for _ in 0..<300 {
            let letters = (0..<60).map { _ in "ab\\\"".randomElement(using: &random) ?? "a" }
            let whole = String(letters)
            let wanted = masked(whole, hiding: values)
            var pieces: [String] = []
            var rest = whole[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...7, using: &random)
                pieces.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(seen(pieces, hiding: values).joined() == wanted, "\(whole)")
            let said = Array(whole.utf8)
            var redactor = Redactor(said.span)
            for value in values { redactor.hide(Array(value.utf8).span) }
            #expect(text(of: redactor.redacted()) == wanted, "\(whole)")
        }
    }

    @Test("hides a value in base64 wherever it begins in a longer text")
    func alignments() {
        let value = "tok-?>~\u{ff}9f8e7d6c"
        for before in ["", "x", "xy", "xyz", "user:", "user+:"] {
            for after in ["", "z", "zz", "zzz"] {
                let standard = Data((before + value + after).utf8).base64EncodedString()
                let urlSafe = standard.replacingOccurrences(of: "+", with: "-")
                    .replacingOccurrences(of: "/", with: "_")
                let unpadded = urlSafe.replacingOccurrences(of: "=", with: "")
                for form in [standard, urlSafe, unpadded] {
                    let found = masked("<\(form)>", hiding: [value])
                    #expect(found.contains("[redacted]"), "\(before) \(after) \(found)")
                    // At most the characters at its ends that hold bits of its neighbours.
                    let left = found.replacingOccurrences(of: "[redacted]", with: "").count
                    #expect(left <= 2 + (before + after).count * 4 / 3 + 4, "\(form) \(found)")
                }
            }
        }
        #expect(masked(Data(value.utf8).base64EncodedString(), hiding: [value]) == "[redacted]")
    }

    @Test("hides the forms in which programs print a value")
    func forms() throws {
        let value = "p w/\"é\\+&\n🔑9"
        let hexadecimal = value.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let percent = try #require(value.addingPercentEncoding(withAllowedCharacters: unreserved))
        for form in [
            value, hexadecimal, hexadecimal.uppercased(), percent,
            percent.replacingOccurrences(of: "%20", with: "+"), lowered(percent),
            "p w/\\\"é\\\\+&\\n🔑9", "p w/\\\"\\u00e9\\\\+&\\n\\ud83d\\udd119",
        ] { #expect(masked("<\(form)>", hiding: [value]) == "<[redacted]>", "\(form)") }
    }

    /// The digits of a percent-encoding in lower case.
    private func lowered(_ percent: String) -> String {
        var result = ""
        var digits = 0
        for letter in percent {
            result += digits > 0 ? letter.lowercased() : String(letter)
            digits = letter == "%" ? 2 : max(0, digits - 1)
        }
        return result
    }

    @Test("hides a value of lines without its last line break too")
    func lineBreak() {
        #expect(masked("<key\nend>", hiding: ["key\nend\n"]) == "<[redacted]>")
        #expect(masked("<key\nend\n>", hiding: ["key\nend\n"]) == "<[redacted]>")
    }

    @Test("keeps a pattern once, and no short one")
    func few() {
        let none = patterns(["abc", "", "ab\n"]).isEmpty
        #expect(none)
        #expect(masked("abc", hiding: ["abc"]) == "abc")
        #expect(masked("abcd", hiding: ["abcd"]) == "[redacted]")
    }

    @Test("takes time for what comes, not for how it repeats itself")
    func time() {
        let value = String(repeating: "a", count: 100_000)
        let start = ContinuousClock.now
        let text =
            String(repeating: "a", count: 99_999) + "b" + String(repeating: "a", count: 300_000)
        #expect(
            masked(text, hiding: [value]) == String(repeating: "a", count: 99_999) + "b[redacted]")
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}

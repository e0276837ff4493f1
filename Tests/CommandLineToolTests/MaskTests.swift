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

    @Test("hides all of a value that another one lies in, and all of two that overlap")
    func nested() {
        #expect(masked("a xx5b4ayy b", hiding: ["xx5b4ayy", "5b4a"]) == "a [redacted] b")
        #expect(masked("xx5b4a yy", hiding: ["xx5b4ayy", "5b4a"]) == "xx[redacted] yy")
        #expect(masked("abcdefgh", hiding: ["abcdef", "cdefgh"]) == "[redacted]")
        #expect(
            seen(["xx5b", "4a", "yy-"], hiding: ["xx5b4ayy", "5b4a"]).joined() == "[redacted]-")
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
            "p w/\\\"é\\\\+\\u0026\\n🔑9", "p w\\/\\\"é\\\\+&\\n🔑9",
            "p w\\/\\\"\\u00e9\\\\+&\\n\\ud83d\\udd119", "p w/\"é\\+&amp;\n🔑9",
            "p w/&quot;é\\+&amp;\n🔑9", "p w/&#34;é\\+&amp;\n🔑9", "p w/\"é\\+&\r\n🔑9",
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

    @Test("hides what pages and Go escape")
    func pages() {
        let value = "<it's>\u{2028}\u{2029}"
        for form in [
            "\\u003cit's\\u003e\\u2028\\u2029", "&lt;it's&gt;\u{2028}\u{2029}",
            "&lt;it&#39;s&gt;\u{2028}\u{2029}", "&lt;it&#x27;s&gt;\u{2028}\u{2029}",
        ] { #expect(masked("[\(form)]", hiding: [value]) == "[[redacted]]", "\(form)") }
    }

    @Test("hides the lines of a value by themselves, and none of a whole that comes in any form")
    func lines() {
        let value = "short\n  a \"long\" one\nx\na/longer/line\r\nAB==\n-----END-----\nz\n"
        for line in ["a \"long\" one", "a/longer/line", "-----END-----"] {
            #expect(masked("\t\(line) \n", hiding: [value]) == "\t[redacted] \n", "\(line)")
        }
        #expect(masked("short x AB==", hiding: [value]) == "short x AB==")
        #expect(masked(" one line ", hiding: [" one line \n"]) == "[redacted]")
        #expect(masked("one line", hiding: [" one line \n"]) == "one line")
        for form in SecretForm.allCases {
            let encoded = form.encode(Array(value.utf8).span)
            let whole = text(of: encoded)
            #expect(masked("<\(whole)>", hiding: [value]) == "<[redacted]>", "\(form)")
        }
    }

    @Test("hides what encoders wrap")
    func wrapped() {
        let value = (0..<300).map { String(UnicodeScalar(UInt8(33 + $0 * 7 % 90))) }.joined()
        let options: [Data.Base64EncodingOptions] = [
            [.lineLength76Characters, .endLineWithLineFeed],
            [.lineLength64Characters, .endLineWithLineFeed],
            [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed],
            [.lineLength64Characters, .endLineWithCarriageReturn, .endLineWithLineFeed],
        ]
        for option in options {
            let alone = Data(value.utf8).base64EncodedString(options: option)
            #expect(masked("<\(alone)>", hiding: [value]) == "<[redacted]>")
            // As `echo` has it: the last group holds the line break too.
            let echoed = Data((value + "\n").utf8).base64EncodedString(options: option)
            #expect(masked(echoed, hiding: [value]) == "[redacted]Cg==")
        }
        let digits = value.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var lines = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, index % 60 == 0 { lines += "\n" }
            lines.append(digit)
        }
        #expect(masked("<\(lines)>", hiding: [value]) == "<[redacted]>")
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

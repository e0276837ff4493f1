// Names of secrets, fields and issuers: which there are, and why others are none.

import Testing
import VaultModel

@Suite("Names")
struct NamesTests {
    @Test(
        "a secret may be called so",
        arguments: [
            "a", "zpa/prod/ci", "A/b.c/@+-:_9", "...", "a/...", ".a", "a.", "..a", "a/-b", "_", "@",
            ":", "+", "a@2", "coffer:a", String(repeating: "n", count: 128),
            String(repeating: "a/", count: 63) + "bc", "0",
        ])
    func good(text: String) {
        #expect(SecretName.defect(in: text) == nil)
        #expect(SecretName(text)?.text == text)
        #expect(SecretName(text)?.description == text)
    }

    @Test(
        "a secret may not be called so, for a reason that is told",
        arguments: [
            ("", NameDefect.empty), (String(repeating: "n", count: 129), .tooLong),
            (String(repeating: "é", count: 65), .tooLong),
            ("-", .leadingDash), ("-a", .leadingDash), ("--help", .leadingDash),
            ("/a", .emptySegment), ("a/", .emptySegment), ("a//b", .emptySegment),
            ("/", .emptySegment), ("//", .emptySegment),
            (".", .dotSegment), ("..", .dotSegment), ("a/..", .dotSegment), ("a/./b", .dotSegment),
            ("../a", .dotSegment), ("a/../b", .dotSegment),
            ("\u{1b}[2J", .forbiddenCharacter), ("a\u{1b}[2J", .forbiddenCharacter),
            ("a\u{7}", .forbiddenCharacter), ("a\u{7f}", .forbiddenCharacter),
            ("a\u{9b}2J", .forbiddenCharacter), ("a\u{85}", .forbiddenCharacter),
            ("a\u{202e}b", .forbiddenCharacter), ("a\u{2066}b", .forbiddenCharacter),
            ("a\u{200b}b", .forbiddenCharacter), ("a\u{200d}b", .forbiddenCharacter),
            ("a\u{feff}", .forbiddenCharacter), ("\u{430}", .forbiddenCharacter),
            ("a\u{301}", .forbiddenCharacter), ("a b", .forbiddenCharacter),
            ("a\n", .forbiddenCharacter), ("a\0b", .forbiddenCharacter),
            ("a\\b", .forbiddenCharacter), ("a#b", .forbiddenCharacter),
            ("a%2fb", .forbiddenCharacter), ("a*", .forbiddenCharacter),
        ])
    func bad(text: String, defect: NameDefect) {
        #expect(SecretName.defect(in: text) == defect)
        #expect(SecretName(text) == nil)
    }

    @Test("of all ASCII characters a secret's name has letters, digits and seven others")
    func alphabet() {
        let allowed = Set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@:+-".utf8)
        for byte in UInt8(0)..<128 {
            let text = "a" + String(Unicode.Scalar(byte)) + "b"
            let isAllowed = allowed.contains(byte) || byte == UInt8(ascii: "/")
            #expect((SecretName(text) != nil) == isAllowed, "\(byte)")
        }
    }

    @Test("are told apart by case, and ordered by their bytes")
    func order() throws {
        let texts = ["a/b", "A", "a", "a-b", "B", "a.b", "a0", "_"]
        let names = try texts.map { try #require(SecretName($0)) }
        #expect(Set(names).count == texts.count)
        #expect(
            names.sorted().map(\.text)
                == texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    }

    @Test("of a field are a letter and then letters, digits and underscores, all small")
    func fields() {
        for text in ["a", "client_secret", "z9_", String(repeating: "f", count: 64)] {
            #expect(FieldName(text)?.text == text)
        }
        for text in [
            "", "A", "aB", "_a", "9a", "a-b", "a.b", "a b", "é", "a\u{301}", "a\n", "a\0",
            String(repeating: "f", count: 65),
        ] {
            #expect(FieldName(text) == nil, "\(text)")
        }
        #expect(FieldName.secret == FieldName("secret"))
    }

    @Test("of an issuer are a letter and then letters, digits and dashes, all small")
    func issuers() {
        for text in ["a", "aws-iam", "a-", "a1", String(repeating: "i", count: 64)] {
            #expect(IssuerID(text)?.text == text)
        }
        for text in [
            "", "A", "-a", "1a", "a_b", "a/b", "..", "a b", String(repeating: "i", count: 65),
        ] {
            #expect(IssuerID(text) == nil, "\(text)")
        }
        #expect(IssuerID.generic == IssuerID("generic"))
    }
}

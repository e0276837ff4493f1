// The look of each issuer's secrets, bounds of public values, and what is odd about a value.

import Issuers
import Testing
import VaultModel

@testable import Issuers

private func run(_ letter: String, _ count: Int) -> String {
    String(repeating: letter, count: count)
}

private func doubts(_ value: String, _ id: String, _ field: String) throws -> [ShapeDoubt] {
    let profile = try profile(id)
    let name = try #require(FieldName(field))
    let field = try #require(profile.field(name))
    return profile.doubts(about: Array(value.utf8).span, of: field)
}

/// Issuer, field, and a value that is one of its secrets.
private let genuine: [(String, String, String)] = [
    ("aws-iam", "secret_access_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("github", "token", "github_pat_" + run("aB3_", 20) + "xy"),
    ("gitlab", "token", "glpat-abcdefghijklmnopqr-_"),
    ("gitlab", "token", "glpat-" + run("aB3", 9) + ".01.0a1b2c3d4"),
    ("entra", "client_secret", "abc8Q~" + run("x._~-", 6) + "xyz"),
    ("auth0", "client_secret", run("aB3_-xyz", 8)),
    ("stripe", "secret_key", "sk_live_" + run("a1", 12)),
    ("stripe", "secret_key", "rk_test_" + run("Z9", 12)),
    ("slack", "token", "xoxb-1234567890-1234567890123-abcdefghij"),
    ("slack", "token", "xapp-1-A012345-1234567890-0123456789abcdef"),
    ("slack", "token", "xoxe.xoxp-1-" + run("A1", 82)),
    ("slack", "signing_secret", run("0123456789abcdef", 2)),
    ("cloudflare", "token", run("aB3_-xyz", 5)),
    ("cloudflare", "token", "cfut_" + run("aB3x", 10) + "0123abcd"),
    ("pypi", "token", "pypi-AgEIcHlwaS5vcmc" + run("aB-_", 20)),
    ("docker-hub", "token", "dckr_pat_" + run("aB_", 9)),
    ("docker-hub", "token", "dckr_oat_" + run("aB-_", 8)),
    ("openai", "api_key", "sk-proj-" + run("aB3-", 18) + "T3BlbkFJ" + run("aB3_", 18)),
    ("openai", "api_key", "sk-" + run("aB", 10) + "T3BlbkFJ" + run("aB", 10)),
    ("anthropic", "api_key", "sk-ant-api03-" + run("aB-", 31) + "AA"),
    ("anthropic", "api_key", "sk-ant-admin01-" + run("aB-", 31) + "AA"),
]

@Suite("a secret's look")
struct ShapeOfSecretsTests {
    @Test("a genuine one raises no doubt", arguments: genuine)
    func fits(_ id: String, _ field: String, _ value: String) throws {
        #expect(try doubts(value, id, field) == [])
    }

    @Test("one that lost its first character raises one", arguments: genuine)
    func cut(_ id: String, _ field: String, _ value: String) throws {
        let found = try doubts(String(value.dropFirst()), id, field)
        guard case .shape(expected: _)? = found.first else {
            Issue.record("no doubt: \(id)")
            return
        }
    }

    @Test("a line end, blanks and masks are remarked, and no byte of the value is repeated")
    func odd() throws {
        #expect(try doubts("abc\n", "generic", "secret") == [.newlineAtEnd])
        #expect(try doubts("abc\r", "generic", "secret") == [.newlineAtEnd])
        #expect(try doubts(" abc", "generic", "secret") == [.spaceAround])
        #expect(try doubts("abc\t", "generic", "secret") == [.spaceAround])
        #expect(try doubts("****", "generic", "secret") == [.masked])
        #expect(try doubts("••••", "generic", "secret") == [])
        #expect(try doubts("one\ntwo\n", "generic", "secret") == [])
        #expect(try doubts("x", "generic", "secret") == [])
        #expect(try doubts("", "generic", "secret") == [])
        let found = try doubts("Zq7xK9vB2w\n", "github", "token")
        #expect(found.count == 2)
        #expect(!found.contains { $0.words.contains("Zq7x") })
    }

    @Test("a wrong checksum is a doubt of its own, told from a wrong shape")
    func checksum() throws {
        let body = "IqIMNOZH6z0wIEB4T9A2g4EHMy8Ji4"
        #expect(try doubts("ghp_\(body)0jlb6i", "github", "token") == [])
        #expect(try doubts("ghp_\(body)0jlb6j", "github", "token") == [.checksum])
        #expect(try doubts("npm_\(body)0jlb6i", "npm", "token") == [])
        #expect(try doubts("npm_" + run("0", 36), "npm", "token") == [.checksum])
    }
}

@Suite("bounds of public values")
struct FieldBoundTests {
    private func defect(_ value: String, _ id: String, _ field: String) throws -> FieldDefect? {
        let profile = try profile(id)
        let name = try #require(FieldName(field))
        return profile.defect(inPublic: value, of: try #require(profile.field(name)))
    }

    @Test("ZPA's sessions last from 1 to 3,600 seconds")
    func zpa() throws {
        let bound = FieldDefect.outOfBounds(1...3_600, unit: "seconds")
        #expect(try defect("0", "zpa", "session_validity") == bound)
        #expect(try defect("1", "zpa", "session_validity") == nil)
        #expect(try defect("3600", "zpa", "session_validity") == nil)
        #expect(try defect("3601", "zpa", "session_validity") == bound)
        #expect(bound.words == "it must be from 1 to 3600 seconds")
    }

    @Test("ZCC's sessions last from 30 to 999,999,999 seconds")
    func zcc() throws {
        let bound = FieldDefect.outOfBounds(30...999_999_999, unit: "seconds")
        #expect(try defect("29", "zcc", "session_validity") == bound)
        #expect(try defect("30", "zcc", "session_validity") == nil)
        #expect(try defect("999999999", "zcc", "session_validity") == nil)
        #expect(try defect("1000000000", "zcc", "session_validity") == bound)
        #expect(bound.words == "it must be from 30 to 999999999 seconds")
    }

    @Test(
        "a number is written in one way only",
        arguments: ["", "x", "0x10", "+5", "05", "5 ", "5.0", "1e2", "9223372036854775808", "٥"])
    func notAnInteger(_ text: String) throws {
        #expect(try defect(text, "zpa", "session_validity") == .notAnInteger)
    }

    @Test("a choice is one of its words, an open one anything")
    func choices() throws {
        #expect(try defect("enabled", "zpa", "status") == nil)
        #expect(try defect("on", "zpa", "status") == .notAChoice(["enabled", "disabled"]))
        #expect(try defect("Custom Role", "zpa", "role") == nil)
        #expect(
            FieldDefect.notAChoice(["a", "b"]).words == "it must be one of a, b")
    }

    @Test("an address is an https one")
    func addresses() throws {
        #expect(try defect("https://git.example", "gitlab", "url") == nil)
        #expect(try defect("http://git.example", "gitlab", "url") == .notAURL)
    }

    @Test("control characters and endless texts are refused")
    func texts() throws {
        #expect(try defect("a\u{1b}[2J", "zpa", "key_name") == .controlCharacter)
        #expect(try defect("a\nb", "zpa", "key_name") == .controlCharacter)
        #expect(try defect("\u{7f}", "zpa", "key_name") == .controlCharacter)
        #expect(try defect("größe 東京", "zpa", "key_name") == nil)
        #expect(try defect(run("x", Metadata.longestField), "zpa", "key_name") == nil)
        #expect(try defect(run("x", Metadata.longestField + 1), "zpa", "key_name") == .tooLong)
    }

    @Test("the words of a prompt name the bounds")
    func prompts() throws {
        let zpa = try profile("zpa")
        let texts = zpa.publicFields.map(\.boundsText)
        #expect(texts.contains("1 to 3600 seconds"))
        #expect(texts.contains("enabled, disabled"))
        #expect(texts.first == "")
    }
}

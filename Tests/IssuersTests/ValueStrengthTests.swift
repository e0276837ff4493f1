// How hard values are to guess, and what is said of a stored value.

import Testing
import VaultModel

@testable import Issuers

private func strength(_ text: String) -> ValueStrength { ValueStrength(of: Array(text.utf8).span) }

@Suite("the strength of values")
struct ValueStrengthTests {
    @Test(
        "what repeats, goes on as it began or is short can be guessed",
        arguments: [
            "", "a", "secret", "1234567", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnopqrstuvwxyz", "0123456789012345678901234567890123456789",
            "abababababababababababababababab", "passwordpasswordpasswordpassword",
            "zyxwvutsrqponmlkjihgfedcba98765", "hunter2hunter2hunter2hunter2hunter2",
            "00000000-0000-0000-0000-000000000000", "****************", "\0\0\0\0\0\0\0\0\0\0\0\0",
        ])
    func guessable(_ text: String) { #expect(strength(text) == .guessable, "\(text)") }

    @Test(
        "what a person makes up is weak",
        arguments: ["Tr0ub4dor&3", "kX9#mQ2$vL7", "correcthorse", "qmzkwpxyvbno"])
    func weak(_ text: String) { #expect(strength(text) == .weak, "\(text)") }

    @Test(
        "what an issuer makes is not",
        arguments: [
            "b1946ac92492d2347c6235b4d2611184", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "kXq9TzPw4mVb7Rj2",
            "correct horse battery staple", "81726354091827364509",
        ])
    func fair(_ text: String) { #expect(strength(text) == .fair, "\(text)") }

    @Test("it knows no words: what a dictionary has is called fair if it is long enough")
    func limit() { #expect(strength("Sommer2026!!") == .fair) }

    @Test("random keys of 128 bits are never called weak, in any usual alphabet")
    func random() {
        var numbers = SystemRandomNumberGenerator()
        let alphabets: [(String, Int)] = [
            ("0123456789abcdef", 32), ("0123456789ABCDEF", 32), ("0123456789", 39),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 26),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 22),
        ]
        for (alphabet, length) in alphabets {
            let letters = Array(alphabet.utf8)
            for _ in 0..<2_000 {
                let value = (0..<length).map { _ in letters.randomElement(using: &numbers) ?? 0 }
                #expect(ValueStrength(of: value.span) == .fair)
            }
        }
    }

    @Test("a byte of all 256 counts for eight bits at most")
    func bytes() {
        let value = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 89) }
        #expect(ValueStrength.bits(of: value.span) <= 256)
        #expect(ValueStrength.bits(of: [UInt8]().span) == 0)
    }

    @Test("a long document is judged in no time, even if it is all the same")
    func long() {
        #expect(ValueStrength(of: [UInt8](repeating: 7, count: 4_194_304).span) == .guessable)
    }
}

@Suite("judgements of values")
struct ValueJudgementTests {
    private func judged(_ text: String, _ issuer: String?, _ field: String) throws
        -> ValueJudgement
    {
        let catalog = ProfileCatalog(userDirectory: nil)
        let profile = try issuer.map { try catalog.profile(try #require(IssuerID($0))) }
        let identifier = try #require(Identifier([UInt8](repeating: 9, count: 16)))
        return ValueJudgement(
            of: Array(text.utf8).span, name: try #require(SecretName("a")),
            field: try #require(FieldName(field)), profile: profile,
            fingerprint: ValueFingerprint(identifier))
    }

    @Test("hold length, strength and what is odd, by the profile")
    func doubts() throws {
        let body = "abcdefghijklmnopqrstuvwxyzABCD4dNndU"
        let fine = try judged("ghp_\(body)", "github", "token")
        #expect(fine.length == 40)
        #expect(fine.doubts == [])
        #expect(try judged("ghp_b\(body.dropFirst())", "github", "token").doubts == [.checksum])
        let short = try judged("ghp_short", "github", "token")
        #expect(short.length == 9)
        #expect(short.strength == .weak)
        guard case .shape = short.doubts.first else {
            Issue.record("\(short.doubts)")
            return
        }
    }

    @Test("raise no doubt without a profile, or about a field that it does not know")
    func unknown() throws {
        #expect(try judged("x ", nil, "token").doubts == [])
        #expect(try judged("x ", "github", "other").doubts == [])
        #expect(try judged("x \n", "generic", "secret").doubts == [.newlineAtEnd])
        #expect(try judged("********", "generic", "secret").doubts == [.masked])
    }
}

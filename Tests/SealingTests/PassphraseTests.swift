// Passphrases: which there are, and which are the same.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("A passphrase")
struct PassphraseTests {
    /// The bytes that are hashed, or the defect.
    private static func form(_ typed: [UInt8]) -> Result<[UInt8], VaultError> {
        do throws(VaultError) {
            let passphrase = try Passphrase(typed.span)
            return .success(copy(passphrase.bytes.bytes))
        } catch { return .failure(error) }
    }

    private static func form(_ text: String) -> Result<[UInt8], VaultError> {
        form(Array(text.utf8))
    }

    @Test(
        "is the same in every composition",
        arguments: [
            ("\u{e9}", "e\u{301}"), ("\u{212b}", "A\u{30a}"), ("\u{212b}", "\u{c5}"),
            ("\u{d55c}\u{ae00}", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("a\u{323}\u{307}", "a\u{307}\u{323}"), ("\u{1e69}", "s\u{307}\u{323}"),
            ("\u{2126}", "\u{3a9}"), ("\u{958}", "\u{915}\u{93c}"),
            ("caf\u{e9} 123", "cafe\u{301} 123"),
        ])
    func compositions(left: String, right: String) {
        #expect(Array(left.utf8) != Array(right.utf8))
        #expect(Self.form(left) == Self.form(right))
    }

    @Test(
        "is another where only the look is the same, or a character more or less stands at its end",
        arguments: [
            ("fi", "\u{fb01}"), ("1", "\u{ff11}"), ("K", "\u{212a}\u{200b}"), ("a", "\u{430}"),
            ("p", "p\n"), ("p", "p\r\n"), ("p\n", "p\r\n"), ("p", "p "), ("p", "\u{feff}p"),
            ("p", "P"), ("p", "p\u{200d}"), ("p\n", "p\n\n"),
        ])
    func differences(left: String, right: String) {
        #expect(Self.form(left) != Self.form(right))
    }

    @Test("of ASCII is hashed as it is, whatever it holds")
    func ascii() {
        let all = Array(UInt8(1)...0x7f)
        #expect(Self.form(all) == .success(all))
        for typed in ["p\n", "\r\n", " ", "\u{1b}[2J", "\t p \u{7f}"] {
            #expect(Self.form(typed) == .success(Array(typed.utf8)))
        }
    }

    @Test("has 1 to 1,024 bytes as typed")
    func lengths() {
        for count in [1, 2, 1_023, 1_024] {
            let typed = [UInt8](repeating: UInt8(ascii: "p"), count: count)
            #expect(Self.form(typed) == .success(typed))
        }
        #expect(Self.form([]) == .failure(.unusablePassphrase(.empty)))
        for count in [1_025, 1_026, 100_000] {
            let typed = [UInt8](repeating: UInt8(ascii: "p"), count: count)
            #expect(Self.form(typed) == .failure(.unusablePassphrase(.tooLong)))
        }
    }

    @Test("of 1,024 bytes may be longer when it is composed, and is not cut")
    func growth() {
        // U+1D160 has four bytes and is excluded from composition: three characters of four.
        let note = String(repeating: "\u{1d160}", count: 256)
        let composed = String(repeating: "\u{1d158}\u{1d165}\u{1d16e}", count: 256)
        #expect(note.utf8.count == 1_024)
        #expect(Self.form(note) == .success(Array(composed.utf8)))
        // U+1F82 has three bytes and decomposes to four characters.
        let alpha = String(repeating: "\u{1f82}", count: 341)
        #expect(Self.form(alpha) == .success(Array(alpha.utf8)))
        let marks = "e" + String(repeating: "\u{301}", count: 511)
        let rest = "\u{e9}" + String(repeating: "\u{301}", count: 510)
        #expect(Self.form(marks) == .success(Array(rest.utf8)))
    }

    @Test("may hold any character of Unicode but NUL, and those that are none are refused")
    func characters() {
        for text in ["\u{1}\u{e9}", "\u{10ffff}", "\u{fffe}", "\u{e000}", "\u{200b}\u{e9}"] {
            #expect(Self.form(text) == .success(Array(text.utf8)))
        }
        for typed: [UInt8] in [
            [0x80], [0xbf], [0xc3], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xbf, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
            [0x61, 0xe2, 0x82], [0xc3, 0xa9, 0xff],
        ] {
            #expect(Self.form(typed) == .failure(.unusablePassphrase(.invalidUTF8)))
        }
        for typed: [UInt8] in [[0], [0x61, 0], [0, 0x61], [0xc3, 0xa9, 0]] {
            #expect(Self.form(typed) == .failure(.unusablePassphrase(.holdsNUL)))
        }
    }
}

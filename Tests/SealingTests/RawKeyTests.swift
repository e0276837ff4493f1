// Raw keys as people write and type them.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("A raw key")
struct RawKeyTests {
    private static let code = text(TestKeys.rawKey().recoveryCode())
    private static let file = text(TestKeys.rawKey().keyFile())

    private static func text(_ bytes: borrowing SecretBytes) -> String {
        String(decoding: copy(bytes.bytes), as: UTF8.self)
    }

    @Test("is drawn anew each time, and read back from both of its texts")
    func roundTrip() throws {
        var seen: Set<[UInt8]> = []
        for _ in 0..<1_000 {
            let key = try RawKey()
            let bytes = copy(key.bytes.bytes)
            seen.insert(bytes)
            let (code, file) = (Self.text(key.recoveryCode()), Self.text(key.keyFile()))
            #expect(code.utf8.count == 8 * 7 + 7)
            #expect(file.utf8.count == 13 + 56 + 1)
            #expect(RawKeyText.read(code) == bytes)
            #expect(RawKeyText.read(file) == bytes)
        }
        #expect(seen.count == 1_000)
    }

    @Test("is read in either case, with blanks and dashes anywhere or nowhere")
    func forgiving() {
        let bare = Self.code.replacing("-", with: "")
        let blanks = bare.map { "\($0) " }.joined()
        for text in [
            Self.code, Self.code.lowercased(), bare, bare.lowercased(), blanks, "\t\r\n" + bare,
            "--" + bare + "--\n\n", Self.file, String(Self.file.dropLast()), Self.file + "\r\n",
            "coffer-key-1:" + Self.code.lowercased(), "coffer-key-1: " + Self.code,
            bare + String(repeating: " ", count: 1_024 - 56),
        ] {
            #expect(RawKeyText.read(text) == TestKeys.rawKeyBytes, "\(text)")
        }
    }

    @Test("is read where O stands for 0 and I or L for 1")
    func lookAlikes() throws {
        var (zeros, ones) = (0, 0)
        for seed in UInt8(0)..<32 {
            let bytes = SHA256.digest([seed].span)
            let code = Self.text(TestKeys.rawKey(bytes).recoveryCode())
            zeros += code.count { $0 == "0" }
            ones += code.count { $0 == "1" }
            #expect(!code.contains { "OILUoilu".contains($0) })
            for (digit, letters) in [("0", "Oo"), ("1", "IiLl")] {
                for letter in letters {
                    let typed = code.replacing(digit, with: String(letter))
                    #expect(RawKeyText.read(typed) == bytes)
                }
            }
        }
        #expect(zeros > 0)
        #expect(ones > 0)
    }

    @Test("with any one character typed wrong is refused")
    func typingErrors() {
        let symbols = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let bare = Array(Self.code.replacing("-", with: ""))
        for place in bare.indices {
            for symbol in symbols where symbol != bare[place] {
                var typed = bare
                typed[place] = symbol
                #expect(RawKeyText.read(String(typed)) == nil)
            }
        }
    }

    @Test("with two neighbours swapped, one lost or one doubled is refused")
    func slips() {
        let bare = Array(Self.code.replacing("-", with: ""))
        for place in bare.indices.dropLast() where bare[place] != bare[place + 1] {
            var typed = bare
            typed.swapAt(place, place + 1)
            #expect(RawKeyText.read(String(typed)) == nil)
        }
        for place in bare.indices {
            var typed = bare
            typed.remove(at: place)
            #expect(RawKeyText.read(String(typed)) == nil)
            typed = bare
            typed.insert(bare[place], at: place)
            #expect(RawKeyText.read(String(typed)) == nil)
        }
    }

    @Test("holds none of the 256 bytes that its text does not know")
    func bytes() {
        let known = Set("0123456789abcdefghjkmnpqrstvwxyzoilABCDEFGHJKMNPQRSTVWXYZOIL -\t\r\n".utf8)
        let text = Array(Self.code.utf8)
        for byte in UInt8.min...UInt8.max where !known.contains(byte) {
            #expect(RawKeyText.read(text + [byte]) == nil)
            #expect(RawKeyText.read([byte] + text) == nil)
        }
    }
}

// The checksums that issuers build into their tokens.

import Testing

@testable import Issuers

@Suite("a token's checksum")
struct ChecksumTests {
    /// Bodies and their tails, computed by another program (zlib's CRC-32).
    private static let samples = [
        ("IqIMNOZH6z0wIEB4T9A2g4EHMy8Ji4", "0jlb6i"),
        ("000000000000000000000000000000", "2C8GjS"),
        ("abcdefghijklmnopqrstuvwxyzABCD", "4dNndU"),
        ("coffer0coffer0coffer0coffer0xy", "2XSrlE"),
        // Two leading zeros.
        ("zero000221zero000221zero000221", "00umFX"),
    ]

    private func holds(_ text: String) -> Bool {
        Checksum.crc32Base62.holds(for: Array(text.utf8).span)
    }

    @Test("CRC-32 of the standard's check word")
    func checkWord() {
        let word = Checksum.crc32(Array("123456789".utf8).span)
        #expect(word == 0xcbf4_3926)
        let nothing = Checksum.crc32([UInt8]().span)
        #expect(nothing == 0)
    }

    @Test("a right one holds, whatever stands before the underscore", arguments: samples)
    func right(_ body: String, _ tail: String) {
        for prefix in ["ghp_", "gho_", "npm_", "a_b_", ""] {
            #expect(holds("\(prefix)\(body)\(tail)"))
        }
    }

    @Test("any one changed character is noticed", arguments: samples)
    func wrong(_ body: String, _ tail: String) {
        let token = Array("\(body)\(tail)".utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "x") ? UInt8(ascii: "y") : 0x78
            #expect(!holds("ghp_" + String(decoding: changed, as: UTF8.self)), "\(index)")
        }
    }

    @Test("two swapped neighbours are noticed")
    func swapped() {
        #expect(!holds("ghp_bacdefghijklmnopqrstuvwxyzABCD4dNndU"))
    }

    @Test("tokens of another length have none")
    func otherLengths() {
        #expect(holds(""))
        #expect(holds("ghp_short"))
        #expect(holds("github_pat_" + String(repeating: "a", count: 82)))
        #expect(holds("ghp_" + String(repeating: "0", count: 35)))
        #expect(holds("ghp_" + String(repeating: "0", count: 37)))
    }
}

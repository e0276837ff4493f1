// Base64 back into bytes: what an encoder writes, and nothing else.

import Foundation
import SecretMemory
import TestSupport
import Testing

@testable import Issuers

@Suite("base64")
struct Base64Tests {
    private func decoded(_ text: String) -> [UInt8]? {
        let text = Array(text.utf8)
        switch Base64.decoded(text.span) {
        case .some(let value): return bytes(of: value.bytes)
        case .none: return nil
        }
    }

    @Test("of every length is what was encoded")
    func roundTrip() {
        var random = SeededGenerator(seed: 1)
        for count in 0..<200 {
            let value = random.bytes(count)
            #expect(decoded(Data(value).base64EncodedString()) == value)
        }
        #expect(decoded(Data(UInt8.min...UInt8.max).base64EncodedString()) == Array(0...255))
    }

    @Test(
        "anything else is refused",
        arguments: [
            "A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA=A", "AB==", "AAB=", "AA==AAAA",
            "AAA\n", " AAA", "AA-_", "AA==\n", "ÄAA", "AAA=AAA=",
        ])
    func refused(_ text: String) { #expect(decoded(text) == nil) }
}

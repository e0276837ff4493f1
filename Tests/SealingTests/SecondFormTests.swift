// What says where a vault stands is read again to the same bytes, and so is a passphrase in the
// form in which it is hashed (attack cases 26, 36).

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Heads, anchors, receipts and passphrases have one form")
struct SecondFormTests {
    private static let head = Result { try WorkedExample.Source.own.load().head.bytes.bytes }

    @Test("heads, in 50,000 mutations")
    func heads() throws {
        var generator = SeededGenerator(seed: 33)
        let seed = try Self.head.get()
        var accepted = 0
        for _ in 0..<50_000 {
            let bytes = generator.mutated(seed)
            guard let head = StateHead(parsing: bytes) else { continue }
            accepted += 1
            #expect(head.bytes == bytes)
        }
        #expect(accepted > 5_000)
    }

    @Test("anchors, in 50,000 mutations under a right checksum")
    func anchors() throws {
        var generator = SeededGenerator(seed: 34)
        let head = try #require(StateHead(parsing: Self.head.get()))
        let code = [UInt8](repeating: 7, count: 32)
        let start = CanonicalBytes(domain: "anchor").bytes
        let seed =
            start + head.bytes.dropFirst(14).prefix(16) + [UInt8](repeating: 3, count: 12)
            + code + [UInt8](repeating: 4, count: 16) + code + code + code
        var accepted = 0
        for _ in 0..<50_000 {
            let body = generator.mutated(seed)
            let bytes = body + SHA256.digest(body.span)
            guard let anchor = Anchor(parsing: bytes) else { continue }
            accepted += 1
            #expect(anchor.bytes == bytes)
        }
        #expect(accepted > 5_000)
    }

    @Test("receipts, in 50,000 mutations; blanks around the words are for the eye")
    func receipts() throws {
        var generator = SeededGenerator(seed: 35)
        let seed = Array(
            "coffer-receipt-1 0ee5a9d95173a5643a70bf5a12797a29 g5 e19 s5 576e1561a795e330".utf8)
        var accepted = 0
        for _ in 0..<50_000 {
            let text = String(decoding: generator.mutated(seed), as: UTF8.self)
            guard let receipt = AuditReceipt(text) else { continue }
            accepted += 1
            let words = text.split { [" ", "\t", "\n", "\r", "\r\n"].contains($0) }
            #expect(words.joined(separator: " ") == receipt.description)
        }
        #expect(accepted > 2_000)
    }

    @Test("passphrases, in 20,000 mutations: what is hashed is its own form")
    func passphrases() throws {
        var generator = SeededGenerator(seed: 36)
        let seeds = try KnownAnswers.load().passphrases.map(\.typed.bytes)
        var accepted = 0
        for round in 0..<20_000 {
            let typed = generator.mutated(seeds[round % seeds.count])
            guard let hashed = Self.hashed(typed) else { continue }
            accepted += 1
            // Composed it may be longer than what can be typed.
            if hashed.count <= Passphrase.longest { #expect(Self.hashed(hashed) == hashed) }
        }
        #expect(accepted > 2_000)
    }

    private static func hashed(_ typed: [UInt8]) -> [UInt8]? {
        do throws(VaultError) {
            let read = try Passphrase(typed.span)
            return copy(read.bytes.bytes)
        } catch { return nil }
    }
}

// Cobblestone-256: its edges, and what it does not open.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Cobblestone-256")
struct CobblestoneTests {
    private static let key: [UInt8] = Array(0..<32)
    private static let context: [UInt8] = Array("coffer1/test\0".utf8)
    private static let salt: [UInt8] = Array(100..<124)
    private static let chunk = Cobblestone.chunkCount + AESGCM.tagCount

    private static func seal(_ plaintext: [UInt8]) -> [UInt8] {
        let key = Self.key
        let cobblestone = Cobblestone(key: key.span)
        return cobblestone.seal(plaintext.span, context: context, salt: salt)
    }

    private static func open(_ sealed: [UInt8], context: [UInt8] = context) -> [UInt8]? {
        let key = Self.key
        let cobblestone = Cobblestone(key: key.span)
        switch cobblestone.open(sealed.span, context: context) {
        case .some(let plaintext): return copy(plaintext.bytes)
        case .none: return nil
        }
    }

    @Test(
        "a message is sealed to salt, commitment and chunks of which the last is not full",
        arguments: [
            (0, 1), (1, 1), (16_383, 1), (16_384, 2), (16_385, 2), (32_767, 2), (32_768, 3),
            (32_769, 3), (49_152, 4), (16 << 20, 1_025),
        ])
    func edges(count: Int, chunks: Int) {
        let plaintext = TestKeys.pattern(count)
        let sealed = Self.seal(plaintext)
        #expect(sealed.count == 24 + 32 + count + 16 * chunks)
        #expect(Cobblestone.sealedCount(count) == sealed.count)
        #expect(Cobblestone.plaintextCount(sealed.count) == count)
        #expect(Self.open(sealed) == plaintext)
        if count.isMultiple(of: 16_384), count > 0 {
            // The empty chunk at the end is what says that it is the end.
            #expect(Self.open(Array(sealed.dropLast(16))) == nil)
            #expect(Cobblestone.plaintextCount(sealed.count - 16) == nil)
        }
    }

    @Test("every number of bytes is either that of one message or of none")
    func counts() {
        var known: Set<Int> = []
        for count in 0...33_000 { known.insert(Cobblestone.sealedCount(count)) }
        for sealed in 0..<Cobblestone.sealedCount(33_000) {
            let count = Cobblestone.plaintextCount(sealed)
            #expect((count != nil) == known.contains(sealed))
            if let count { #expect(Cobblestone.sealedCount(count) == sealed) }
        }
    }

    @Test("a message of which any bit is another does not open")
    func bits() {
        for count in [0, 1, 64] {
            let sealed = Self.seal(TestKeys.pattern(count))
            for place in sealed.indices {
                for bit in 0..<8 {
                    #expect(Self.open(flipped(sealed, at: place, mask: 1 << UInt8(bit))) == nil)
                }
            }
        }
    }

    @Test("a message that ends anywhere else does not open")
    func lengths() {
        let sealed = Self.seal(TestKeys.pattern(100))
        for count in sealed.indices { #expect(Self.open(Array(sealed.prefix(count))) == nil) }
        for more in 1...40 {
            #expect(Self.open(sealed + [UInt8](repeating: 0, count: more)) == nil)
        }
    }

    @Test("chunks that are moved, doubled, lost or cut do not open")
    func chunks() {
        let sealed = Self.seal(TestKeys.pattern(2 * 16_384 + 100))
        let head = Array(sealed.prefix(56))
        let first = Array(sealed[56..<56 + Self.chunk])
        let second = Array(sealed[56 + Self.chunk..<56 + 2 * Self.chunk])
        let last = Array(sealed[(56 + 2 * Self.chunk)...])
        #expect(Self.open(Array([head, first, second, last].joined())) != nil)
        let changes: [(String, [[UInt8]])] = [
            ("swapped", [second, first, last]), ("doubled", [first, first, last]),
            ("first lost", [second, last]), ("second lost", [first, last]),
            ("last lost", [first, second]), ("one more", [first, second, last, last]),
            ("one before", [first, first, second, last]), ("only the last", [last]),
            ("last cut", [first, second, last.dropLast()]),
            ("last emptied", [first, second, last.suffix(16)]),
        ]
        for (name, chunks) in changes {
            #expect(Self.open(head + Array(chunks.joined())) == nil, "\(name)")
        }
        for place in [56, 56 + Self.chunk - 1, 56 + Self.chunk, 56 + 2 * Self.chunk] {
            #expect(Self.open(flipped(sealed, at: place)) == nil)
        }
    }

    @Test("another context of any kind does not open a message")
    func context() {
        let sealed = Self.seal([1, 2, 3])
        #expect(Self.open(sealed) == [1, 2, 3])
        for place in Self.context.indices {
            #expect(Self.open(sealed, context: flipped(Self.context, at: place)) == nil)
        }
        #expect(Self.open(sealed, context: []) == nil)
        #expect(Self.open(sealed, context: Self.context.dropLast()) == nil)
        #expect(Self.open(sealed, context: Self.context + [0]) == nil)
    }

    @Test("another key does not open a message, whichever bit of it is another")
    func keys() {
        let sealed = Self.seal([1, 2, 3])
        for place in Self.key.indices {
            let key = flipped(Self.key, at: place, mask: 0x80)
            let other = Cobblestone(key: key.span)
            let isOpen = other.open(sealed.span, context: Self.context) != nil
            #expect(!isOpen)
        }
    }

    @Test("equal values are sealed to bytes of which no salt, commitment or block is equal")
    func unlinkable() throws {
        let key = Self.key
        let cobblestone = Cobblestone(key: key.span)
        let value = [UInt8](repeating: 0, count: 64)
        var salts: Set<ArraySlice<UInt8>> = []
        var commitments: Set<ArraySlice<UInt8>> = []
        var blocks: Set<ArraySlice<UInt8>> = []
        let rounds = 100_000
        for round in 0..<rounds {
            let sealed = try cobblestone.seal(value.span, context: Self.context)
            salts.insert(sealed[0..<24])
            commitments.insert(sealed[24..<56])
            guard round < 10_000 else { continue }
            for start in stride(from: 56, to: sealed.count, by: 16) {
                blocks.insert(sealed[start..<start + 16])
            }
        }
        #expect(salts.count == rounds)
        #expect(commitments.count == rounds)
        #expect(blocks.count == 10_000 * 5)
    }
}

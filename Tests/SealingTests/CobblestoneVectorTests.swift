// Cobblestone-256 against public vectors.

import Testing

@testable import Sealing

@Suite(
    "Cobblestone-256 vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct CobblestoneVectorTests {
    private static func cases() throws -> [CobblestoneCase] {
        try Wycheproof<CobblestoneCase>.cases(
            "c2sp_chunked_encryption_aes_256_gcm", valid: 10, invalid: 25)
    }

    @Test("are opened and made, the invalid ones refused")
    func program() throws {
        let cases = try Self.cases().filter { $0.key.bytes.count == 32 }
        #expect(cases.count == 33)
        for vector in cases {
            let sealed = try Compressed.inflate(vector.ct.bytes, longest: 8 << 20)
            let cobblestone = Cobblestone(key: vector.key.bytes.span)
            let opened: [UInt8]? =
                switch cobblestone.open(sealed.span, context: vector.ctx.bytes) {
                case .some(let plaintext): copy(plaintext.bytes)
                case .none: nil
                }
            #expect((opened != nil) == (vector.result == .valid), "\(vector.tcId)")
            guard vector.result == .valid, let opened else { continue }
            #expect(opened.count == vector.msgLength)
            #expect(SHA512.digest(opened) == vector.msgSha512?.bytes, "\(vector.tcId)")
            let made = cobblestone.seal(
                opened.span, context: vector.ctx.bytes, salt: Array(sealed.prefix(24)))
            #expect(made == sealed, "\(vector.tcId)")
        }
    }

    @Test("with a key of 31 or 33 bytes end the program")
    func keys() async throws {
        let cases = try Self.cases().filter { $0.key.bytes.count != 32 }
        #expect(cases.map(\.key.bytes.count) == [31, 33])
        #expect(cases.allSatisfy { $0.result == .invalid })
        for vector in cases {
            let result = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [vector = vector as CobblestoneCase] in
                let sealed = try Compressed.inflate(vector.ct.bytes, longest: 8 << 20)
                let cobblestone = Cobblestone(key: vector.key.bytes.span)
                _ = cobblestone.open(sealed.span, context: vector.ctx.bytes)
            }
            #expect(result?.isEnd("sealing: a key has 32 bytes") == true, "\(vector.tcId)")
        }
    }
}

// The public vectors beside the package: what others agreed on.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite(
    "Public vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct PublicVectorTests {
    @Test("AES-256-GCM seals every valid message of Wycheproof and opens no invalid one")
    func gcm() throws {
        let groups = try Wycheproof<GCMCase>.groups("aes_gcm")
            .filter { $0.keySize == 256 && $0.ivSize == 96 && $0.tagSize == 128 }
        // Ours has no associated data.
        let cases = groups.flatMap(\.tests).filter(\.aad.bytes.isEmpty)
        #expect(cases.count { $0.result == .valid } == 21)
        #expect(cases.count { $0.result == .invalid } == 27)
        let cipher = AESGCM()
        for vector in cases {
            let sealed = vector.ct.bytes + vector.tag.bytes
            var opened = [UInt8](repeating: 0, count: vector.ct.bytes.count)
            var span = opened.mutableSpan
            let isGenuine = cipher.open(
                sealed.span, key: vector.key.bytes.span, nonce: vector.iv.bytes.span, into: &span)
            #expect(isGenuine == (vector.result == .valid), "\(vector.tcId)")
            guard vector.result == .valid else { continue }
            #expect(opened == vector.msg.bytes, "\(vector.tcId)")
            var made = [UInt8](repeating: 0, count: sealed.count)
            var target = made.mutableSpan
            cipher.seal(
                vector.msg.bytes.span, key: vector.key.bytes.span, nonce: vector.iv.bytes.span,
                into: &target)
            #expect(made == sealed, "\(vector.tcId)")
        }
    }

    @Test("HKDF-SHA-512 gives every valid output of Wycheproof")
    func hkdf512() throws {
        let cases = try Wycheproof<HKDFCase>.groups("hkdf_sha512").flatMap(\.tests)
        #expect(cases.count { $0.result == .valid } == 80)
        for vector in cases where vector.result == .valid {
            let extracted = HKDF.extract(salt: vector.salt.bytes.span, vector.ikm.bytes.span)
            let nothing: [UInt8] = []
            let output = HKDF.expand(
                extracted, info: vector.info.bytes.span, nothing.span, count: vector.size)
            #expect(copy(output.bytes) == vector.okm.bytes, "\(vector.tcId)")
            // The info may come in two pieces.
            let (head, tail) = (vector.info.bytes.prefix(7), vector.info.bytes.dropFirst(7))
            let (first, second) = (Array(head), Array(tail))
            let again = HKDF.expand(
                extracted, info: first.span, second.span, count: vector.size)
            #expect(copy(again.bytes) == vector.okm.bytes, "\(vector.tcId)")
        }
        let tooLarge = cases.filter { $0.result == .invalid }
        #expect(tooLarge.count == 3)
        #expect(tooLarge.allSatisfy { $0.size == 255 * 64 + 1 })
    }

    @Test("HKDF-Expand over SHA-256 gives every valid output of Wycheproof")
    func hkdf256() throws {
        let cases = try Wycheproof<HKDFCase>.groups("hkdf_sha256").flatMap(\.tests)
        #expect(cases.count { $0.result == .valid } == 83)
        for vector in cases where vector.result == .valid {
            // There is no HKDF-Extract over SHA-256 in the program; its HMAC makes the key here.
            let key = Self.code(.sha256, key: vector.salt.bytes, vector.ikm.bytes)
            let nothing: [UInt8] = []
            let output = HKDF.expand(
                HMAC(.sha256, key: key.span), info: vector.info.bytes.span, nothing.span,
                count: vector.size)
            #expect(copy(output.bytes) == vector.okm.bytes, "\(vector.tcId)")
        }
        let tooLarge = cases.filter { $0.result == .invalid }
        #expect(tooLarge.count == 3)
        #expect(tooLarge.allSatisfy { $0.size == 255 * 32 + 1 })
    }

    @Test(
        "HMAC gives every valid tag of Wycheproof and no invalid one",
        arguments: [("hmac_sha256", HMAC.Hash.sha256), ("hmac_sha512", .sha512)])
    func hmac(file: String, hash: HMAC.Hash) throws {
        let groups = try Wycheproof<HMACCase>.groups(file)
        let cases = groups.flatMap(\.tests)
        #expect(cases.count { $0.result == .valid } == 66)
        #expect(cases.count { $0.result == .invalid } == 108)
        for group in groups {
            let count = try #require(group.tagSize) / 8
            for vector in group.tests {
                let code = Self.code(hash, key: vector.key.bytes, vector.msg.bytes)
                let isEqual = ConstantTime.areEqual(
                    code.span.extracting(first: count), vector.tag.bytes.span)
                #expect(isEqual == (vector.result == .valid), "\(vector.tcId)")
            }
        }
    }

    @Test("Cobblestone-256 opens and makes every valid message and opens no invalid one")
    func cobblestone() throws {
        let file = "c2sp_chunked_encryption_aes_256_gcm"
        let cases = try Wycheproof<CobblestoneCase>.groups(file).flatMap(\.tests)
        #expect(cases.count { $0.result == .valid } == 10)
        #expect(cases.count { $0.result == .invalid } == 25)
        // A key of another size is a broken invariant, which has a test of its own.
        let tested = cases.filter { $0.key.bytes.count == 32 }
        #expect(tested.count == 33)
        for vector in tested {
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

    private static func code(_ hash: HMAC.Hash, key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let mac = HMAC(hash, key: key.span)
        mac.begin()
        mac.update(message.span)
        var code = [UInt8](repeating: 0, count: hash.byteCount)
        var span = code.mutableSpan
        mac.finish(into: &span)
        return code
    }
}

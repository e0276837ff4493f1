// HMAC against public vectors.

import Testing

@testable import Sealing

@Suite(
    "HMAC vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct HMACVectorTests {
    @Test(
        "of Wycheproof have every valid tag and no invalid one",
        arguments: [("hmac_sha256", HMAC.Hash.sha256), ("hmac_sha512", .sha512)])
    func program(file: String, hash: HMAC.Hash) throws {
        for vector in try Wycheproof<HMACCase>.cases(file, valid: 66, invalid: 108) {
            let mac = HMAC(hash, key: vector.key.bytes.span)
            mac.begin()
            mac.update(vector.msg.bytes.span)
            var code = [UInt8](repeating: 0, count: hash.byteCount)
            var span = code.mutableSpan
            mac.finish(into: &span)
            let tag = vector.tag.bytes
            // Half a code is the shortest tag in the files.
            #expect(tag.count >= hash.byteCount / 2)
            let isEqual = ConstantTime.areEqual(
                code.span.extracting(first: tag.count), tag.span)
            #expect(isEqual == (vector.result == .valid), "\(vector.tcId)")
        }
    }
}

// AES-GCM against public vectors: the program in its one size, the library under it in all.

import Testing

@testable import Sealing

@Suite(
    "AES-GCM vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct GCMVectorTests {
    /// A vector of Botan, in the file whose tags stand behind the ciphertext.
    struct Botan: Decodable {
        let alg: String
        let tagLen: Int
        let key, nonce, ad, pt, out: HexBytes
    }

    private static func botan() throws -> [Botan] {
        try VectorFolder.json(
            VectorFolder.published.appending(path: "gcm/aes256gcm_from_botan.json"),
            as: [Botan].self)
    }

    @Test("Wycheproof's are sealed and opened by the library, the invalid ones refused")
    func library() throws {
        let cases = try Wycheproof<GCMCase>.cases("aes_gcm", valid: 229, invalid: 87)
        var tooLong = 0
        for vector in cases {
            let library = Libcrypto.GCM(
                key: vector.key.bytes, nonce: vector.iv.bytes, data: vector.aad.bytes)
            let opened = library.open(vector.sealed, tagCount: 16)
            let sealed = library.seal(vector.msg.bytes, tagCount: 16)
            if vector.result == .invalid {
                #expect(opened == nil, "\(vector.tcId)")
                #expect(sealed != vector.sealed, "\(vector.tcId)")
                #expect((sealed == nil) == vector.iv.bytes.isEmpty, "\(vector.tcId)")
                continue
            }
            let written = WrittenGCM(key: vector.key.bytes).seal(
                vector.msg.bytes, nonce: vector.iv.bytes, data: vector.aad.bytes)
            #expect(written == vector.sealed, "\(vector.tcId)")
            if vector.iv.bytes.count > Libcrypto.GCM.longestNonce {
                #expect(opened == nil && sealed == nil, "\(vector.tcId)")
                tooLong += 1
            } else {
                #expect(opened == vector.msg.bytes, "\(vector.tcId)")
                #expect(sealed == vector.sealed, "\(vector.tcId)")
            }
        }
        #expect(tooLong == 3)
    }

    @Test("Wycheproof's of the program's size are sealed and opened, the invalid ones refused")
    func program() throws {
        let cases = try Wycheproof<GCMCase>.cases("aes_gcm", valid: 229, invalid: 87)
            .filter { $0.key.bytes.count == 32 && $0.iv.bytes.count == 12 }
        #expect(cases.count { $0.result == .valid } == 39)
        #expect(cases.count { $0.result == .invalid } == 27)
        #expect(cases.count { !$0.aad.bytes.isEmpty } == 18)
        for vector in cases {
            let message = Message(vector)
            let opened = message.open(vector.sealed)
            let isValid = vector.result == .valid
            #expect(opened == (isValid ? vector.msg.bytes : nil), "\(vector.tcId)")
            #expect((message.seal(vector.msg.bytes) == vector.sealed) == isValid, "\(vector.tcId)")
        }
    }

    @Test("of Wycheproof without a nonce end the program")
    func noNonce() async throws {
        let cases = try Wycheproof<GCMCase>.cases("aes_gcm", valid: 229, invalid: 87)
            .filter { $0.key.bytes.count == 32 && $0.iv.bytes.isEmpty }
        #expect(cases.count == 2)
        for vector in cases {
            let result = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [vector = vector as GCMCase] in
                _ = Message(vector).open(vector.sealed)
            }
            #expect(
                result?.isEnd("sealing: AES-256-GCM has a key of 32 bytes and a nonce of 12")
                    == true, "\(vector.tcId)")
        }
    }

    @Test("Botan's are sealed and opened by the library, and none with another bit")
    func botanLibrary() throws {
        let cases = try Self.botan()
        #expect(cases.count == 15)
        for (number, vector) in cases.enumerated() {
            let library = Libcrypto.GCM(
                key: vector.key.bytes, nonce: vector.nonce.bytes, data: vector.ad.bytes)
            let count = vector.tagLen
            #expect(vector.alg == (count == 16 ? "AES-256/GCM" : "AES-256/GCM(\(count))"))
            let sealed = vector.out.bytes
            #expect(library.seal(vector.pt.bytes, tagCount: count) == sealed, "\(number)")
            #expect(library.open(sealed, tagCount: count) == vector.pt.bytes, "\(number)")
            for place in sealed.indices {
                let changed = flipped(sealed, at: place)
                #expect(library.open(changed, tagCount: count) == nil, "\(number) \(place)")
            }
        }
    }

    @Test("Botan's of the program's size are sealed and opened, and none with another bit")
    func botanProgram() throws {
        let cases = try Self.botan().filter { $0.nonce.bytes.count == 12 && $0.tagLen == 16 }
        #expect(cases.count == 5)
        for (number, vector) in cases.enumerated() {
            let message = Message(
                key: vector.key.bytes, nonce: vector.nonce.bytes, data: vector.ad.bytes)
            let sealed = vector.out.bytes
            #expect(message.seal(vector.pt.bytes) == sealed, "\(number)")
            #expect(message.open(sealed) == vector.pt.bytes, "\(number)")
            for place in sealed.indices {
                #expect(message.open(flipped(sealed, at: place)) == nil, "\(number) \(place)")
            }
            for place in vector.ad.bytes.indices {
                let other = Message(
                    key: message.key, nonce: message.nonce,
                    data: flipped(message.data, at: place))
                #expect(other.open(sealed) == nil, "\(number) \(place)")
            }
        }
    }
}

/// What the program's cipher is asked for in a vector.
private struct Message {
    let key, nonce, data: [UInt8]

    init(key: [UInt8], nonce: [UInt8], data: [UInt8]) {
        (self.key, self.nonce, self.data) = (key, nonce, data)
    }

    init(_ vector: GCMCase) {
        self.init(key: vector.key.bytes, nonce: vector.iv.bytes, data: vector.aad.bytes)
    }

    func seal(_ plaintext: [UInt8]) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + AESGCM.tagCount)
        var span = sealed.mutableSpan
        AESGCM().seal(
            plaintext.span, key: key.span, nonce: nonce.span, authenticating: data.span,
            into: &span)
        return sealed
    }

    func open(_ sealed: [UInt8]) -> [UInt8]? {
        var plaintext = [UInt8](repeating: 0, count: sealed.count - AESGCM.tagCount)
        var span = plaintext.mutableSpan
        let isGenuine = AESGCM().open(
            sealed.span, key: key.span, nonce: nonce.span, authenticating: data.span, into: &span)
        return isGenuine ? plaintext : nil
    }
}

// HPKE against the vectors of its RFC.

import Testing

@testable import Sealing

@Suite(
    "HPKE vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct HPKEVectorTests {
    /// One suite: the keys of both sides, what they derive, and a sequence of messages.
    struct Vector: Decodable {
        struct Encryption: Decodable {
            let aad, ct, nonce, pt: HexBytes
        }
        struct Export: Decodable {
            let exporterContext, exportedValue: HexBytes
            let count: Int

            enum CodingKeys: String, CodingKey {
                case exporterContext, exportedValue
                case count = "L"
            }
        }
        let mode, kemId, kdfId, aeadId: Int
        let info, ikmR, ikmE, skRm, skEm, pkRm, pkEm, enc, sharedSecret: HexBytes
        let key, baseNonce, exporterSecret: HexBytes
        let encryptions: [Encryption]
        let exports: [Export]

        func context() -> HPKEContext {
            HPKEContext(sharedSecret: sharedSecret.bytes.span, info: info.bytes)
        }
    }

    let vectors: [Vector]

    init() throws {
        vectors = try VectorFolder.json(
            VectorFolder.published.appending(path: "hpke/rfc9180_base_x25519_hkdfsha256.json"),
            as: [Vector].self)
    }

    /// The one with the program's cipher.
    private func ours() throws -> Vector {
        let ours = vectors.filter { $0.aeadId == 2 }
        #expect(ours.map(\.encryptions.count) == [257])
        #expect(ours.map(\.exports.count) == [3])
        return try #require(ours.first)
    }

    @Test("are of base mode, the program's key encapsulation and every cipher")
    func all() {
        #expect(vectors.map(\.aeadId) == [1, 2, 3, 0xffff])
        #expect(vectors.allSatisfy { $0.mode == 0 && $0.kemId == 0x20 && $0.kdfId == 1 })
        #expect(vectors.map(\.encryptions.count).reduce(0, +) == 771)
        #expect(vectors.map(\.exports.count).reduce(0, +) == 12)
    }

    @Test("give the key pairs, and both sides the shared secret, whatever the cipher")
    func encapsulation() {
        for vector in vectors {
            for (material, privateKey, publicKey) in [
                (vector.ikmR, vector.skRm, vector.pkRm), (vector.ikmE, vector.skEm, vector.pkEm),
            ] {
                let derived = HPKE.privateKey(from: material.bytes.span)
                #expect(copy(derived.bytes) == privateKey.bytes)
                #expect(X25519.publicKey(of: derived.bytes) == publicKey.bytes)
            }
            #expect(vector.enc == vector.pkEm)
            let context = vector.enc.bytes + vector.pkRm.bytes
            for (privateKey, publicKey) in [
                (vector.skEm, vector.pkRm), (vector.skRm, vector.enc),
            ] {
                let secret: [UInt8]? =
                    switch HPKE.sharedSecret(
                        of: privateKey.bytes.span, with: publicKey.bytes, context: context)
                    {
                    case .some(let secret): copy(secret.bytes)
                    case .none: nil
                    }
                #expect(secret == vector.sharedSecret.bytes)
            }
        }
    }

    @Test("give the keys of a context, and what it exports")
    func schedule() throws {
        let vector = try ours()
        let context = vector.context()
        #expect(copy(context.key.bytes) == vector.key.bytes)
        #expect(copy(context.baseNonce.bytes) == vector.baseNonce.bytes)
        #expect(copy(context.exporterSecret.bytes) == vector.exporterSecret.bytes)
        for export in vector.exports {
            let secret = context.export(export.exporterContext.bytes, count: export.count)
            #expect(copy(secret.bytes) == export.exportedValue.bytes)
        }
    }

    @Test("are sealed and opened one after another, and in no other order")
    func sequence() throws {
        let vector = try ours()
        var sender = vector.context()
        var recipient = vector.context()
        for (number, message) in vector.encryptions.enumerated() {
            let nonce = AESGCM.nonce(vector.baseNonce.bytes.span, UInt64(number))
            #expect(nonce == message.nonce.bytes)
            let data = message.aad.bytes
            let sealed = sender.seal(message.pt.bytes.span, authenticating: data)
            #expect(sealed == message.ct.bytes, "\(number)")
            // Neither the next message nor a damaged one makes the recipient lose its place.
            let next = vector.encryptions[(number + 1) % vector.encryptions.count]
            for wrong in [next.ct.bytes, flipped(sealed, at: number % sealed.count)] {
                let isOpen = recipient.open(wrong.span, authenticating: data) != nil
                #expect(!isOpen, "\(number)")
            }
            let opened: [UInt8]? =
                switch recipient.open(sealed.span, authenticating: data) {
                case .some(let plaintext): copy(plaintext.bytes)
                case .none: nil
                }
            #expect(opened == message.pt.bytes, "\(number)")
        }
    }

    @Test("are sealed and opened in one call")
    func singleShot() throws {
        let vector = try ours()
        let first = try #require(vector.encryptions.first)
        let sealed = HPKE.seal(
            first.pt.bytes.span, to: vector.pkRm.bytes, info: vector.info.bytes,
            authenticating: first.aad.bytes, ephemeral: vector.skEm.bytes.span)
        #expect(sealed?.enc == vector.enc.bytes)
        #expect(sealed?.ciphertext == first.ct.bytes)
        let opened: [UInt8]? =
            switch HPKE.open(
                first.ct.bytes.span, from: vector.enc.bytes, with: vector.skRm.bytes.span,
                info: vector.info.bytes, authenticating: first.aad.bytes)
            {
            case .some(let plaintext): copy(plaintext.bytes)
            case .none: nil
            }
        #expect(opened == first.pt.bytes)
    }
}

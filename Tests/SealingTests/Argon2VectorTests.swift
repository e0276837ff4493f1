// Argon2id against public vectors, below the bounds of slots.

import CArgon2
import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite(
    "Argon2id vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct Argon2VectorTests {
    struct Vector: Decodable {
        let passphraseHex, salt, secret, ad, tag: HexBytes
        let m, t, p: UInt32
        var parameters: KDFParameters { KDFParameters(memory: m, passes: t, lanes: p) }
        var isPlain: Bool { secret.bytes.isEmpty && ad.bytes.isEmpty }
    }

    private static func vectors() throws -> [Vector] {
        try VectorFolder.json(
            VectorFolder.published.appending(path: "argon2/argon2id_from_botan.json"),
            as: [Vector].self)
    }

    @Test("every tag is what the library under the program gives, secret and data included")
    func library() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count == 330)
        for vector in vectors {
            #expect(Self.tag(of: vector) == vector.tag.bytes)
        }
    }

    @Test("the program gives what the library gives, for every cost and salt of the vectors")
    func program() throws {
        var exact = 0
        for vector in try Self.vectors() where vector.isPlain {
            let hash = try Argon2.hash(
                vector.passphraseHex.bytes.span, salt: vector.salt.bytes, vector.parameters)
            #expect(copy(hash.bytes) == Self.tag(of: vector, count: Argon2.hashCount))
            if vector.tag.bytes.count == Argon2.hashCount {
                #expect(copy(hash.bytes) == vector.tag.bytes)
                exact += 1
            }
        }
        #expect(exact == 1)
    }

    private static func tag(of vector: Vector, count: Int? = nil) -> [UInt8] {
        var passphrase = vector.passphraseHex.bytes
        var (salt, secret, data) = (vector.salt.bytes, vector.secret.bytes, vector.ad.bytes)
        var tag = [UInt8](repeating: 0, count: count ?? vector.tag.bytes.count)
        let status = tag.withUnsafeMutableBufferPointer { tag in
            passphrase.withUnsafeMutableBufferPointer { passphrase in
                salt.withUnsafeMutableBufferPointer { salt in
                    secret.withUnsafeMutableBufferPointer { secret in
                        data.withUnsafeMutableBufferPointer { data in
                            var context = argon2_context()
                            (context.out, context.outlen) = (tag.baseAddress, UInt32(tag.count))
                            context.pwd = passphrase.baseAddress
                            context.pwdlen = UInt32(passphrase.count)
                            (context.salt, context.saltlen) = (salt.baseAddress, UInt32(salt.count))
                            context.secret = secret.isEmpty ? nil : secret.baseAddress
                            context.secretlen = UInt32(secret.count)
                            (context.ad, context.adlen) = (data.baseAddress, UInt32(data.count))
                            if data.isEmpty { context.ad = nil }
                            (context.t_cost, context.m_cost) = (vector.t, vector.m)
                            (context.lanes, context.threads) = (vector.p, 1)
                            context.version = 0x13
                            return argon2_ctx(&context, Argon2_id)
                        }
                    }
                }
            }
        }
        #expect(status == ARGON2_OK.rawValue)
        return tag
    }
}

// X25519: the vectors of its RFC and of Wycheproof, and public keys on which nobody should agree.

import SecretMemory
import Testing

@testable import Sealing

@Suite("Agreement")
struct X25519Tests {
    /// RFC 7748, 6.1.
    private static let alice = HexBytes(
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")!.bytes
    private static let alicePublic = HexBytes(
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")!.bytes
    private static let bob = HexBytes(
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")!.bytes
    private static let bobPublic = HexBytes(
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")!.bytes
    private static let shared = HexBytes(
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")!.bytes

    private static func agree(_ privateKey: [UInt8], _ publicKey: [UInt8]) -> [UInt8]? {
        switch X25519.sharedSecret(of: privateKey.span, with: publicKey.span) {
        case .some(let secret): copy(secret.bytes)
        case .none: nil
        }
    }

    @Test("gives both sides the secret of RFC 7748, 6.1")
    func standard() {
        #expect(X25519.publicKey(of: Self.alice.span) == Self.alicePublic)
        #expect(X25519.publicKey(of: Self.bob.span) == Self.bobPublic)
        #expect(Self.agree(Self.alice, Self.bobPublic) == Self.shared)
        #expect(Self.agree(Self.bob, Self.alicePublic) == Self.shared)
    }

    @Test("a thousand times with what it gave before is as RFC 7748, 5.2, says")
    func iterated() throws {
        var (key, point) = ([9] + [UInt8](repeating: 0, count: 31), [UInt8]())
        point = key
        for round in 1...1_000 {
            let next = try #require(Self.agree(key, point))
            (key, point) = (next, key)
            guard round == 1 else { continue }
            let once = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
            #expect(key == HexBytes(once)?.bytes)
        }
        let often = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"
        #expect(key == HexBytes(often)?.bytes)
    }

    @Test(
        "gives the secrets of Wycheproof, and none that is zero",
        .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
    func wycheproof() throws {
        let cases = try Wycheproof<AgreementCase>.cases("x25519", valid: 264, acceptable: 254)
        let zeros = [UInt8](repeating: 0, count: X25519.byteCount)
        var refused = 0
        for vector in cases {
            let isZero = vector.flags.contains("ZeroSharedSecret")
            #expect(isZero == (vector.shared.bytes == zeros), "\(vector.tcId)")
            let secret = Self.agree(vector.private.bytes, vector.public.bytes)
            #expect(secret == (isZero ? nil : vector.shared.bytes), "\(vector.tcId)")
            refused += isZero ? 1 : 0
        }
        #expect(refused == 31)
    }

    /// All points of small order, of the curve and of its twist, then 0 and 1 again with the
    /// field's prime added; each with and without the highest bit, which does not count.
    static let smallOrder: [[UInt8]] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ].map { HexBytes($0)!.bytes }.flatMap { [$0, flipped($0, at: 31, mask: 0x80)] }

    @Test("is refused where every private key would agree on zeros")
    func smallOrder() {
        #expect(Self.smallOrder.count == 14)
        for point in Self.smallOrder {
            #expect(Self.agree(Self.alice, point) == nil)
            #expect(Self.agree(Self.bob, point) == nil)
        }
    }

    @Test("is refused with a public key of another size")
    func publicSizes() {
        for count in [0, 1, 31, 33, 64] {
            let publicKey = Array((Self.bobPublic + Self.bobPublic).prefix(count))
            #expect(Self.agree(Self.alice, publicKey) == nil)
        }
    }

    @Test("ends the program with a private key of another size", arguments: [0, 31, 33])
    func privateSizes(count: Int) async {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) { [count = count as Int] in
            let key = [UInt8](repeating: 1, count: count)
            _ = X25519.sharedSecret(of: key.span, with: key.span)
        }
        #expect(result?.isEnd("sealing: an X25519 key has 32 bytes") == true)
    }
}

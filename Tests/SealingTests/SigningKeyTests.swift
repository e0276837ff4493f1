// Ed25519: the vectors of its RFC and of Wycheproof, and what is no signature.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Signatures")
struct SigningKeyTests {
    /// A key whose private half is public.
    struct KnownKey {
        let seed, publicKey: HexBytes
        /// A message and its signature.
        let signed: (HexBytes, HexBytes)?

        init(_ seed: String, _ publicKey: String, signed: (String, String)? = nil) {
            self.seed = HexBytes(seed)!
            self.publicKey = HexBytes(publicKey)!
            self.signed = signed.map { (HexBytes($0.0)!, HexBytes($0.1)!) }
        }
    }

    /// RFC 8032, 7.1: tests 1, 2, 3 and SHA(abc); of test 1024 the key, for its message is one of
    /// Wycheproof's.
    private static let known = [
        KnownKey(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            signed: (
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            )),
        KnownKey(
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            signed: (
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            )),
        KnownKey(
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            signed: (
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            )),
        KnownKey(
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            signed: (
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                    + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
            )),
        KnownKey(
            "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
            "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"),
        // The key of Wycheproof's first groups, whose private half stands in its older editions.
        KnownKey(
            "add4bb8103785baf9ac534258e8aaf65f5f1adb5ef5f3df19bb80ab989c4d64b",
            "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa"),
    ]

    private static func key(_ seed: [UInt8]) -> SigningKey {
        SigningKey(seed: TestKeys.secret(seed))
    }

    private static func verify(
        _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
    ) -> Bool {
        Ed25519.verify(signature.span, of: message.span, by: publicKey.span)
    }

    @Test("are those of RFC 8032, made and verified, as often as one asks")
    func standard() {
        var count = 0
        for known in Self.known {
            let key = Self.key(known.seed.bytes)
            #expect(key.publicKey == known.publicKey.bytes)
            #expect(copy(key.seed.bytes) == known.seed.bytes)
            guard let (message, signature) = known.signed else { continue }
            for _ in 0..<3 { #expect(key.sign(message.bytes.span) == signature.bytes) }
            #expect(
                Self.verify(signature.bytes, of: message.bytes, by: known.publicKey.bytes))
            count += 1
        }
        #expect(count == 4)
    }

    @Test(
        "of Wycheproof are verified, the invalid ones refused; those of known keys are made",
        .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
    func wycheproof() throws {
        let groups = try Wycheproof<SignatureCase>.groups("ed25519", valid: 88, invalid: 63)
        var made = 0
        for group in groups {
            let publicKey = try #require(group.publicKey).pk.bytes
            let seed = Self.known.first { $0.publicKey.bytes == publicKey }?.seed.bytes
            for vector in group.tests {
                let isValid = vector.result == .valid
                #expect(
                    Self.verify(vector.sig.bytes, of: vector.msg.bytes, by: publicKey)
                        == isValid, "\(vector.tcId)")
                guard let seed else { continue }
                let signature = Self.key(seed).sign(vector.msg.bytes.span)
                #expect((signature == vector.sig.bytes) == isValid, "\(vector.tcId)")
                made += isValid ? 1 : 0
            }
        }
        #expect(made == 13)
    }

    @Test("verify under a drawn key, and no longer when a bit of anything is another")
    func bits() throws {
        let key = try SigningKey()
        let other = try SigningKey()
        #expect(key.publicKey != other.publicKey)
        let again = Self.key(copy(key.seed.bytes))
        #expect(again.publicKey == key.publicKey)
        let publicKey = key.publicKey
        for message in [[], TestKeys.pattern(40)] {
            let signature = key.sign(message.span)
            #expect(again.sign(message.span) == signature)
            #expect(Self.verify(signature, of: message, by: publicKey))
            #expect(!Self.verify(signature, of: message, by: other.publicKey))
            #expect(!Self.verify(signature, of: message + [0], by: publicKey))
            for bit in 0..<8 {
                for place in signature.indices {
                    let changed = flipped(signature, at: place, mask: 1 << UInt8(bit))
                    #expect(!Self.verify(changed, of: message, by: publicKey))
                }
                for place in message.indices {
                    let changed = flipped(message, at: place, mask: 1 << UInt8(bit))
                    #expect(!Self.verify(signature, of: changed, by: publicKey))
                }
                for place in publicKey.indices {
                    let changed = flipped(publicKey, at: place, mask: 1 << UInt8(bit))
                    #expect(!Self.verify(signature, of: message, by: changed))
                }
            }
        }
    }

    @Test("of another size are none, and neither are keys")
    func sizes() throws {
        let key = try SigningKey()
        let message = TestKeys.pattern(10)
        let signature = key.sign(message.span)
        for count in [0, 1, 32, 63, 65, 128] {
            let cut = Array((signature + signature).prefix(count))
            #expect(!Self.verify(cut, of: message, by: key.publicKey))
        }
        for count in [0, 1, 31, 33, 64] {
            let cut = Array((key.publicKey + key.publicKey).prefix(count))
            #expect(!Self.verify(signature, of: message, by: cut))
        }
        #expect(!Self.verify([], of: [], by: []))
    }

    @Test("are made by one key in many threads")
    func threads() async throws {
        final class Holder: Sendable {
            let key: SigningKey
            init() throws { key = try SigningKey() }
        }
        let holder = try Holder()
        let areGenuine = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    (0..<50).allSatisfy { round in
                        let message = [UInt8(number), UInt8(round)]
                        let signature = holder.key.sign(message.span)
                        return Self.verify(signature, of: message, by: holder.key.publicKey)
                    }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(areGenuine)
    }

    @Test("cannot be made with a seed of another size", arguments: [0, 31, 33, 64])
    func seedSize(count: Int) async {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) { [count = count as Int] in
            _ = SigningKey(seed: SecretBytes(zeros: count))
        }
        #expect(result?.isEnd("sealing: a signing key has a seed of 32 bytes") == true)
    }
}

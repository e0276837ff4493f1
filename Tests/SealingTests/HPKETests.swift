// HPKE: its edges, and what it does not open.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("HPKE")
struct HPKETests {
    private static let privateKey: [UInt8] = Array(1...32)
    private static let publicKey = X25519.publicKey(of: privateKey.span)
    private static let info = Array("info".utf8)
    private static let data = Array("data".utf8)

    private static func seal(
        _ plaintext: [UInt8], to publicKey: [UInt8] = publicKey, info: [UInt8] = info,
        data: [UInt8] = data
    ) throws -> HPKE.Sealed? {
        try HPKE.seal(plaintext.span, to: publicKey, info: info, authenticating: data)
    }

    private static func open(
        _ sealed: HPKE.Sealed, with privateKey: [UInt8] = privateKey, info: [UInt8] = info,
        data: [UInt8] = data
    ) -> [UInt8]? {
        switch HPKE.open(
            sealed.ciphertext.span, from: sealed.enc, with: privateKey.span, info: info,
            authenticating: data)
        {
        case .some(let plaintext): copy(plaintext.bytes)
        case .none: nil
        }
    }

    @Test("gives the worked example's deposit", arguments: WorkedExample.Source.there)
    func deposit(source: WorkedExample.Source) throws {
        let example = try source.load()
        let deposit = example.deposit
        var info = CanonicalBytes(domain: "deposit")
        info.add(example.vaultId.bytes)
        info.add(example.epoch)
        var data = CanonicalBytes(domain: "deposit-aad")
        data.add(deposit.depId.bytes)
        data.add(deposit.timeMs)
        data.add(deposit.kind)
        // Name, value, and no attributes.
        var content = CanonicalBytes()
        content.add(prefixed: Array(example.meta.name.utf8))
        content.add(prefixed: example.record.value.bytes)
        content.add(prefixed: [])
        let padded = Padding.pad(content.bytes.span)

        let ephemeral = HPKE.privateKey(from: deposit.ikmE.bytes.span)
        let made = HPKE.seal(
            padded.bytes, to: deposit.pk.bytes, info: info.bytes, authenticating: data.bytes,
            ephemeral: ephemeral.bytes)
        let sealed = try #require(made)
        #expect(sealed.enc == deposit.enc.bytes)
        #expect(sealed.ciphertext == deposit.ct.bytes)
        let opened = Self.open(
            (deposit.enc.bytes, deposit.ct.bytes), with: deposit.sk.bytes, info: info.bytes,
            data: data.bytes)
        #expect(opened == copy(padded.bytes))

        var row = CanonicalBytes()
        row.add(deposit.depId.bytes)
        row.add(example.epoch)
        row.add(deposit.timeMs)
        row.add(deposit.kind)
        row.add(sealed.enc)
        row.add(sealed.ciphertext)
        #expect(row.bytes == deposit.row.bytes)
        let receipt = CanonicalBytes(domain: "receipt").bytes + row.bytes
        #expect(Array(SHA256.digest(receipt.span).prefix(10)) == deposit.receipt.bytes)
    }

    @Test("opens what was sealed, with nothing in any place too")
    func empty() throws {
        let some = TestKeys.pattern(100)
        for plaintext in [[], [0], some] {
            for info in [[], some] {
                for data in [[], some] {
                    let sealed = try #require(
                        try Self.seal(plaintext, info: info, data: data))
                    #expect(sealed.enc.count == 32)
                    #expect(sealed.ciphertext.count == plaintext.count + 16)
                    #expect(Self.open(sealed, info: info, data: data) == plaintext)
                    #expect(Self.open(sealed, info: info + [0], data: data) == nil)
                    #expect(Self.open(sealed, info: info, data: data + [0]) == nil)
                }
            }
        }
    }

    @Test("seals the same message to other bytes each time")
    func fresh() throws {
        var seen: Set<[UInt8]> = []
        for _ in 0..<100 {
            let sealed = try #require(try Self.seal([1, 2, 3]))
            seen.insert(sealed.enc)
            seen.insert(sealed.ciphertext)
        }
        #expect(seen.count == 200)
    }

    @Test("does not open a message of which any bit is another")
    func bits() throws {
        let sealed = try #require(try Self.seal(TestKeys.pattern(40)))
        for bit in 0..<8 {
            let mask = UInt8(1) << UInt8(bit)
            for place in sealed.enc.indices {
                let changed = flipped(sealed.enc, at: place, mask: mask)
                #expect(Self.open((changed, sealed.ciphertext)) == nil)
            }
            for place in sealed.ciphertext.indices {
                let changed = flipped(sealed.ciphertext, at: place, mask: mask)
                #expect(Self.open((sealed.enc, changed)) == nil)
            }
            for place in Self.info.indices {
                #expect(Self.open(sealed, info: flipped(Self.info, at: place, mask: mask)) == nil)
            }
            for place in Self.data.indices {
                #expect(Self.open(sealed, data: flipped(Self.data, at: place, mask: mask)) == nil)
            }
        }
        #expect(Self.open(sealed, with: Array(2...33)) == nil)
        #expect(Self.open(sealed, info: Self.data, data: Self.info) == nil)
    }

    @Test("does not open what has another size")
    func sizes() throws {
        let sealed = try #require(try Self.seal(TestKeys.pattern(20)))
        for count in [0, 1, 31, 33, 64] {
            let enc = Array((sealed.enc + sealed.enc).prefix(count))
            #expect(Self.open((enc, sealed.ciphertext)) == nil)
        }
        for count in sealed.ciphertext.indices {
            #expect(Self.open((sealed.enc, Array(sealed.ciphertext.prefix(count)))) == nil)
        }
        #expect(Self.open((sealed.enc, sealed.ciphertext + [0])) == nil)
        #expect(Self.open(([], [])) == nil)
    }

    @Test("neither seals to nor opens from a key on which everybody agrees")
    func smallOrder() throws {
        for point in X25519Tests.smallOrder {
            #expect(try Self.seal([1], to: point) == nil)
            #expect(Self.open((point, [UInt8](repeating: 0, count: 17))) == nil)
        }
        for count in [0, 1, 31, 33, 64] {
            #expect(try Self.seal([1], to: [UInt8](repeating: 9, count: count)) == nil)
        }
    }

    @Test("ends the program with a private key of another size", arguments: [0, 31, 33])
    func privateSizes(count: Int) async {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) { [count = count as Int] in
            let key = [UInt8](repeating: 1, count: count)
            _ = HPKE.open(key.span, from: key, with: key.span, info: [], authenticating: [])
        }
        #expect(result?.isEnd("sealing: an X25519 key has 32 bytes") == true)
    }
}

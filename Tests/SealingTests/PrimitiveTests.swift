// The primitives: what holds of each apart from its vectors, and what ends the program.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Primitives")
struct PrimitiveTests {
    @Test("a cipher may be the first thing that uses libcrypto")
    func cipherFirst() async {
        await #expect(processExitsWith: .success) {
            let key = [UInt8](repeating: 0, count: 32)
            let cobblestone = Cobblestone(key: key.span)
            let sealed = cobblestone.seal(
                key.span, context: [], salt: [UInt8](repeating: 0, count: 24))
            let isOpen = cobblestone.open(sealed.span, context: []) != nil
            #expect(isOpen)
        }
    }

    @Test("a forged record of 65 MiB is refused without memory for its plaintext")
    func forgedLength() async {
        await #expect(processExitsWith: .success) {
            let keyring = try TestKeys.keyring()
            let forged = [UInt8](repeating: 7, count: 65 << 20)
            // A plaintext of 65 MiB would end the process.
            try limitAddresses(to: 16 << 20)
            for kind in [RecordKind.single, .several] {
                let error = failure { () throws(VaultError) in
                    _ = try keyring.open(
                        record: forged.span, rid: TestKeys.rid, version: 1, kind: kind,
                        naming: TestKeys.object)
                }
                #expect(error == .tampered(TestKeys.object))
            }
            let error = failure { () throws(VaultError) in
                _ = try keyring.open(
                    metadata: forged.span, rid: TestKeys.rid, revision: 1,
                    naming: .metadata(nil))
            }
            #expect(error == .tampered(.metadata(nil)))
        }
    }

    @Test("more output of HKDF than there is ends the program")
    func hkdfTooLong() async {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            let nothing: [UInt8] = []
            _ = HKDF.expand(
                HMAC(.sha512, key: nothing.span), info: nothing.span, nothing.span,
                count: 255 * 64 + 1)
        }
        #expect(result?.isEnd("sealing: HKDF expands to 1 to 255 blocks") == true)
    }

    @Test("a key of another size ends the program", arguments: [0, 31, 33])
    func keySize(count: Int) async {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) { [count = count as Int] in
            let key = [UInt8](repeating: 0, count: count)
            _ = Cobblestone(key: key.span)
        }
        #expect(result?.isEnd("sealing: a key has 32 bytes") == true)
    }

    @Test("an HMAC is used again without a trace of the message before")
    func hmacAgain() {
        let key = Array("key".utf8)
        let mac = HMAC(.sha256, key: key.span)
        func code(_ pieces: [String]) -> [UInt8] {
            var code = [UInt8](repeating: 0, count: 32)
            var span = code.mutableSpan
            mac.begin()
            for piece in pieces {
                let bytes = Array(piece.utf8)
                mac.update(bytes.span)
            }
            mac.finish(into: &span)
            return code
        }
        let first = code(["message"])
        #expect(code(["another"]) != first)
        #expect(code(["mess", "", "age"]) == first)
        let expected = HexBytes("6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a")
        #expect(first == expected?.bytes)
    }

    @Test("SHA-256 gives the digests of FIPS 180-4")
    func sha256() {
        for (text, digest) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let bytes = Array(text.utf8)
            #expect(SHA256.digest(bytes.span) == HexBytes(digest)?.bytes)
        }
    }

    @Test("a comparison in constant time is a comparison")
    func comparison() {
        let bytes = Array(UInt8(0)..<64)
        func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            ConstantTime.areEqual(left.span, right.span)
        }
        #expect(areEqual(bytes, bytes))
        #expect(areEqual([], []))
        #expect(!areEqual([], [0]))
        #expect(!areEqual(bytes, Array(bytes.dropLast())))
        #expect(!areEqual(Array(bytes.dropFirst()), bytes))
        for place in bytes.indices {
            for bit in 0..<8 {
                #expect(!areEqual(bytes, flipped(bytes, at: place, mask: 1 << UInt8(bit))))
            }
        }
    }

    @Test("numbers are written big-endian and read back, and never beyond the end")
    func numbers() {
        var written = CanonicalBytes()
        written.add(UInt8(0x01))
        written.add(UInt16(0x0203))
        written.add(UInt32(0x0405_0607))
        written.add(UInt64(0x0809_0a0b_0c0d_0e0f))
        written.add(prefixed: [UInt8(0xff)])
        let bytes = written.bytes
        #expect(bytes == Array(1...15) + [0, 0, 0, 1, 0xff])
        var reader = CanonicalReader(bytes.span)
        #expect(reader.number(UInt8.self) == 0x01)
        #expect(reader.number(UInt16.self) == 0x0203)
        #expect(reader.number(UInt32.self) == 0x0405_0607)
        #expect(reader.number(UInt64.self) == 0x0809_0a0b_0c0d_0e0f)
        #expect(reader.bytes(6) == nil)
        #expect(reader.bytes(-1) == nil)
        #expect(reader.bytes(4) == [0, 0, 0, 1])
        #expect(reader.number(UInt16.self) == nil)
        #expect(reader.bytes(1) == [0xff])
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
        #expect(reader.number(UInt8.self) == nil)
        #expect(CanonicalBytes(domain: "rec").bytes == Array("coffer1/rec\0".utf8))
    }
}

// HKDF against public vectors: the program with its two hashes, the library under it with SHA-1
// too.

import Testing

@testable import Sealing

@Suite(
    "HKDF vectors", .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct HKDFVectorTests {
    /// A file of Wycheproof, its hash, and what is in it.
    struct File: CustomTestStringConvertible {
        let name: String
        let hash: HMAC.Hash
        let library: String
        let valid: Int
        var testDescription: String { name }

        func cases() throws -> [HKDFCase] {
            try Wycheproof<HKDFCase>.cases(name, valid: valid, invalid: 3)
        }

        static let all = [
            File(name: "hkdf_sha256", hash: .sha256, library: "SHA256", valid: 83),
            File(name: "hkdf_sha512", hash: .sha512, library: "SHA512", valid: 80),
        ]
    }

    @Test("of Wycheproof are met by the library, the over-long ones refused", arguments: File.all)
    func library(file: File) throws {
        for vector in try file.cases() {
            let output = Libcrypto.hkdf(
                .both, hash: file.library, key: vector.ikm.bytes, salt: vector.salt.bytes,
                info: vector.info.bytes, count: vector.size)
            let expected = vector.result == .valid ? vector.okm.bytes : nil
            #expect(output == expected, "\(vector.tcId)")
        }
    }

    @Test("of Wycheproof are met", arguments: File.all)
    func program(file: File) throws {
        for vector in try file.cases() where vector.result == .valid {
            let extracted = HKDF.extract(
                salt: vector.salt.bytes.span, vector.ikm.bytes.span, hash: file.hash)
            // The info may come in two pieces.
            for length in [vector.info.bytes.count, 7, 0] {
                let (head, tail) = (
                    Array(vector.info.bytes.prefix(length)),
                    Array(vector.info.bytes.dropFirst(length))
                )
                let output = HKDF.expand(
                    extracted, info: head.span, tail.span, count: vector.size)
                #expect(copy(output.bytes) == vector.okm.bytes, "\(vector.tcId)")
            }
        }
    }

    @Test("of Wycheproof that ask for more than there is end the program", arguments: File.all)
    func tooLong(file: File) async throws {
        let cases = try file.cases().filter { $0.result == .invalid }
        #expect(cases.map(\.size) == Array(repeating: 255 * file.hash.byteCount + 1, count: 3))
        for vector in cases {
            let result = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [vector = vector as HKDFCase, isLong = (file.hash == .sha512) as Bool] in
                let hash: HMAC.Hash = isLong ? .sha512 : .sha256
                let extracted = HKDF.extract(
                    salt: vector.salt.bytes.span, vector.ikm.bytes.span, hash: hash)
                let nothing: [UInt8] = []
                _ = HKDF.expand(
                    extracted, info: vector.info.bytes.span, nothing.span, count: vector.size)
            }
            #expect(
                result?.isEnd("sealing: HKDF expands to 1 to 255 blocks") == true,
                "\(vector.tcId)")
        }
    }

    @Test("of Botan are met by the library, and with its two hashes by the program")
    func botan() throws {
        let vectors = try BotanVector.read("hkdf/botan_hkdf.vec")
        #expect(vectors.count == 37)
        var met = 0
        for (number, vector) in vectors.enumerated() {
            let names = vector.section.split { "()".contains($0) }.map(String.init)
            try #require(names.count == 3 && names[1] == "HMAC", "\(vector.section)")
            let step = try #require(Libcrypto.HKDFStep(rawValue: names[0]))
            // Where an expansion's key came from is told in two more fields.
            #expect(
                vector.fields.keys.allSatisfy {
                    ["Secret", "Salt", "Label", "Output", "IKM", "XTS"].contains($0)
                })
            // An expansion has no salt; Botan puts one behind the info.
            let salt = step == .expand ? [] : vector["Salt"]
            let info = vector["Label"] + (step == .expand ? vector["Salt"] : [])
            let (key, expected) = (vector["Secret"], vector["Output"])
            let output = Libcrypto.hkdf(
                step, hash: names[2], key: key, salt: salt, info: info, count: expected.count)
            #expect(output == expected, "\(number)")
            guard let hash = ["SHA-256": HMAC.Hash.sha256, "SHA-512": .sha512][names[2]]
            else { continue }
            let made = Self.run(
                step, hash, key: key, salt: salt, info: info, count: expected.count)
            #expect(made == expected, "\(number)")
            met += 1
        }
        #expect(met == 24)
    }

    /// What the program gives.
    private static func run(
        _ step: Libcrypto.HKDFStep, _ hash: HMAC.Hash, key: [UInt8], salt: [UInt8],
        info: [UInt8], count: Int
    ) -> [UInt8] {
        if step == .extract {
            let (head, tail) = (Array(key.prefix(7)), Array(key.dropFirst(7)))
            let extracted = HKDF.pseudorandomKey(
                salt: salt.span, head.span, tail.span, hash: hash)
            return copy(extracted.bytes)
        }
        let mac =
            step == .expand
            ? HMAC(hash, key: key.span) : HKDF.extract(salt: salt.span, key.span, hash: hash)
        let nothing: [UInt8] = []
        let output = HKDF.expand(mac, info: info.span, nothing.span, count: count)
        return copy(output.bytes)
    }
}

// What is read is written again to the same bytes: nothing has two forms (attack case 26).

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Nothing that is accepted has a second form")
struct MalleabilityTests {
    @Test("slots, in 100,000 mutations under a right checksum")
    func slots() throws {
        var generator = SeededGenerator(seed: 26)
        let example = try WorkedExample.Source.own.load()
        let seeds = [example.slotPassphrase, nil].map { slot in
            Array((slot?.record ?? example.slotRaw.record).bytes.prefix(192))
        }
        var accepted = 0
        for round in 0..<100_000 {
            let body = generator.mutated(seeds[round % 2])
            let bytes = body + SHA256.digest(body.span)
            guard let slot = try? KeySlot(parsing: bytes) else { continue }
            accepted += 1
            let header = KeySlot.header(
                number: slot.number, kind: slot.kind, vault: slot.vault, epoch: slot.epoch,
                parameters: slot.parameters, salt: slot.salt, created: slot.created)
            let again = header + slot.sealed
            #expect(again + SHA256.digest(again.span) == bytes)
        }
        #expect(accepted > 10_000)
    }

    @Test("descriptions, in 100,000 mutations")
    func descriptions() throws {
        var generator = SeededGenerator(seed: 27)
        let seeds = try KnownAnswers.load().descriptions.map(\.encoded.bytes)
        var accepted = 0
        for round in 0..<100_000 {
            let bytes = generator.mutated(seeds[round % seeds.count])
            guard let metadata = MetadataCoding.decode(bytes.span) else { continue }
            accepted += 1
            #expect(MetadataCoding.encode(metadata) == bytes)
        }
        #expect(accepted > 5_000)
    }

    @Test("private parts of entries, in 100,000 mutations")
    func details() throws {
        var generator = SeededGenerator(seed: 31)
        let seeds = try KnownAnswers.load().auditDetails.map(\.encoded.bytes)
        var accepted = 0
        for round in 0..<100_000 {
            let bytes = generator.mutated(seeds[round % seeds.count])
            guard let detail = AuditDetailCoding.decode(bytes.span) else { continue }
            accepted += 1
            #expect(AuditDetailCoding.encode(detail) == bytes)
        }
        #expect(accepted > 5_000)
    }

    @Test("rows of codes, in 20,000 mutations")
    func codes() throws {
        var generator = SeededGenerator(seed: 32)
        var row = CodeRow()
        for number in [0, 7, 8, 130, 255] as [UInt8] {
            row[number] = [UInt8](repeating: number | 1, count: 32)
        }
        let seed = try #require(row.packed)
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes = generator.mutated(seed)
            guard let read = CodeRow(packed: bytes) else { continue }
            accepted += 1
            #expect(read.packed == bytes)
        }
        #expect(accepted > 2_000)
    }

    @Test("packed fields, in 20,000 mutations")
    func packings() throws {
        var generator = SeededGenerator(seed: 28)
        let names = [FieldName("b")!, FieldName("a")!]
        var fields = SecretFields()
        let value: [UInt8] = [1, 2, 3, 4, 5]
        for name in names { _ = fields.add(name, value.span) }
        let packed = FieldPacking.pack(fields)
        let seed = copy(packed.bytes.bytes)
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes = generator.mutated(seed)
            let isSame: Bool?
            do throws(VaultError) {
                let read = try FieldPacking.unpack(
                    bytes.span, kind: .several, names: names, naming: TestKeys.object)
                let again = FieldPacking.pack(read)
                isSame = copy(again.bytes.bytes) == bytes
            } catch { isSame = nil }
            guard let isSame else { continue }
            accepted += 1
            #expect(isSame)
        }
        #expect(accepted > 1_000)
    }

    @Test("padded values, in 20,000 mutations")
    func paddings() {
        var generator = SeededGenerator(seed: 29)
        let value: [UInt8] = [1, 2, 3, 0, 0]
        let padded = Padding.pad(value.span)
        let seed = copy(padded.bytes)
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes = generator.mutated(seed)
            guard let place = Padding.value(in: bytes.span) else { continue }
            accepted += 1
            let again = Padding.pad(bytes.span.extracting(place))
            #expect(copy(again.bytes) == bytes)
        }
        #expect(accepted > 200)
    }

    @Test("raw keys, in 10,000 mutations of their text that a person may make")
    func rawKeys() throws {
        var generator = SeededGenerator(seed: 30)
        let code = TestKeys.rawKey().recoveryCode()
        let seed = copy(code.bytes)
        var accepted = 0
        for _ in 0..<10_000 {
            let text = Self.retyped(seed, &generator)
            guard let read = RawKeyText.read(text) else { continue }
            accepted += 1
            let again = TestKeys.rawKey(read).recoveryCode()
            #expect(Self.symbols(text) == Self.symbols(copy(again.bytes)))
        }
        #expect(accepted > 5_000)
    }

    /// Another case, a look-alike, a blank, and at times a real error.
    private static func retyped(_ text: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var typed = text
        for _ in 0..<8 {
            let place = generator.below(typed.count)
            switch (generator.below(40), typed[place]) {
            case (0, _): return generator.mutated(typed)
            case (1..<10, UInt8(ascii: "A")...UInt8(ascii: "Z")): typed[place] += 32
            case (1..<20, UInt8(ascii: "0")): typed[place] = UInt8(ascii: "O")
            case (1..<20, UInt8(ascii: "1")): typed[place] = UInt8(ascii: "l")
            case (20..<30, _): typed.insert(UInt8(ascii: " "), at: place)
            case (30..<40, UInt8(ascii: "-")): typed.remove(at: place)
            default: continue
            }
        }
        return typed
    }

    /// The text without what is written for the eye.
    private static func symbols(_ text: [UInt8]) -> [UInt8] {
        String(decoding: text, as: UTF8.self).uppercased().utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "O"): UInt8(ascii: "0")
            case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
            default: " -\t\r\n".utf8.contains(byte) ? nil : byte
            }
        }
    }
}

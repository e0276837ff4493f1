// The other words of the model: identifiers, slots' costs, text that someone else wrote, receipts.

import Testing
import VaultModel

@Suite("Words of the model")
struct WordsTests {
    @Test("an identifier is sixteen bytes, as they are, and no other number of them")
    func identifiers() throws {
        let bytes: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0xfe]
        let identifier = try #require(Identifier(bytes))
        #expect(identifier.bytes == bytes)
        #expect(identifier.hexadecimal == "00017f80ff090a0b0c0d0e0f101112fe")
        #expect(RecordID(identifier).bytes == bytes)
        #expect(VaultID(identifier).bytes == bytes)
        #expect(BlindIndexValue(identifier).bytes == bytes)
        for count in [0, 1, 15, 17, 32] {
            #expect(Identifier([UInt8](repeating: 1, count: count)) == nil)
        }
        var seen: Set = [identifier]
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 1
            seen.insert(try #require(Identifier(other)))
        }
        #expect(seen.count == 17)
    }

    @Test(
        "the cost of a slot is accepted within its bounds",
        arguments: [
            (19_456, 1, 1, true), (19_455, 1, 1, false), (0, 0, 0, false), (0, 1, 1, false),
            (4_194_304, 1, 1, true), (4_194_305, 1, 1, false), (.max, 1, 1, false),
            (65_536, 0, 4, false), (65_536, 64, 4, true), (65_536, 65, 4, false),
            (65_536, .max, 4, false), (65_536, 3, 0, false), (65_536, 3, 64, true),
            (65_536, 3, 65, false), (65_536, 3, 1 << 24, false), (65_536, 3, .max, false),
            (.max, .max, .max, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func costs(memory: UInt32, passes: UInt32, lanes: UInt32, isAccepted: Bool) {
        let parameters = KDFParameters(memory: memory, passes: passes, lanes: lanes)
        #expect(parameters.isAcceptable(ceiling: 1 << 40) == isAccepted)
    }

    @Test("the cost of a slot is accepted up to what the machine can give")
    func ceiling() {
        #expect(KDFParameters.smallest.isAcceptable(ceiling: 65_536))
        #expect(!KDFParameters.smallest.isAcceptable(ceiling: 65_535))
        #expect(KDFParameters.standard.isAcceptable(ceiling: 262_144))
        #expect(!KDFParameters.standard.isAcceptable(ceiling: 262_143))
        #expect(!KDFParameters.none.isAcceptable(ceiling: .max))
        #expect(!KDFParameters.smallest.isAcceptable(ceiling: 0))
    }

    @Test("what a slot, a version and a record are stands in the file as these bytes")
    func rawValues() {
        #expect(KeySlotKind(rawValue: 1) == .passphrase)
        #expect(KeySlotKind(rawValue: 3) == .rawKey)
        #expect((0...255).filter { KeySlotKind(rawValue: $0) != nil } == [1, 3])
        #expect(RecordKind.single.rawValue == 1)
        #expect(RecordKind.several.rawValue == 2)
        #expect((0...255).filter { RecordKind(rawValue: $0) != nil } == [1, 2])
        #expect(
            VersionState.allCases.map(\.rawValue) == [1, 2, 3, 4, 5])
        #expect(
            VersionState.allCases.map(\.description)
                == ["pending", "current", "previous", "retired", "destroyed"])
        #expect(Suite.one.number == 1)
        #expect(Epoch.first.number == 1)
    }

    @Test("text is taken where it is valid UTF-8, as it is")
    func validText() {
        for text in ["", "a", "\0", "é", "e\u{301}", "\u{202e}\u{1b}[2J", "\u{10ffff}", "\r\n"] {
            let bytes = Array(text.utf8)
            #expect(String(validUTF8: bytes.span).map { Array($0.utf8) } == bytes)
        }
    }

    @Test(
        "text is not repaired",
        arguments: [
            [0x80], [0xff], [0xc3], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80],
            [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0x61, 0xe2, 0x82],
            [0x61, 0xff, 0x62],
        ] as [[UInt8]])
    func invalidText(bytes: [UInt8]) {
        #expect(String(validUTF8: bytes.span) == nil)
    }

    @Test("the last four characters are told only of values longer than sixteen")
    func lastFour() {
        func lastFour(_ bytes: [UInt8]) -> String? { Receipt.lastFour(of: bytes.span) }
        let value = Array("0123456789abcWXYZ".utf8)
        #expect(value.count == 17)
        #expect(lastFour(value) == "WXYZ")
        #expect(lastFour(Array(value.dropFirst())) == nil)
        #expect(lastFour([]) == nil)
    }

    @Test("the last four characters are told only where they are printable")
    func printable() {
        let head = [UInt8](repeating: UInt8(ascii: "a"), count: 20)
        for byte in UInt8.min...UInt8.max {
            for place in 0..<4 {
                var tail = Array("WXYZ".utf8)
                tail[place] = byte
                let value = head + tail
                let told = Receipt.lastFour(of: value.span)
                let isPrintable = (0x21...0x7e).contains(byte)
                #expect(told == (isPrintable ? String(decoding: tail, as: UTF8.self) : nil))
            }
        }
    }
}

// Rows of codes as they lie in the file: one form for each, the shortest.

import Testing

@testable import Sealing

@Suite("A row of codes")
struct CodeRowTests {
    private func code(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    @Test("is a bit for each place, the first one the highest, and the codes that there are")
    func form() throws {
        var row = CodeRow()
        #expect(row.packed == nil)
        row[255] = code(3)
        row[0] = code(1)
        row[9] = code(2)
        let map: [UInt8] = [0x80, 0x40] + [UInt8](repeating: 0, count: 29) + [0x01]
        let packed = map + code(1) + code(2) + code(3)
        #expect(row.packed == packed)
        let read = try #require(CodeRow(packed: packed))
        #expect(read.differences(from: row) == [])
        row[9] = nil
        row[0] = nil
        #expect(row.packed == [UInt8](repeating: 0, count: 31) + [0x01] + code(3))
        #expect(read.differences(from: row) == [0, 9])
        row[255] = nil
        #expect(row.packed == nil)
    }

    @Test("comes back with any number of codes in it")
    func roundTrips() throws {
        var generator = SeededGenerator(seed: 5)
        for count in [1, 2, 31, 255, 256] {
            var row = CodeRow()
            for number in (UInt8.min...UInt8.max).shuffled(using: &generator).prefix(count) {
                row[number] = code(number | 1)
            }
            let packed = try #require(row.packed)
            #expect(packed.count == 32 + 32 * count)
            let read = try #require(CodeRow(packed: packed))
            #expect(read.differences(from: row) == [])
        }
    }
}

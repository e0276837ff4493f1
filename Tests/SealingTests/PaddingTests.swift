// Padding: which sizes there are, and that nothing else is read.

import SecretMemory
import Testing

@testable import Sealing

@Suite("Padding")
struct PaddingTests {
    private static func value(in padded: [UInt8]) -> Range<Int>? { Padding.value(in: padded.span) }

    private static func pad(_ value: [UInt8]) -> [UInt8] {
        let padded = Padding.pad(value.span)
        return copy(padded.bytes)
    }

    @Test(
        "a value is padded to the next bucket",
        arguments: [
            (0, 64), (1, 64), (58, 64), (59, 64), (60, 128), (123, 128), (124, 192), (1_018, 1_024),
            (1_019, 1_024), (1_020, 1_088), (1_083, 1_088), (1_084, 1_152), (4_091, 4_096),
            (4_092, 4_352), (16_379, 16_384), (16_380, 17_408), (65_531, 65_536),
            (65_532, 67_584), (16 << 20, 17_301_504),
        ])
    func buckets(count: Int, bucket: Int) {
        let value = TestKeys.pattern(count)
        let padded = Padding.pad(value.span)
        #expect(padded.count == bucket)
        let place = Padding.value(in: padded.bytes)
        #expect(place == 5..<5 + count)
    }

    @Test(
        "buckets hold what they are for, grow with it, and waste less than a sixteenth above 1,024")
    func law() {
        var last = 0
        for count in 1...70_000 {
            let bucket = Padding.bucket(count)
            #expect(bucket >= count)
            #expect(bucket >= last)
            // What was padded stays in its bucket.
            #expect(Padding.bucket(bucket) == bucket)
            if count > 1_024 { #expect(16 * (bucket - count) < count) }
            last = bucket
        }
    }

    @Test("above 1,024 a bucket has as few significant bits as Padmé leaves it")
    func padme() {
        var buckets: Set<Int> = []
        for count in 1_025...65_536 { buckets.insert(Padding.bucket(count)) }
        // Six octaves; their exponents 10 to 15 have four bits, so sixteen sizes each.
        #expect(buckets.count == 6 * 16)
    }

    @Test("any byte of the padding that is not zero is refused")
    func zeros() {
        for count in [0, 1, 58, 59, 60] {
            let padded = Self.pad(TestKeys.pattern(count))
            for place in (5 + count)..<padded.count {
                #expect(Self.value(in: flipped(padded, at: place, mask: 0x80)) == nil)
            }
        }
    }

    @Test("any other length than the written one is refused unless it is that of another value")
    func lengths() {
        let padded = Self.pad([UInt8](repeating: 0, count: 10))
        for length in 0...300 {
            var changed = padded
            changed.replaceSubrange(1..<5, with: [0, 0, UInt8(length >> 8), UInt8(length & 255)])
            // Sixty-four bytes hold 0 to 59; here all of them are zeros.
            #expect(Self.value(in: changed) == (length <= 59 ? 5..<5 + length : nil))
        }
        for length: [UInt8] in [[255, 255, 255, 255], [128, 0, 0, 0], [0, 255, 255, 255]] {
            var changed = padded
            changed.replaceSubrange(1..<5, with: length)
            #expect(Self.value(in: changed) == nil)
        }
    }

    @Test("any version but one is refused")
    func version() {
        let padded = Self.pad([1, 2, 3])
        for version in UInt8.min...UInt8.max {
            var changed = padded
            changed[0] = version
            #expect((Self.value(in: changed) != nil) == (version == 1))
        }
    }

    @Test("any other number of zeros is refused")
    func buckets() {
        let padded = Self.pad([1, 2, 3])
        for count in 0...200 where count != 64 {
            let changed =
                count < 64
                ? Array(padded.prefix(count))
                : padded + [UInt8](repeating: 0, count: count - 64)
            #expect(Self.value(in: changed) == nil)
        }
        #expect(Self.value(in: []) == nil)
    }
}

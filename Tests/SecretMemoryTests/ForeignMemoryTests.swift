// Locked memory in the shape of malloc, as a C library uses it.

import Testing

@testable import SecretMemory

@Suite("Memory for a C library")
struct ForeignMemoryTests {
    private static let sizes = [1, 15, 16, 47, 48, 49, 100, 16_368, 16_369, 100_000]

    private static func fill(_ pointer: UnsafeMutableRawPointer, _ count: Int, _ seed: Int) {
        for index in 0..<count {
            pointer.storeBytes(
                of: UInt8((index + seed) % 251), toByteOffset: index, as: UInt8.self)
        }
    }

    private static func holds(_ pointer: UnsafeMutableRawPointer, _ count: Int, _ seed: Int) -> Bool
    {
        memory(at: UInt(bitPattern: pointer), count) == (0..<count).map { UInt8(($0 + seed) % 251) }
    }

    @Test("is aligned to 16 and as large as asked for", arguments: sizes)
    func allocate(count: Int) throws {
        let first = try #require(ForeignMemory.allocate(count))
        let second = try #require(ForeignMemory.allocate(count))
        #expect(UInt(bitPattern: first).isMultiple(of: 16))
        #expect(first != second)
        Self.fill(first, count, 1)
        Self.fill(second, count, 2)
        #expect(Self.holds(first, count, 1))
        ForeignMemory.release(second)
        #expect(Self.holds(first, count, 1))
        ForeignMemory.release(first)
    }

    @Test("is not had for no bytes, fewer, or more than an address can count")
    func impossible() {
        for count in [0, -1, Int.min, Int.max, Int.max / 2] {
            #expect(ForeignMemory.allocate(count) == nil)
            #expect(ForeignMemory.reallocate(nil, count) == nil)
        }
    }

    @Test("of nobody is released without a word")
    func releaseNothing() {
        ForeignMemory.release(nil)
    }

    @Test("keeps its bytes when it grows or shrinks", arguments: sizes)
    func reallocate(count: Int) throws {
        for target in Self.sizes {
            let pointer = try #require(ForeignMemory.allocate(count))
            Self.fill(pointer, count, 3)
            let moved = try #require(ForeignMemory.reallocate(pointer, target))
            #expect(Self.holds(moved, min(count, target), 3))
            Self.fill(moved, target, 4)
            #expect(Self.holds(moved, target, 4))
            ForeignMemory.release(moved)
        }
    }

    @Test("is new when nothing is reallocated, and gone when it is reallocated to nothing")
    func reallocateEnds() throws {
        let pointer = try #require(ForeignMemory.reallocate(nil, 40))
        Self.fill(pointer, 40, 5)
        #expect(Self.holds(pointer, 40, 5))
        #expect(ForeignMemory.reallocate(pointer, 0) == nil)
    }

    @Test("stays as it was when it cannot grow")
    func reallocateTooFar() throws {
        let pointer = try #require(ForeignMemory.allocate(40))
        Self.fill(pointer, 40, 6)
        #expect(ForeignMemory.reallocate(pointer, Int.max) == nil)
        #expect(Self.holds(pointer, 40, 6))
        ForeignMemory.release(pointer)
    }
}

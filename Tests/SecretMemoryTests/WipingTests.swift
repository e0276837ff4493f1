// That a secret leaves nothing behind: each test has a process of its own, so that nobody else
// uses the block between its end and the look at it.

import Glibc
import Testing
import VaultModel

@testable import SecretMemory

@Suite("When a secret ends")
struct WipingTests {
    @Test("its block is zeros, whatever its size, over the whole of the block")
    func small() async {
        await #expect(processExitsWith: .success) {
            for count in [1, 63, 64, 65, 1_000, 4_096, 16_384] {
                let place = secretPlace(count)
                let block = SecretHeap.blockBytes(for: count)
                #expect(memory(at: place, block).allSatisfy { $0 == 0 }, "\(count)")
            }
        }
    }

    @Test("its pages are gone, if it had pages of its own")
    func large() async {
        await #expect(processExitsWith: .success) {
            for count in [16_385, 1 << 20, 16 << 20] {
                var isThere = false
                let place = secretPlace(count) { isThere = (try? Mapping.holding($0)) != nil }
                // Otherwise that it is gone would say nothing.
                #expect(isThere, "\(count)")
                let isGone = try Mapping.holding(place) == nil
                #expect(isGone, "\(count)")
            }
        }
    }

    @Test("or moves to grow, its old block is zeros")
    func growing() async {
        await #expect(processExitsWith: .success) {
            var secret = SecretBytes()
            var places: [(UInt, Int)] = []
            for _ in 0..<16_384 {
                let place = address(of: secret.bytes)
                let count = secret.count
                secret.append(0xa5)
                if address(of: secret.bytes) != place { places.append((place, count)) }
            }
            // From 64 bytes to 16,384 in steps of two.
            #expect(places.map(\.1) == [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192])
            for (place, count) in places {
                #expect(memory(at: place, count).allSatisfy { $0 == 0 })
            }
            #expect(copy(secret.bytes) == [UInt8](repeating: 0xa5, count: 16_384))
        }
    }

    @Test("its block is used again for the next one of its size, so a thousand take no more memory")
    func reuse() async {
        await #expect(processExitsWith: .success) {
            let places = (0..<1_000).map { _ in secretPlace(48) }
            #expect(Set(places).count == 1)
        }
    }

    @Test("that a C library kept, its block is zeros too")
    func foreign() async {
        await #expect(processExitsWith: .success) {
            let pointer = try #require(ForeignMemory.allocate(100))
            pointer.initializeMemory(as: UInt8.self, repeating: 0xa5, count: 100)
            let place = UInt(bitPattern: pointer)
            let moved = try #require(ForeignMemory.reallocate(pointer, 5_000))
            #expect(UInt(bitPattern: moved) != place)
            #expect(memory(at: place, 100).allSatisfy { $0 == 0 })
            #expect(memory(at: UInt(bitPattern: moved), 100).allSatisfy { $0 == 0xa5 })
            ForeignMemory.release(moved)
            #expect(memory(at: UInt(bitPattern: moved), 100).allSatisfy { $0 == 0 })
        }
    }

    @Test("a field's value is zeros as well")
    func fields() async {
        await #expect(processExitsWith: .success) {
            let place = fieldPlace()
            #expect(memory(at: place, 100).allSatisfy { $0 == 0 })
        }
    }
}

/// Where a secret of `count` bytes 0xa5 lay that has ended.
private func secretPlace(
    _ count: Int, whileItLives look: (UInt) -> Void = { _ in }
) -> UInt {
    let source = [UInt8](repeating: 0xa5, count: count)
    let secret = SecretBytes(copying: source.span)
    let place = address(of: secret.bytes)
    // The look is worth something only if the bytes did stand there.
    precondition(memory(at: place, count).allSatisfy { $0 == 0xa5 })
    look(place)
    return place
}

/// Where a field's value lay whose secret has ended.
private func fieldPlace() -> UInt {
    let source = [UInt8](repeating: 0xa5, count: 100)
    var fields = SecretFields()
    precondition(fields.add(.secret, source.span))
    let place = address(of: fields.value(of: .secret))
    precondition(memory(at: place, 100).allSatisfy { $0 == 0xa5 })
    return place
}

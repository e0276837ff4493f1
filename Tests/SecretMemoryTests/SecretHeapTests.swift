// The heap of small secrets, by its own bookkeeping.

import Testing

@testable import SecretMemory

@Suite("The heap of small secrets")
struct SecretHeapTests {
    @Test(
        "gives blocks of a power of two from 64 bytes to 16 KiB",
        arguments: [
            (0, 64), (1, 64), (64, 64), (65, 128), (128, 128), (129, 256), (8_193, 16_384),
            (16_384, 16_384),
        ])
    func sizes(asked: Int, given: Int) {
        #expect(SecretHeap.blockBytes(for: asked) == given)
    }

    @Test("wipes a block that comes back, and gives it out again")
    func reuse() {
        var heap = SecretHeap()
        for count in [1, 64, 65, 1_000, 16_384] {
            let size = SecretHeap.blockBytes(for: count)
            let block = heap.take(count)
            block.initializeMemory(as: UInt8.self, repeating: 0xa5, count: size)
            heap.give(back: block, bytes: count)
            #expect(memory(at: UInt(bitPattern: block), size).allSatisfy { $0 == 0 })
            let again = heap.take(size)
            #expect(again == block)
        }
    }

    @Test("never gives out a byte twice")
    func disjoint() {
        var heap = SecretHeap()
        var taken: [(start: UInt, end: UInt)] = []
        let counts = [64, 16_384, 100, 1, 4_096, 16_384, 300, 64, 9_000]
        for round in 0..<200 {
            let count = counts[round % counts.count]
            let block = UInt(bitPattern: heap.take(count))
            #expect(block.isMultiple(of: 64))
            taken.append((block, block + UInt(SecretHeap.blockBytes(for: count))))
        }
        taken.sort { $0.start < $1.start }
        for (left, right) in zip(taken, taken.dropFirst()) { #expect(left.end <= right.start) }
    }

    @Test("gives a block of one size to no other size")
    func classes() {
        var heap = SecretHeap()
        let small = heap.take(64)
        heap.give(back: small, bytes: 64)
        #expect(heap.take(65) != small)
        #expect(heap.take(1) == small)
    }

    @Test("serves many tasks at once, and each finds only its own bytes")
    func concurrently() async {
        let isIntact = await withTaskGroup(of: Bool.self) { group in
            for task in UInt8(1)...8 {
                group.addTask {
                    for round in 0..<2_000 {
                        let own = [UInt8](repeating: task, count: 1 + round % 300)
                        let secret = SecretBytes(copying: own.span)
                        let zeros = SecretBytes(zeros: 1 + round % 70)
                        guard copy(secret.bytes) == own,
                            copy(zeros.bytes).allSatisfy({ $0 == 0 })
                        else { return false }
                    }
                    return true
                }
            }
            return await group.allSatisfy { $0 }
        }
        #expect(isIntact)
    }
}

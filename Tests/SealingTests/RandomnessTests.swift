// Random bytes: each is given out once. What happens when there are none is in test_faults.py.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Random bytes")
struct RandomnessTests {
    @Test("come in the number asked for, also beyond what the system gives in one call")
    func counts() throws {
        for count in [0, 1, 2, 64, 255, 256, 257, 511, 512, 513, 1_024] {
            let bytes = try Randomness.bytes(count)
            #expect(bytes.count == count)
            // Eight zeros in a row, once in 10^16 runs: a part that was not filled.
            for start in stride(from: 0, to: count - 8, by: 8) {
                #expect(bytes[start..<start + 8].contains { $0 != 0 })
            }
        }
    }

    @Test("are given out once")
    func once() throws {
        var seen: Set<ArraySlice<UInt8>> = []
        for round in 0..<50_000 {
            let bytes = try Randomness.bytes(16 + round % 17)
            seen.insert(bytes.prefix(8))
            seen.insert(bytes.suffix(8))
        }
        #expect(seen.count == 100_000)
    }

    @Test("are no identifier twice, whoever else draws")
    func concurrently() async throws {
        let identifiers = try await withThrowingTaskGroup(of: [Identifier].self) { group in
            for _ in 0..<8 {
                group.addTask { try (0..<12_500).map { _ in try Randomness.identifier() } }
            }
            return try await group.reduce(into: Set<Identifier>()) { $0.formUnion($1) }
        }
        #expect(identifiers.count == 100_000)
    }

    @Test("take many values at every place of a salt, so none of it stays unfilled")
    func everyPlace() throws {
        var values = [Set<UInt8>](repeating: [], count: Cobblestone.saltCount)
        for _ in 0..<4_096 {
            for (place, byte) in try Randomness.bytes(Cobblestone.saltCount).enumerated() {
                values[place].insert(byte)
            }
        }
        // Fewer than 240 of 256 values in 4,096 draws happens once in more than 10^30 runs.
        for place in values { #expect(place.count >= 240) }
    }
}

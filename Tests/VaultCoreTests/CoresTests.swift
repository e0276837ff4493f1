// Work shared among cores: all of it is done once, in its order, by hands that nobody shares.

import Synchronization
import Testing
import VaultModel

@testable import VaultCore

@Suite("work on all cores")
struct CoresTests {
    /// Notes when two threads use it at once.
    private final class Hand: Sendable {
        let isBusy = Atomic(false)
        let clashes = Atomic(0)

        func use() {
            if isBusy.exchange(true, ordering: .acquiringAndReleasing) {
                clashes.add(1, ordering: .relaxed)
            }
            isBusy.store(false, ordering: .releasing)
        }
    }

    @Test(
        "gives what was made of each input, in their order",
        arguments: [0, 1, 63, 64, 127, 128, 129, 2_047, 2_048, 5_000])
    func order(count: Int) {
        let inputs = Array(0..<count)
        for hands in [1, 2, 3, 8] {
            let hands = (0..<hands).map { _ in Hand() }
            let made = Cores.map(inputs, with: hands) { hand, input in
                hand.use()
                return input * 3
            }
            #expect(made == inputs.map { $0 * 3 })
            let work = Cores.Work(inputs, with: hands) { hand, input in
                hand.use()
                return input + 1
            }
            #expect(work.finish() == inputs.map { $0 + 1 })
            #expect(hands.allSatisfy { $0.clashes.load(ordering: .relaxed) == 0 })
        }
    }

    @Test("portions hold every row once, and end by number or by size")
    func portions() throws {
        func portions(of sizes: [Int]) throws -> [[Int]] {
            var found: [[Int]] = []
            try inPortions(
                { body throws(VaultError) in for size in sizes { try body(size) } }, size: { $0 },
                with: [0, 1], work: { $1 + 1 },
                use: { rows, made throws(VaultError) in
                    #expect(made == rows.map { $0 + 1 })
                    found.append(rows)
                })
            return found
        }
        #expect(try portions(of: []) == [])
        #expect(try portions(of: [1]) == [[1]])
        let many = Array(repeating: 0, count: 5_000)
        #expect(try portions(of: many).map(\.count) == [2_048, 2_048, 904])
        let large = [5 << 20, 1, 3 << 20, 2 << 20, 7]
        #expect(try portions(of: large) == [[5 << 20], [1, 3 << 20, 2 << 20], [7]])
    }

    @Test("an error of a row or of a portion ends it")
    func errors() {
        let error = VaultError.busy(path: "x")
        var seen = 0
        #expect(throws: error) {
            try inPortions(
                { (body: (Int) throws(VaultError) -> Void) throws(VaultError) in
                    try body(1)
                    throw error
                }, size: { _ in 0 }, with: [0], work: { $1 },
                use: { _, _ throws(VaultError) in seen += 1 })
        }
        #expect(seen == 0)
        #expect(throws: error) {
            try inPortions(
                { (body: (Int) throws(VaultError) -> Void) throws(VaultError) in
                    for number in 0..<5_000 { try body(number) }
                }, size: { _ in 0 }, with: [0, 1], work: { $1 },
                use: { _, _ throws(VaultError) in
                    seen += 1
                    throw error
                })
        }
        #expect(seen == 1)
    }
}

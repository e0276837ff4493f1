// Signals as bits.

import Glibc
import Testing

@testable import CommandLineTool

@Suite("a set of signals")
struct SignalSetTests {
    @Test("holds what was added, from the lowest number to the highest", arguments: [1, 9, 31, 64])
    func holds(number: Int32) {
        let set = SignalSet().with(number).with(SIGTERM).with(number)
        #expect(Array(set) == [number, SIGTERM].sorted())
        #expect(set.contains(number) && set.contains(SIGTERM) && !set.contains(SIGUSR1))
        #expect(Array(SignalSet()).isEmpty)
    }
}

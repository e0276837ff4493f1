// When a vault locks by itself: idle, at last, and after a sleep.

import AgentProtocol
import Testing

@testable import AgentService

@Suite("an open vault")
struct AutoLockTests {
    private let minute: Int64 = 60_000

    @Test("locks 15 minutes after it was used last")
    func idle() {
        var lock = AutoLock()
        #expect(lock.remaining(at: 5) == nil)
        lock.open(at: 1_000)
        #expect(lock.remaining(at: 1_000) == 15 * minute)
        lock.use(at: 1_000 + 14 * minute)
        #expect(lock.remaining(at: 1_000 + 15 * minute) == 14 * minute)
        #expect(lock.remaining(at: 1_000 + 29 * minute) == 0)
        lock.close()
        #expect(lock.remaining(at: 1_000 + 29 * minute) == nil)
    }

    @Test("locks after eight hours however much it is used")
    func most() {
        var lock = AutoLock()
        lock.open(at: 0)
        for time in stride(from: 0, through: 8 * 60 * minute, by: Int(minute)) {
            #expect(lock.remaining(at: Int64(time)) != nil)
            lock.use(at: Int64(time))
        }
        #expect(lock.remaining(at: 8 * 60 * minute) == 0)
        #expect(lock.remaining(at: 8 * 60 * minute - 1) == 1)
    }

    @Test("is found locked by whoever wakes up an hour later")
    func sleep() {
        var lock = AutoLock()
        lock.open(at: 0)
        lock.use(at: 1)
        #expect(lock.remaining(at: 60 * minute) == 0)
    }

    @Test("locks earlier if whoever unlocks says so, and never later than the agent was told")
    func wishes() {
        var lock = AutoLock(LockTimes(idle: 60, most: 600))
        lock.open(at: 0)
        #expect(lock.remaining(at: 0) == minute)
        lock.open(for: LockTimes(idle: 7_200, most: 7_200), at: 0)
        #expect(lock.remaining(at: 0) == 10 * minute)
        lock.open(for: LockTimes(idle: 5, most: nil), at: 0)
        #expect(lock.remaining(at: 0) == 5_000)
        var other = AutoLock(LockTimes(idle: nil, most: .max))
        other.open(for: LockTimes(idle: .max, most: .max), at: 0)
        #expect(other.remaining(at: 0) == 8 * 60 * minute)
    }

    @Test("does not stay open longer when the clock goes back")
    func backwards() {
        var lock = AutoLock()
        lock.open(at: 100 * minute)
        lock.use(at: 105 * minute)
        lock.use(at: 90 * minute)
        #expect(lock.remaining(at: 119 * minute) == minute)
    }
}

// How long a wait lasts, whatever becomes of the clocks.

import Testing
import VaultModel

@testable import Rotation

@Suite("A wait")
struct WaitTests {
    private static let wait = Wait(began: Sample.reading, seconds: 600)

    private static func reading(
        wall: Int64, running: UInt64? = nil, boot: Identifier = Sample.boot
    ) -> ClockReading {
        let milliseconds = Int64(Sample.begun.milliseconds) + wall * 1_000
        return ClockReading(
            wall: Timestamp(milliseconds: UInt64(milliseconds)),
            running: running.map {
                ClockReading.Running(boot: boot, milliseconds: 5_000 + $0 * 1_000)
            })
    }

    @Test("is over when its seconds have passed, and not before")
    func plain() {
        for seconds: UInt64 in [0, 1, 599] {
            #expect(
                Self.wait.standing(at: Sample.later(seconds))
                    == .running(until: Sample.begun.adding(seconds: 600), nil))
        }
        for seconds: UInt64 in [600, 601, 1_000_000] {
            #expect(Self.wait.standing(at: Sample.later(seconds)) == .over(nil))
        }
    }

    @Test("is not shortened by a clock that is set forward while the machine runs, and says so")
    func forward() {
        let now = Self.reading(wall: 100_000, running: 10)
        #expect(
            Self.wait.standing(at: now)
                == .running(
                    until: Sample.begun.adding(seconds: 100_590),
                    .clockSet(forward: true, seconds: 99_990)))
        #expect(
            Self.wait.standing(at: Self.reading(wall: 100_000, running: 600))
                == .over(.clockSet(forward: true, seconds: 99_400)))
    }

    @Test("is not shortened by a clock that is set back, nor made longer while the machine runs")
    func back() {
        let now = Self.reading(wall: -100_000, running: 10)
        #expect(
            Self.wait.standing(at: now)
                == .running(
                    until: Timestamp(
                        milliseconds: Sample.begun.milliseconds - 100_000_000 + 590_000),
                    .clockSet(forward: false, seconds: 100_010)))
        #expect(
            Self.wait.standing(at: Self.reading(wall: -100_000, running: 600))
                == .over(.clockSet(forward: false, seconds: 100_600)))
        let other = Identifier([UInt8](1..<17))!
        #expect(
            Self.wait.standing(at: Self.reading(wall: -100_000, running: 600, boot: other))
                == .running(
                    until: Sample.begun.adding(seconds: 600),
                    .clockSet(forward: false, seconds: 100_000)))
    }

    @Test("says when only the wall clock tells that it is over")
    func otherBoot() {
        let other = Identifier([UInt8](1..<17))!
        for reading in [
            Self.reading(wall: 600), Self.reading(wall: 600, running: 600, boot: other),
        ] {
            #expect(Self.wait.standing(at: reading) == .over(.byWallClock))
        }
        #expect(
            Self.wait.standing(at: Self.reading(wall: 599, running: 9_999, boot: other))
                == .running(until: Sample.begun.adding(seconds: 600), nil))
        // A clock of this start that says less than when the wait began is none.
        let earlier = ClockReading(
            wall: Sample.begun,
            running: ClockReading.Running(boot: Sample.boot, milliseconds: 4_999))
        #expect(
            Self.wait.standing(at: earlier)
                == .running(until: Sample.begun.adding(seconds: 600), nil))
    }

    @Test("keeps its sense at the ends of time")
    func extremes() {
        let last = ClockReading(wall: Timestamp(milliseconds: .max))
        for wait in [Wait(began: last, seconds: .max), Wait(began: Sample.reading, seconds: .max)] {
            for now in [last, Sample.reading, ClockReading(wall: Timestamp(milliseconds: 0))] {
                _ = wait.standing(at: now)
            }
        }
        let running = ClockReading(
            wall: Timestamp(milliseconds: .max),
            running: ClockReading.Running(boot: Sample.boot, milliseconds: 0))
        let now = ClockReading(
            wall: Timestamp(milliseconds: 5),
            running: ClockReading.Running(boot: Sample.boot, milliseconds: .max))
        #expect(Wait(began: running, seconds: 1).standing(at: now) != .over(nil))
    }
}

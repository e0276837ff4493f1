// How long a wait has lasted: by the clock that nobody sets where that can be told, else by the
// wall clock.

internal import VaultModel

/// A wait of so many seconds since a moment.
struct Wait {
    let began: ClockReading
    let seconds: UInt64

    /// Differences between two clocks up to this are no setting, in milliseconds.
    static let tolerance: UInt64 = 60_000

    enum Standing: Hashable {
        case running(until: Timestamp, Notice?)
        case over(Notice?)

        var notice: Notice? {
            switch self {
            case .running(_, let notice), .over(let notice): notice
            }
        }
    }

    /// The wall clock being set back never shortens the wait. Being set forward does not either as
    /// long as the machine runs on; if it was started anew, that cannot be told from time that
    /// passed, and is said.
    func standing(at now: ClockReading) -> Standing {
        let end = began.wall.adding(seconds: seconds)
        guard let elapsed = elapsed(until: now) else {
            if now.wall >= end { return .over(.byWallClock) }
            let back = began.wall > now.wall ? began.wall.milliseconds - now.wall.milliseconds : 0
            return .running(
                until: end,
                back > Self.tolerance ? .clockSet(forward: false, seconds: back / 1_000) : nil)
        }
        let notice = notice(elapsed, now)
        guard elapsed / 1_000 < seconds else { return .over(notice) }
        return .running(until: now.wall.adding(seconds: seconds - elapsed / 1_000), notice)
    }

    /// Milliseconds by the clock that nobody sets, if the machine runs on since the wait began.
    private func elapsed(until now: ClockReading) -> UInt64? {
        guard let then = began.running, let here = now.running, then.boot == here.boot,
            here.milliseconds >= then.milliseconds
        else { return nil }
        return here.milliseconds - then.milliseconds
    }

    private func notice(_ elapsed: UInt64, _ now: ClockReading) -> Notice? {
        let (expected, isTooLate) = began.wall.milliseconds.addingReportingOverflow(elapsed)
        let shown = now.wall.milliseconds
        if !isTooLate, shown > expected, shown - expected > Self.tolerance {
            return .clockSet(forward: true, seconds: (shown - expected) / 1_000)
        }
        guard isTooLate || expected > shown, expected &- shown > Self.tolerance else { return nil }
        return .clockSet(forward: false, seconds: (expected &- shown) / 1_000)
    }
}

// When an open vault locks by itself. Pure: time is given.

public import AgentProtocol

/// Counts in milliseconds of a clock that goes on while the machine sleeps (CLOCK_BOOTTIME), so
/// that a machine which wakes up late finds its vault locked.
public struct AutoLock: Hashable, Sendable {
    /// Seconds without a use, unless the agent is told otherwise.
    public static let usualIdle: UInt64 = 15 * 60
    /// Seconds after which an agent locks whatever happens, unless it is told to lock earlier.
    public static let longest: UInt64 = 8 * 3_600

    private let idleBound: Int64
    private let mostBound: Int64
    private var idle: Int64
    private var most: Int64
    private var opened: Int64?
    private var used: Int64 = 0

    /// What holds where whoever unlocks says nothing; `most` is also the bound of what they may
    /// say.
    public init(_ times: LockTimes = LockTimes()) {
        mostBound = Self.milliseconds(times.most ?? Self.longest, atMost: Self.longest)
        idleBound = Self.milliseconds(times.idle ?? Self.usualIdle, atMost: Self.longest)
        idle = idleBound
        most = mostBound
    }

    private static func milliseconds(_ seconds: UInt64, atMost bound: UInt64) -> Int64 {
        Int64(min(seconds, bound)) * 1_000
    }

    public mutating func open(for times: LockTimes = LockTimes(), at now: Int64) {
        idle = times.idle.map { Self.milliseconds($0, atMost: Self.longest) } ?? idleBound
        most = min(mostBound, Self.milliseconds(times.most ?? Self.longest, atMost: Self.longest))
        opened = now
        used = now
    }

    public mutating func use(at now: Int64) { used = max(used, now) }

    public mutating func close() { opened = nil }

    /// Milliseconds until it is over, 0 if it is; nil if nothing is open.
    public func remaining(at now: Int64) -> Int64? {
        guard let opened else { return nil }
        return max(0, min(opened + most, used + idle) - now)
    }
}

// The clock and the size of this machine.

internal import Glibc
internal import VaultModel

enum Clock {
    /// The time of day, to the millisecond.
    static func now() -> Timestamp {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        return Timestamp(milliseconds: UInt64(max(0, milliseconds)))
    }

    /// Milliseconds that only grow, for waiting.
    static func monotonicMilliseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

enum ThisMachine {
    /// Physical memory in KiB.
    static var memoryKibibytes: UInt64 {
        UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES))))
            * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
            / 1_024
    }
}

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

extension Clock {
    /// What both clocks say: the one that people set, and the one that counts since the machine was
    /// started.
    static func reading() -> ClockReading {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_BOOTTIME, &time) == 0, let boot = boot() else {
            return ClockReading(wall: now())
        }
        let milliseconds = UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
        return ClockReading(
            wall: now(), running: ClockReading.Running(boot: boot, milliseconds: milliseconds))
    }

    /// Which start of the machine this is (proc_sys_kernel(5)).
    private static func boot() -> Identifier? {
        guard let line = try? SmallFile.lastLine("/proc/sys/kernel/random/boot_id") else {
            return nil
        }
        return Identifier(hexadecimal: line.filter(\.isHexDigit).lowercased())
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

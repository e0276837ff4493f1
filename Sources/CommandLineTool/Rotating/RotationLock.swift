// One process at a time goes on with a rotation: two could make two keys.

internal import Glibc
internal import VaultModel

/// Held as long as it lives. Processes that share no memory folder are told by the journal alone,
/// and hold both keys.
struct RotationLock: ~Copyable {
    private let descriptor: Int32

    init(_ id: RotationID) throws(Complaint) {
        guard let runtime = try? Places.runtime() else {
            descriptor = -1
            return
        }
        let folder = "\(runtime)/rotations"
        _ = unsafe mkdir(folder, 0o700)
        descriptor = unsafe open(
            "\(folder)/\(id.identifier.hexadecimal)", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
            0o600)
        guard descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Complaint(
                .busy, "another process goes on with this rotation",
                hint: "try again when it has ended")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
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

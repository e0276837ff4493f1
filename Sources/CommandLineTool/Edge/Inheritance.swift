// What the process was given by its parent and gives on to a job unchanged.

internal import Glibc
internal import Synchronization

/// The limits, mask and dispositions that we changed for ourselves.
enum Inheritance {
    private struct Given: Sendable {
        var core: (soft: UInt64, hard: UInt64) = (0, 0)
        var mask: mode_t = 0o022
        var isPipeIgnored = false
        var isFileSizeIgnored = false
    }

    private static let given = Mutex(Given())

    /// Remembers them; called before `Hardening` changes any.
    static func remember() {
        var core = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        let mask = umask(0o077)
        _ = umask(mask)
        let (pipe, size) = (isIgnored(SIGPIPE), isIgnored(SIGXFSZ))
        given.withLock {
            $0 = Given(
                core: (UInt64(core.rlim_cur), UInt64(core.rlim_max)), mask: mask,
                isPipeIgnored: pipe, isFileSizeIgnored: size)
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// Sets everything back; the next thing must be the start of another program.
    static func restore() {
        let given = given.withLock { $0 }
        var core = rlimit(rlim_cur: rlim_t(given.core.soft), rlim_max: rlim_t(given.core.hard))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        _ = umask(given.mask)
        if !given.isPipeIgnored { _ = signal(SIGPIPE, SIG_DFL) }
        if !given.isFileSizeIgnored { _ = signal(SIGXFSZ, SIG_DFL) }
    }

    /// Undoes `restore` after a program was started beside us.
    static func hardenAgain() { Hardening.begin() }
}

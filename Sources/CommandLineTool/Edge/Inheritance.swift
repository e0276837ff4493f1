// What the process was given by its parent and gives on to a job unchanged.

internal import Glibc
internal import Synchronization

/// The limits, mask and dispositions that we changed for ourselves.
enum Inheritance {
    private struct Given: Sendable {
        var core: (soft: UInt64, hard: UInt64) = (0, 0)
        var mask: mode_t = 0o022
        var ignored: [Int32] = []
        var blocked = sigset_t()
    }

    /// Signals that we handle for ourselves: ignored by us, or passed on to a job.
    private static let handled = [
        SIGPIPE, SIGXFSZ, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP,
    ]

    private static let given = Mutex(Given())

    /// Remembers them; called before `Hardening` changes any.
    static func remember() {
        var core = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        let mask = umask(0o077)
        _ = umask(mask)
        let ignored = handled.filter(isIgnored)
        var blocked = sigset_t()
        _ = unsafe sigprocmask(SIG_BLOCK, nil, &blocked)
        let given = Given(
            core: (UInt64(core.rlim_cur), UInt64(core.rlim_max)), mask: mask, ignored: ignored,
            blocked: blocked)
        Self.given.withLock { $0 = given }
    }

    /// The signals that another program starts with the default of: all but those that our parent
    /// ignored, as nohup does.
    static var defaults: [Int32] {
        let ignored = given.withLock { $0.ignored }
        return handled.filter { !ignored.contains($0) }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// The signals that our parent blocked.
    static var blocked: sigset_t { given.withLock { $0.blocked } }

    /// Sets everything back; the next thing must be the start of another program.
    static func restore() {
        let given = given.withLock { $0 }
        var core = rlimit(rlim_cur: rlim_t(given.core.soft), rlim_max: rlim_t(given.core.hard))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        _ = umask(given.mask)
        for number in [SIGPIPE, SIGXFSZ] where !given.ignored.contains(number) {
            _ = signal(number, SIG_DFL)
        }
        if given.ignored.contains(SIGQUIT) { _ = signal(SIGQUIT, SIG_IGN) }
    }

    /// Undoes `restore` after a program was started beside us.
    static func hardenAgain() { Hardening.harden() }
}

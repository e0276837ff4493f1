// What the process was given by its parent and gives on to a job unchanged.

internal import Glibc
internal import Synchronization

/// The limits, masks and dispositions that we change for ourselves.
enum Inheritance {
    private struct Given: Sendable {
        var core: (soft: UInt64, hard: UInt64) = (0, 0)
        var fileMode: mode_t = 0o022
        var blocked = sigset_t()
        var ignored = SignalSet()
    }

    /// Signals that we ignore, catch or pass on.
    private static var handled: SignalSet {
        Hardening.signals.with(SIGINT).with(SIGTERM).with(SIGHUP).with(SIGTSTP)
    }

    private static let given = Mutex<Given?>(nil)

    /// Remembers them; called before `Hardening` changes any. What was remembered first stays.
    static func remember() {
        var found = Given()
        var core = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        found.core = (UInt64(core.rlim_cur), UInt64(core.rlim_max))
        found.fileMode = umask(0o077)
        _ = umask(found.fileMode)
        _ = unsafe sigprocmask(SIG_BLOCK, nil, &found.blocked)
        for number in handled where isIgnored(number) {
            found.ignored = found.ignored.with(number)
        }
        given.withLock { if $0 == nil { $0 = found } }
    }

    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// What our parent had us ignore.
    static var ignored: SignalSet { given.withLock { $0?.ignored ?? SignalSet() } }

    /// Sets everything back; the next thing must be the start of another program in our place.
    static func restore() {
        guard var given = given.withLock({ $0 }) else { return }
        restoreLimits()
        for number in handled {
            _ = signal(number, given.ignored.contains(number) ? SIG_IGN : SIG_DFL)
        }
        _ = unsafe sigprocmask(SIG_SETMASK, &given.blocked, nil)
    }

    /// Runs `start`, which starts a program beside us, with everything set back for it that is not
    /// ours alone: limits here for that moment, mask and dispositions in its attributes.
    ///
    /// Only an ignored SIGCHLD cannot be handed on so: we need its end to be told.
    static func handOn(
        _ attributes: inout posix_spawnattr_t, _ start: (inout posix_spawnattr_t) -> Int32
    ) -> Int32 {
        var given = given.withLock { $0 } ?? Given()
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        for number in handled where !given.ignored.contains(number) {
            unsafe sigaddset(&defaults, number)
        }
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setsigmask(&attributes, &given.blocked)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let areLimitsOurs = restoreLimits()
        defer { if areLimitsOurs { Hardening.setLimits() } }
        return start(&attributes)
    }

    /// False if nothing was remembered.
    @discardableResult
    private static func restoreLimits() -> Bool {
        guard let given = given.withLock({ $0 }) else { return false }
        var core = rlimit(rlim_cur: rlim_t(given.core.soft), rlim_max: rlim_t(given.core.hard))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        _ = umask(given.fileMode)
        return true
    }
}

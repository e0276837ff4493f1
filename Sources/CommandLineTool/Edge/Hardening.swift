// The first thing that the process does: what it must not leave behind or let in.

internal import CLinux
internal import Glibc

/// Process hygiene (`docs/threat-model.md`).
enum Hardening {
    /// Of the Swift runtime, which prints registers and memory when it crashes: let the kernel end
    /// us instead.
    private static var crashes: SignalSet {
        SignalSet().with(SIGQUIT).with(SIGILL).with(SIGTRAP).with(SIGABRT).with(SIGFPE)
            .with(SIGBUS).with(SIGSEGV)
    }

    /// Signals whose dispositions are changed. Of SIGPIPE and SIGXFSZ, an error where they happen
    /// is enough.
    static var signals: SignalSet { crashes.with(SIGPIPE).with(SIGXFSZ).with(SIGCHLD) }

    static func begin() {
        Inheritance.remember()
        setSignals()
        // Not dumpable: nobody of the same user may read /proc/PID/mem, environ or maps, or attach.
        _ = coffer_set_dumpable(0)
        setLimits()
        keepStandardDescriptors()
    }

    private static func setSignals() {
        let ignored = Inheritance.ignored
        for number in crashes where !ignored.contains(number) { _ = signal(number, SIG_DFL) }
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
        // Ignored, the kernel would not tell how a program that we started has ended.
        _ = signal(SIGCHLD, SIG_DFL)
    }

    static func setLimits() {
        // One byte, not none: a piped core pattern ignores a limit of 0. Only the soft limit, so
        // that a job can have its own back.
        var core = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core) == 0 {
            core.rlim_cur = min(1, core.rlim_max)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        }
        _ = umask(0o077)
    }

    /// A vault must never become descriptor 0, 1 or 2, to which others write words. What takes the
    /// place of a closed one cannot be written to either: a value that goes nowhere is an error.
    private static func keepStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
            let opened = unsafe open("/dev/null", O_RDONLY)
            if opened != descriptor { _exit(ExitCode.usage.rawValue) }
        }
    }
}

// The first thing that the process does: what it must not leave behind or let in.

internal import CLinux
internal import Glibc

/// Process hygiene (`docs/threat-model.md`).
enum Hardening {
    static func begin() {
        Inheritance.remember()
        // A parent that ignores it would keep from us how a job or an issuing command ended. Not in
        // `harden`: this throws away a signal that is waiting.
        _ = signal(SIGCHLD, SIG_DFL)
        harden()
    }

    /// Undoes what `Inheritance.restore` gave back for the start of another program.
    static func harden() {
        // A crash of the Swift runtime prints registers and memory: let the kernel end us instead.
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV] {
            _ = signal(number, SIG_DFL)
        }
        // Not dumpable: nobody of the same user may read /proc/PID/mem, environ or maps, or attach.
        _ = coffer_set_dumpable(0)
        // One byte, not none: a piped core pattern ignores a limit of 0. Only the soft limit, so
        // that a job can have its own back.
        var core = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core) == 0 {
            core.rlim_cur = min(1, core.rlim_max)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
        }
        _ = umask(0o077)
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
        keepStandardDescriptors()
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

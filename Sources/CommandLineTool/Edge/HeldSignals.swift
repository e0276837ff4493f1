// Signals that are held back while there may be a secret that nobody has stored yet.

internal import CLinux
internal import Glibc

/// Blocked from before the issuing command starts, as a rule until this process ends: neither a key
/// nor a closed terminal may end us between the command's first byte and the receipt.
@safe
struct HeldSignals {
    /// Readable while one of them is pending.
    let descriptor: Int32
    private let set: sigset_t

    static func hold() -> HeldSignals {
        let set = signals([
            SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGUSR1, SIGUSR2, SIGALRM,
        ])
        change(SIG_BLOCK, set)
        var blocked = set
        return HeldSignals(descriptor: unsafe coffer_signal_descriptor(&blocked), set: set)
    }

    /// Holds none back any more: those that came take effect now.
    func release() {
        close(descriptor)
        Self.change(SIG_UNBLOCK, set)
    }

    /// Takes those that came. What the terminal sends reaches the child by itself, for it is in our
    /// process group; what another process sends to us is passed on.
    func passOn(to child: borrowing Child) {
        var set = set
        var now = timespec()
        while true {
            var information = unsafe siginfo_t()
            let number = unsafe sigtimedwait(&set, &information, &now)
            guard number > 0 else { return }
            if unsafe information.si_code <= 0 { child.send(number) }
            if number == SIGTSTP { Self.stop() }
        }
    }

    /// Waits, time asleep included, or until one comes that is to end us.
    func wait(seconds: UInt64) {
        let alarm = coffer_alarm()
        defer { close(alarm) }
        guard alarm >= 0, coffer_set_alarm(alarm, Int64(clamping: seconds) * 1_000) == 0 else {
            return
        }
        var waiting = [
            pollfd(fd: alarm, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = unsafe poll(&waiting, 2, -1)
            guard count > 0 else {
                if count < 0, errno != EINTR { return }
                continue
            }
            while let number = take() {
                if [SIGINT, SIGQUIT, SIGTERM, SIGHUP].contains(number) { return }
            }
            if waiting[0].revents != 0 { return }
        }
    }

    /// Whether one that is to end us was held back.
    static var isOneWaiting: Bool {
        var pending = sigset_t()
        guard unsafe sigpending(&pending) == 0 else { return false }
        return [SIGINT, SIGQUIT, SIGTERM, SIGHUP].contains { unsafe sigismember(&pending, $0) == 1 }
    }

    /// Takes one that came, or nil.
    func take() -> Int32? {
        var set = set
        var now = timespec()
        let number = unsafe sigtimedwait(&set, nil, &now)
        return number > 0 ? number : nil
    }

    /// Stops us as ^Z does, until the shell goes on with us and the command together. The kernel
    /// does not stop a process that no shell could go on with.
    private static func stop() {
        kill(getpid(), SIGTSTP)
        let stop = signals([SIGTSTP])
        change(SIG_UNBLOCK, stop)
        change(SIG_BLOCK, stop)
    }

    private static func signals(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        return set
    }

    private static func change(_ how: Int32, _ signals: sigset_t) {
        var signals = signals
        _ = unsafe sigprocmask(how, &signals, nil)
    }
}

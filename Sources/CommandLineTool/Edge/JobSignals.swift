// The signals that reach us while a job of ours runs beside us.

internal import Glibc

/// They are passed on to the job, and we stop and end as it does.
struct JobSignals {
    private let set: sigset_t
    /// What was blocked before.
    private let before: sigset_t
    /// Whether one came meanwhile that ends a program unless it heeds it.
    private(set) var wasToldToEnd = false

    private init(set: sigset_t, before: sigset_t) {
        self.set = set
        self.before = before
    }

    /// Blocks them, so that they are taken one at a time and none ends us before our files are
    /// gone.
    static func block() -> JobSignals {
        // A parent that ignores it would keep from us how the job ended.
        _ = signal(SIGCHLD, SIG_DFL)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in deadly + [SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGCONT, SIGWINCH, SIGCHLD] {
            unsafe sigaddset(&set, number)
        }
        var before = sigset_t()
        unsafe sigprocmask(SIG_BLOCK, &set, &before)
        return JobSignals(set: set, before: before)
    }

    private static let deadly = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// The signal that came to end us before there is a job, or nil.
    var endBeforeTheJob: Int32? {
        var pending = sigset_t()
        guard unsafe sigpending(&pending) == 0 else { return nil }
        return Self.deadly.first {
            unsafe sigismember(&pending, $0) == 1 && !Inheritance.isIgnored($0)
        }
    }

    /// Waits until `child` ends. What the terminal sends reaches the job by itself, for it is in
    /// our process group; what another process sends to us is passed on. `resized` is called when
    /// the terminal has another size.
    mutating func wait(for child: pid_t, resized: () -> Void) throws(Complaint) -> Int32 {
        var set = set
        var isStopWanted = false
        while true {
            var information = unsafe siginfo_t()
            let number = unsafe sigwaitinfo(&set, &information)
            guard number > 0 else { continue }
            guard number == SIGCHLD else {
                if number == SIGWINCH { resized() }
                if Self.deadly.contains(number) { wasToldToEnd = true }
                if unsafe information.si_code <= 0 { kill(child, number) }
                if number == SIGTSTP { isStopWanted = true }
                if number == SIGCONT { isStopWanted = false }
                continue
            }
            var status: Int32 = 0
            var found = unsafe waitpid(child, &status, WNOHANG | WUNTRACED)
            while found == child {
                guard WaitStatus.stopSignal(status) != nil else { return status }
                if isStopWanted || Self.isInForeground {
                    isStopWanted = false
                    kill(getpid(), SIGSTOP)
                    // Whoever woke us may have woken us alone. What woke us is passed on once:
                    // later it would undo the next stop.
                    Self.forget(SIGCONT)
                    kill(child, SIGCONT)
                }
                found = unsafe waitpid(child, &status, WNOHANG | WUNTRACED)
            }
            guard found == 0 || errno == EINTR else {
                throw Complaint(.failed, "how the job ended cannot be learned")
            }
        }
    }

    /// Takes a pending signal without heeding it.
    private static func forget(_ number: Int32) {
        var one = sigset_t()
        unsafe sigemptyset(&one)
        unsafe sigaddset(&one, number)
        var noTime = timespec()
        _ = unsafe sigtimedwait(&one, nil, &noTime)
    }

    /// Whether a shell waits for us on its terminal: then it must see that its job was stopped, and
    /// will have us go on together. Elsewhere whoever stopped the job alone lets the job alone go
    /// on, and nobody would wake us.
    private static var isInForeground: Bool {
        let terminal = unsafe open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        return tcgetpgrp(terminal) == getpgrp()
    }

    /// Lets them do what they do, now that there is nothing left to be removed.
    func release() {
        var before = before
        unsafe sigprocmask(SIG_SETMASK, &before, nil)
    }

    /// Ends this process by a signal, as whoever waits for us has to see it.
    static func end(by number: Int32) {
        _ = signal(number, SIG_DFL)
        var mask = sigset_t()
        unsafe sigemptyset(&mask)
        unsafe sigprocmask(SIG_SETMASK, &mask, nil)
        kill(getpid(), number)
    }
}

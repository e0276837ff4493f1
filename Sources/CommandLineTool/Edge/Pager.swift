// Long text on a terminal, a screen at a time, as git shows it.

internal import CLinux
internal import Glibc

@safe
enum Pager {
    /// Shows what `next` gives until it gives nil or nobody reads on: through a person's pager if
    /// standard output is a terminal, else as it is. `next` is asked no sooner than its text is
    /// wanted, so of a long log only the beginning is made.
    static func show(_ next: () throws(Complaint) -> String?) throws(Complaint) {
        guard Console.isTerminal, let command = command(Places.pager) else {
            return try pass(next, to: .standardOutput)
        }
        try show(next, through: command)
    }

    /// The shell's command, or nil for none. `$COFFER_PAGER` goes before `$PAGER`; set but empty,
    /// or `cat`, either means that none is wanted.
    static func command(_ wanted: String?) -> String? {
        guard let wanted else { return (try? Programs.find("less")) == nil ? nil : "less" }
        return wanted.isEmpty || wanted == "cat" ? nil : wanted
    }

    /// The same through a command of the person's own: that is why a shell reads it.
    static func show(
        _ next: () throws(Complaint) -> String?, through command: String
    ) throws(Complaint) {
        try Console.flush()
        let pipe = try Pipe()
        var child = Child(try start(command, reading: pipe.readEnd))
        pipe.closeReadEnd()
        // An interrupt is the pager's: it may end a search. We end when it does.
        let interrupts = [SIGINT, SIGQUIT]
        let before = interrupts.map { signal($0, SIG_IGN) }
        defer {
            for (number, action) in zip(interrupts, before) {
                _ = signal(number, action)
            }
        }
        var failure: Complaint?
        do throws(Complaint) {
            try pass(next, to: OutputSink(descriptor: pipe.writeEnd))
        } catch {
            failure = error
        }
        pipe.closeWriteEnd()
        // Not before the pager is gone would a person see what is said.
        let code = WaitStatus.exitCode(child.wait())
        if let failure { throw failure }
        if code == 126 || code == 127 {
            throw Complaint(
                .failed, "the pager cannot be run: \(Escaped.text(command))",
                hint: "set COFFER_PAGER to another, or to cat for none")
        }
    }

    private static func pass(
        _ next: () throws(Complaint) -> String?, to sink: OutputSink
    ) throws(Complaint) {
        while let text = try next() {
            guard try sink.offer(Array(text.utf8).span) else { return }
        }
    }

    /// Every descriptor of ours is close-on-exec, so the pager has our terminal and the pipe.
    private static func start(
        _ command: String, reading input: Int32
    ) throws(Complaint) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        // As git does: quit if it fits on a screen, show colours, leave the text there. A person's
        // own settings go first.
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] { unsafe setenv(name, value, 0) }
        return try unsafe Spawn.start(
            "/bin/sh", ["sh", "-c", command], &actions, environment: coffer_environment())
    }
}

// `coffer copy`: a value on the clipboard, for a while.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import SecretMemory
internal import VaultModel

enum CopyCommand {
    static let clearAfter = Option.one(
        "--clear-after", "45s", "time after which it is cleared, up to 24h (default 45s)")
    static let terminal = Option.flag(
        "--osc52", "hand it to the terminal, for the clipboard of the machine that shows it")

    static let verb = Verb(
        words: "copy", summary: "put a value on the clipboard for a while",
        details: [
            "A process stays behind, whatever becomes of the terminal, that clears the"
                + " clipboard when the time is over or when it is told to end (SIGTERM, SIGHUP),"
                + " and only if the clipboard still holds the value: what was copied since stays."
                + " Killed at once (SIGKILL) it clears nothing.",
            "Programs that keep a history of the clipboard are asked not to keep the value"
                + " where that can be done: by a wl-copy that knows --sensitive. xclip, xsel and"
                + " pbcopy cannot say so. wl-copy keeps what is copied in a file of its own"
                + " meanwhile.",
            "--osc52 works through ssh, in terminals that allow it, for values of up to 48"
                + " KiB. What a terminal took cannot be read back, so it is not cleared.",
        ],
        operands: [.required("NAME[#FIELD][@VERSION]")],
        options: [clearAfter, terminal, VerbTable.allowDisabled],
        examples: [
            Example("coffer copy github/bot", "paste it within 45 seconds"),
            Example("coffer copy aws/ci#secret_access_key --clear-after 10s", "within ten"),
        ],
        run: run)

    private static let usualTime: UInt64 = 45
    private static let longestTime: UInt64 = 86_400
    /// What a program that serves the clipboard needs to find it.
    private static let variables = [
        "PATH", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "LANG", "LC_ALL",
    ]

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let reference = try call.reference(0)
        let seconds = try time(call)
        if let readiness = ProcessBehind.readiness {
            return try stay(seconds, ProcessReadiness(descriptor: readiness))
        }
        // What is missing is said before a passphrase is asked for.
        if call.has(terminal) {
            try TerminalClipboard.check()
        } else {
            _ = try Clipboard.find()
        }
        let value = try value(of: reference, call)
        guard !call.has(terminal) else {
            try TerminalClipboard.copy(value)
            Console.note("handed to the terminal; it stays on its clipboard")
            return .ok
        }
        let words = ["copy", reference.description, clearAfter.name, "\(seconds)s"]
        try ProcessBehind.start(words, variables, handing: value)
        Console.note("copied; the clipboard is cleared after \(seconds) s")
        return .ok
    }

    private static func time(_ call: Invocation) throws(Complaint) -> UInt64 {
        guard let seconds = try call.duration(clearAfter) else { return usualTime }
        guard !call.has(terminal) else {
            throw Complaint(
                .usage, "what is handed to the terminal cannot be cleared",
                hint: "leave `--clear-after` out; copying something else replaces it")
        }
        guard (1...longestTime).contains(seconds) else {
            throw Complaint(.usage, "`--clear-after` needs a time from 1s to 24h")
        }
        return seconds
    }

    private static func value(
        of reference: Reference, _ call: Invocation
    ) throws(Complaint) -> SecretBytes {
        let door = try VaultAccess.door(call, for: .reading)
        let disabled = call.has(VerbTable.allowDisabled) ? DisabledUse.allow : .refuse
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(
                reference.name, reference.version, disabled: disabled, at: Clock.now())
        }
        let value = try opened.value(of: reference.field)
        guard !value.isEmpty else {
            throw Complaint(.failed, "the value is empty: there is nothing to copy")
        }
        return value
    }

    /// The process behind: copies, says so, waits and clears.
    private static func stay(
        _ seconds: UInt64, _ readiness: consuming ProcessReadiness
    ) throws(Complaint) -> ExitCode {
        let content: ClipboardContent
        let signals: HeldSignals
        do throws(Complaint) {
            let value = try ProcessBehind.handedValue()
            // From here on the terminal may close, and whatever ends us lets us clear first.
            _ = setsid()
            // Ignored ones would not be held but lost.
            for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] { _ = signal(number, SIG_DFL) }
            _ = unsafe chdir("/")
            signals = .hold()
            content = try ClipboardContent.copying(value)
        } catch {
            readiness.tell(error)
            throw error
        }
        readiness.tell(nil)
        signals.wait(seconds: seconds)
        try content.clear()
        return .ok
    }
}

/// The word that a process behind owes to whoever started it. No program that it starts may have
/// it: who waits for its end would wait for that one.
struct ProcessReadiness: ~Copyable {
    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    consuming func tell(_ complaint: Complaint?) { ProcessBehind.tell(descriptor, complaint) }
}

// The start of a process behind us that stays: an agent, or what clears the clipboard.

internal import CLinux
internal import Glibc
internal import SecretMemory

/// It is this program again: it goes its own way before it is ready, and writes one byte to a pipe
/// of ours when it is. What it writes instead is why it could not be.
@safe
enum ProcessBehind {
    /// What it writes when it is ready.
    private static let ready: UInt8 = 0
    /// Longest complaint that is heard, in bytes.
    private static let longest = 4_096

    /// What every one needs to know of its surroundings.
    private static let variables = ["HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]

    /// Names the descriptor on which it is told whether the process is ready.
    private static let variable = "COFFER_READY"

    /// Starts one and waits until it is ready. It gets the variables of ours that are named, the
    /// settings as variables, and nothing else of ours; on its standard input, the value if there
    /// is one.
    static func start(
        _ words: [String], _ variables: [String] = [], settings: [String] = [],
        isDetaching: Bool = false, handing value: borrowing SecretBytes = SecretBytes()
    ) throws(Complaint) {
        let ready = try Pipe()
        let input = try Pipe()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if value.isEmpty {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        } else {
            unsafe posix_spawn_file_actions_adddup2(&actions, input.readEnd, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ready.writeEnd, 3)
        // Whoever waits for the end of a pipe of our parent's must not wait for this process.
        unsafe coffer_close_from(&actions, 4)
        let known = (Self.variables + variables).compactMap { name in
            Places.variable(name).map { "\(name)=\($0)" }
        }
        let environment = ArgumentVector(known + settings + ["\(variable)=3"])
        var child = Child(
            try unsafe Spawn.start(
                "/proc/self/exe", ["coffer"] + words, &actions,
                environment: environment.pointers))
        ready.closeWriteEnd()
        input.closeReadEnd()
        if !value.isEmpty { hand(value, to: OutputSink(descriptor: input.writeEnd)) }
        input.closeWriteEnd()
        let heard = hear(ready.readEnd)
        guard heard.first == Self.ready, heard.count == 1 else {
            _ = child.wait()
            throw complaint(String(decoding: heard, as: UTF8.self))
        }
        // What is ready is nobody's child by then; the process that it was left behind.
        if isDetaching { _ = child.wait() }
    }

    /// Its length goes before it: if we are killed, half of it must not be taken for all. If the
    /// process reads no more, it says why.
    private static func hand(_ value: borrowing SecretBytes, to sink: OutputSink) {
        var message = SecretBytes(capacity: value.count + 8)
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: value.count >> shift))
        }
        message.append(value.bytes)
        _ = try? sink.offer(message.bytes)
    }

    /// The value that such a process was handed.
    static func handedValue() throws(Complaint) -> SecretBytes {
        let what = "the value"
        let message = try Intake.all(of: 0, longest: Intake.longestValue + 8, what: what)
        var count = 0
        guard message.count >= 8 else { throw Complaint(.failed, "\(what) did not come") }
        for index in 0..<8 { count = count << 8 | Int(message.bytes[index]) }
        guard count == message.count - 8 else { throw Complaint(.failed, "\(what) is cut") }
        return SecretBytes(copying: message.bytes.extracting(droppingFirst: 8))
    }

    /// That descriptor, in a process that was started so.
    static var readiness: Int32? {
        Places.variable(variable).flatMap { Int32($0) }.flatMap { $0 > 2 ? $0 : nil }
    }

    private static func hear(_ descriptor: Int32) -> [UInt8] {
        var heard: [UInt8] = []
        var room = [UInt8](repeating: 0, count: longest)
        while heard.count < longest {
            let count = unsafe read(descriptor, &room, room.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            heard += room[..<count]
            if heard.first == ready { break }
        }
        return heard
    }

    private static func complaint(_ heard: String) -> Complaint {
        let lines = heard.split(separator: "\n").map { Escaped.text(String($0)) }
        guard let code = lines.first.flatMap({ Int32($0) }).flatMap(ExitCode.init(rawValue:)),
            lines.count > 1
        else {
            return Complaint(
                .failed, "the process behind this one could not be started",
                hint: "may this program run itself again, through /proc/self/exe?")
        }
        return Complaint(code, lines[1], hints: Array(lines.dropFirst(2)))
    }

    /// Says to whoever started us that we are ready, or why we cannot be.
    static func tell(_ descriptor: Int32, _ complaint: Complaint?) {
        let sink = OutputSink(descriptor: descriptor)
        if let complaint {
            let lines = ["\(complaint.code.rawValue)", complaint.words] + complaint.hints
            try? sink.write(lines.joined(separator: "\n"))
        } else {
            try? sink.write([ready].span)
        }
        close(descriptor)
    }
}

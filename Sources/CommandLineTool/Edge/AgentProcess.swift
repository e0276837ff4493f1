// The start of an agent behind us, which tells whether it could start.

internal import CLinux
internal import Glibc

/// An agent is this program again: it goes its own way before it listens, and writes one byte to a
/// pipe of ours when it does. What it writes instead is why it could not.
@safe
enum AgentProcess {
    /// What it writes when it listens.
    private static let ready: UInt8 = 0
    /// Longest complaint that is heard, in bytes.
    private static let longest = 4_096

    /// Starts one and waits until it listens. If it is for this process and whatever takes its
    /// place, it listens in `folder`, is nobody's child, and ends when this process does.
    static func start(_ words: [String], forUsIn folder: String? = nil) throws(Complaint) {
        let pipe = try Pipe()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, pipe.writeEnd, 3)
        // Whoever waits for the end of a pipe of our parent's must not wait for the agent.
        unsafe coffer_close_from(&actions, 4)
        var variables = variables
        if let folder {
            variables.removeAll { $0.hasPrefix(Places.agentFolderVariable) }
            variables += ["\(Places.agentFolderVariable)=\(folder)", "\(watch)=\(getpid())"]
        }
        let environment = ArgumentVector(variables)
        var child = Child(
            try unsafe Spawn.start(
                "/proc/self/exe", ["coffer"] + words, &actions,
                environment: environment.pointers))
        pipe.closeWriteEnd()
        let heard = hear(pipe.readEnd)
        guard heard.first == ready, heard.count == 1 else {
            _ = child.wait()
            throw complaint(String(decoding: heard, as: UTF8.self))
        }
        if folder != nil { _ = child.wait() }
    }

    /// What an agent needs to know of its surroundings, and nothing else of ours.
    private static var variables: [String] {
        let names = [
            "HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
            Places.agentFolderVariable,
        ]
        return names.compactMap { name in
            Places.variable(name).map { "\(name)=\($0)" }
        } + ["\(variable)=3"]
    }

    /// Names the process that an agent is for.
    private static let watch = "COFFER_AGENT_WATCH"

    /// A descriptor that is readable when that process has ended, in an agent that is for one. The
    /// agent becomes nobody's child: what a program does with its children must not concern it.
    static func lifeline() throws(Complaint) -> Int32? {
        guard let number = Places.variable(watch).flatMap({ Int32($0) }) else { return nil }
        let descriptor = coffer_process_descriptor(number)
        guard descriptor >= 0, coffer_detach() == 0 else {
            throw Complaint(
                .failed, "process \(number) cannot be watched: \(SystemError.words(errno))")
        }
        return descriptor
    }

    /// Names the descriptor on which it is told whether the agent listens.
    private static let variable = "COFFER_AGENT_READY"

    /// That descriptor, in an agent that was started so.
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
                .failed, "the agent could not be started",
                hint: "`coffer agent --foreground` shows why")
        }
        return Complaint(code, lines[1], hints: Array(lines.dropFirst(2)))
    }

    /// Says to whoever started us that we listen, or why we do not.
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

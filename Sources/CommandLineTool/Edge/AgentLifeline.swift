// An agent for one process: it is nobody's child, and ends when that process does.

internal import CLinux
internal import Glibc

enum AgentLifeline {
    /// Names the process that an agent is for.
    private static let variable = "COFFER_AGENT_WATCH"

    /// Starts an agent that listens in `folder` for this process and whatever takes its place.
    static func start(_ words: [String], in folder: String) throws(Complaint) {
        try ProcessBehind.start(
            words,
            settings: ["\(Places.agentFolderVariable)=\(folder)", "\(variable)=\(getpid())"],
            isDetaching: true)
    }

    /// A descriptor that is readable when that process has ended, in an agent that is for one. What
    /// a program does with its children must not concern an agent, so it stops being one.
    static func take() throws(Complaint) -> Int32? {
        guard let number = Places.variable(variable).flatMap({ Int32($0) }) else { return nil }
        let descriptor = coffer_process_descriptor(number)
        guard descriptor >= 0, coffer_detach() == 0 else {
            throw Complaint(
                .failed, "process \(number) cannot be watched: \(SystemError.words(errno))")
        }
        return descriptor
    }
}

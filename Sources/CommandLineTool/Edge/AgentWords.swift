// What is said when the agent cannot be spoken to.

internal import Glibc
internal import VaultModel

extension Complaint {
    static func agent(_ defect: AgentDefect) -> Complaint {
        switch defect {
        case .otherUser:
            Complaint(
                .refused, "the process at the agent's socket is another user's; nothing was sent",
                hint: "look who made it: it is in $XDG_RUNTIME_DIR/coffer, or in /tmp/coffer-UID")
        case .otherVersion:
            Complaint(
                .format, "the agent is of another release",
                hint: "end it with `coffer agent --stop` of its own release, then `coffer unlock`")
        case .otherVault:
            Complaint(
                .busy, "the vault's file was put in its place meanwhile", hint: "try again")
        case .takesKey:
            Complaint(
                .locked, "the agent does not do that: it takes a key of the vault each time",
                hint: "name one, as with --key-file FILE")
        case .malformed:
            Complaint(.notStored, "the agent said something that is no answer")
        }
    }

    static func agent(_ error: VaultError) -> Complaint {
        switch error {
        case .agentRunning:
            Complaint(
                .busy, "an agent for this vault is running", hint: "`coffer status` shows it")
        case .agentSocket(let path, let code):
            Complaint(
                .notStored,
                "the agent's socket at \(Escaped.path(path)) cannot be used:"
                    + " \(SystemError.words(code))")
        default:
            Complaint(
                .notStored, "the agent ended before it answered",
                hint: "look whether it was done before you try again")
        }
    }
}

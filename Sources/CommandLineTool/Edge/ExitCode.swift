// The exit codes: part of the interface, one table.

/// How a command ended. `run` passes the job's own code on instead.
enum ExitCode: Int32, CaseIterable, Sendable {
    case ok = 0
    case failed = 1
    case usage = 2
    case locked = 3
    case notFound = 4
    case integrity = 5
    case format = 6
    case rollback = 7
    case refused = 8
    case notStored = 9
    case busy = 10
    case findings = 11
    case interrupted = 130

    /// As it stands in the help and in the docs.
    var meaning: String {
        switch self {
        case .ok: "done"
        case .failed: "failed"
        case .usage: "the command line or an input is not usable"
        case .locked: "wrong passphrase or key"
        case .notFound: "no such vault, secret, field or version"
        case .integrity: "the vault is damaged or was tampered with"
        case .format: "not a vault, or a vault of a kind that is refused"
        case .rollback: "the vault is older than it was"
        case .refused: "refused by policy or by a file's permissions"
        case .notStored: "not stored, or input and output failed"
        case .busy: "another process has the vault"
        case .findings: "something needs attention"
        case .interrupted: "interrupted"
        }
    }
}

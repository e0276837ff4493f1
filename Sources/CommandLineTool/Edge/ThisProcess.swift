// This process as the audit log names it.

internal import AgentService
internal import Glibc
internal import VaultModel

enum ThisProcess {
    static var user: UInt32 { UInt32(getuid()) }

    /// Who asks; `job` is the executable that a secret is handed to, if it is another.
    static func caller(reason: String? = nil, job: String? = nil) -> Caller {
        Caller(
            user: user, process: UInt32(clamping: getpid()),
            attribution: .ofThisProcess(reason: reason, job: job))
    }
}

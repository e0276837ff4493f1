// This process as the audit log names it.

internal import AgentService
internal import CLinux
internal import Glibc
internal import VaultModel

enum ThisProcess {
    static var user: UInt32 { UInt32(getuid()) }

    /// The words that it was started with, its name first; what is not UTF-8 is repaired.
    static var arguments: [String] {
        guard let words = unsafe coffer_arguments() else { return [] }
        return (0..<Int(coffer_argument_count())).compactMap { index in
            unsafe words[index].map { unsafe String(cString: $0) }
        }
    }

    /// Who asks; `job` is the executable that a secret is handed to, if it is another.
    static func caller(reason: String? = nil, job: String? = nil) -> Caller {
        Caller(
            user: user, process: UInt32(clamping: getpid()),
            attribution: .ofThisProcess(reason: reason, job: job))
    }
}

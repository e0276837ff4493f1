// What `doctor` looks at besides the vault: this process, its memory and its places.

internal import CLinux
internal import Glibc
internal import SecretMemory

enum MachineCheckup {
    typealias Check = DoctorCommand.Check

    static func checks() -> [Check] {
        [version(), memory(), core(), runtime(), clipboard()]
    }

    private static func version() -> Check {
        Check(subject: "coffer", verdict: .fine, words: CofferTool.version)
    }

    private static func memory() -> Check {
        // Locking is tried, not looked up: limits, capabilities and containers all have a say.
        let probe = SecretBytes(zeros: 1_048_576)
        let isLocked = probe.count > 0 && SecretBytes.lockingState == .locked
        return Check(
            subject: "locked memory", verdict: isLocked ? .fine : .attention,
            words: isLocked
                ? "secrets stay out of swap"
                : "secrets may reach swap; raise RLIMIT_MEMLOCK (ulimit -l)")
    }

    private static func core() -> Check {
        var limit = rlimit()
        let isSmall =
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0
            && limit.rlim_cur <= 1
        return Check(
            subject: "core dumps", verdict: isSmall ? .fine : .attention,
            words: isSmall ? "switched off" : "cannot be switched off")
    }

    private static func runtime() -> Check {
        do throws(Complaint) {
            return Check(
                subject: "files of jobs", verdict: .fine,
                words: "in memory, \(Escaped.path(try Places.runtime()))")
        } catch {
            return Check(subject: "files of jobs", verdict: .attention, words: error.words)
        }
    }

    private static func clipboard() -> Check {
        do throws(Complaint) {
            let words = try Clipboard.find().readWords[0]
            return Check(subject: "clipboard", verdict: .fine, words: words)
        } catch {
            // A server has none; nothing is wrong with that.
            return Check(subject: "clipboard", verdict: .fine, words: "none")
        }
    }
}

// Waiting for a busy vault with a value in hand: it ends when whoever waits has enough, and then
// the value is handed out sealed.

internal import AgentService
internal import Glibc
internal import VaultModel

/// Holds signals back from when there is a value: none of them may end us with it in hand.
final class Patience {
    /// How long one attempt waits, in milliseconds, so that a signal is noticed soon.
    private static let portion: Int32 = 500

    private let signals = HeldSignals.hold()
    private var isTold = false
    private var interruptions = 0

    init(for session: Session) {
        session.waitAtMost(milliseconds: Self.portion)
    }

    /// Runs `body` until the vault is not busy, or until whoever waits gives up: then it is
    /// `.busy`.
    func whileBusy<R>(_ body: () throws(VaultError) -> R) throws(VaultError) -> R {
        while true {
            do throws(VaultError) { return try body() } catch {
                guard case .busy = error, lasts() else { throw error }
            }
        }
    }

    /// Whether to try again.
    private func lasts() -> Bool {
        if !isTold {
            Console.note(
                "another process is changing the vault: waiting for it (interrupt to give up)")
            isTold = true
        }
        while let signal = signals.take() {
            switch signal {
            // Whoever sends these will not wait for long.
            case SIGTERM, SIGHUP: return false
            case SIGINT, SIGQUIT:
                interruptions += 1
                guard interruptions < 2 else { return false }
                Console.note("interrupt once more to get the secret as a capsule, not stored")
            default: continue
            }
        }
        return true
    }
}

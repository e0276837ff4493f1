// Answers about rotations and what became of versions.

internal import AgentProtocol
internal import SecretMemory
internal import VaultModel

extension Custodian {
    func reply(
        to question: RotationQuestion, by caller: Caller, at time: Timestamp
    ) throws(VaultError) -> SecretBytes {
        switch question {
        case .begin(let name, let mode, let grace):
            return try changed(by: caller, at: time) { session throws(VaultError) in
                try session.beginRotation(name, mode, grace: grace, at: time)
            }
        case .advance(let name, let seen, let next):
            return try changed(by: caller, at: time) { session throws(VaultError) in
                try session.advanceRotation(name, from: seen, to: next, at: time)
            }
        case .rollBack(let name, let swap):
            return try changed(by: caller, at: time) { session throws(VaultError) in
                try session.rollBack(name, swap, at: time)
            }
        case .history(let name):
            return try reading(by: caller) { session throws(VaultError) in
                Reply.history(try session.history(of: name, at: time))
            }
        }
    }
}

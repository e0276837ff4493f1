// Making room for a new key: one of an older version that nothing uses any more goes first.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

extension FieldName {
    /// The public field that says which older key was switched off, and when.
    static let switchedOff = FieldName("switched_off")
}

/// The part of a plan before the rotation begins. A key that is active is switched off first and
/// deleted only if nobody missed it for a while.
struct OlderKeys {
    let plan: RotationPlan
    let service: any KeyService
    let door: any Door
    /// For how long it must have been switched off and not missed, in seconds.
    let patience: UInt64

    /// Whether there is room now; if not, until when the wait lasts.
    func makeRoom() throws(Complaint) -> Timestamp? {
        for step in plan.steps {
            switch step {
            case .deactivateOlder(let key):
                // Before the call: what is found switched off without this may go at once.
                try remember(key)
                try end(service.change(.deactivate, key, of: plan.secret))
                Console.note("switched off the older key \(Escaped.text(key.text)) at the issuer")
                return Clock.now().adding(seconds: patience)
            case .revokeOlder(let key):
                if let end = off(key)?.adding(seconds: patience), end > Clock.now() { return end }
                try end(service.change(.revoke, key, of: plan.secret))
                Console.note("deleted the older key \(Escaped.text(key.text)) at the issuer")
            default: continue
            }
        }
        return nil
    }

    private func end(_ change: KeyChange) throws(Complaint) {
        if case .refused(let why) = change { throw why }
    }

    /// When this key was switched off by an earlier run.
    private func off(_ key: KeyID) -> Timestamp? {
        guard let field = FieldName.switchedOff, let text = plan.secret.fields[field] else {
            return nil
        }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[1] == key.text else { return nil }
        return Timestamp(iso8601: String(parts[0]))
    }

    private func remember(_ key: KeyID) throws(Complaint) {
        guard let field = FieldName.switchedOff else { return }
        _ = try Complaint.from { () throws(VaultError) in
            try door.edit(
                plan.secret.name, [.set(field, "\(Clock.now()) \(key.text)")], at: Clock.now())
        }
    }
}

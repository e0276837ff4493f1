// A job opens what is delivered to it; the vault stays locked, and its log tells of it.

public import Sealing
public import SecretMemory
internal import Storage
public import VaultModel

extension LockedVault {
    /// Opens what is delivered to the job of `identity` under that name. What was asked for is
    /// entered in the log before anything of it leaves, found or not.
    public borrowing func collect(
        _ name: SecretName, _ version: VersionSelector, with identity: borrowing JobIdentity,
        at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        guard identity.vault == slots.vault else { throw .foreignIdentity }
        var note = AuditNote(.collect, name)
        note.recipient = identity.name
        var failure: VaultError?
        var found: OpenedSecret?
        let asked = note
        let (store, reason) = (store, caller.attribution.reason)
        do throws(VaultError) {
            found = try enteringReading(at: time) {
                (log: inout LockedLog) throws(VaultError) -> OpenedSecret? in
                var note = asked
                var result: OpenedSecret?
                do throws(VaultError) {
                    result = try store.delivered(
                        name, version, to: identity, at: time, reason, &note)
                } catch { failure = error }
                try log.enter(note, AuditOutcome(of: failure), at: time)
                return result
            }
        } catch { throw error.asUnlogged(at: slots.path) }
        switch consume found {
        case .some(let result): return result
        case .none: throw failure ?? .tampered(.audit)
        }
    }
}

extension Store {
    /// What is delivered, if the job may have it now. Its name and its time are those that the
    /// vault sealed; that it is not an older row that somebody put back, only an open vault tells.
    fileprivate func delivered(
        _ name: SecretName, _ version: VersionSelector, to identity: borrowing JobIdentity,
        at time: Timestamp, _ reason: String?, _ note: inout AuditNote
    ) throws(VaultError) -> OpenedSecret {
        let id = identity.deliveryID(of: name)
        guard let row = try policy(.delivery, id) else {
            throw .notDelivered(name, to: identity.name)
        }
        guard row.fitsDigest, let sealed = SealedDelivery(parsing: row.blob) else {
            throw .tampered(.delivery(name))
        }
        switch identity.open(sealed, id) {
        case .none: throw .tampered(.delivery(name))
        case .some(let opened):
            note.rid = opened.rid
            note.version = opened.secret.version.number
            guard opened.secret.metadata.name == name else { throw .tampered(.delivery(name)) }
            if let expires = sealed.expires, expires <= time { throw .deliveryExpired(name) }
            if opened.secret.metadata.requiresReason, reason == nil { throw .reasonMissing(name) }
            guard opened.secret.metadata.version(version) != nil else {
                throw .versionMissing(name, version)
            }
            return opened.takeSecret()
        }
    }
}

// A vault that is kept open for others: what the log says of that, and who asks from now on.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// Whoever asks from now on; what they do is entered as theirs.
    public func serve(_ caller: Caller) { log.caller = caller }

    /// Enters that the vault is opened to stay open.
    public func enterUnlock(at time: Timestamp) throws(VaultError) {
        try reading(AuditNote(.unlock), at: time) { (_: inout AuditNote) throws(VaultError) in }
    }

    /// Enters the end of that.
    public func enterLock(at time: Timestamp) throws(VaultError) {
        try reading(AuditNote(.lock), at: time) { (_: inout AuditNote) throws(VaultError) in }
    }

    /// Enters that `count` processes of other users were not listened to.
    public func enterRefusedPeers(_ count: UInt64, at time: Timestamp) throws(VaultError) {
        var note = AuditNote(.refusedPeer)
        note.count = count
        try store.write(.later) { () throws(VaultError) in
            try beginWriting()
            try log.append(note, .refused, at: time)
            try log.seal(at: time)
        }
        log.unsettled = seen
    }

    /// Signs what was read since the newest seal, so that nobody can change it afterwards.
    public func sealReads(at time: Timestamp) throws(VaultError) {
        try store.write(.later) { () throws(VaultError) in
            try beginWriting()
            if !log.isSealed { try log.seal(at: time) }
        }
        log.unsettled = seen
    }

    /// Gives back the memory of pages that were read: nothing is asked for a while.
    public func rest() { store.forgetPages() }
}

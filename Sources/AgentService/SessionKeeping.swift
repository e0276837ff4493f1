// A session that is kept for others: who asks now, and what the log says of that.

internal import VaultCore
internal import VaultModel

extension Session {
    /// Whoever asks from now on.
    func serve(_ caller: Caller) {
        switch open {
        case .some(let vault): vault.serve(caller)
        case .none: break
        }
    }

    func enterUnlock(at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in try vault.enterUnlock(at: time) }
    }

    func enterLock(at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in
            try vault.enterLock(at: time)
            try vault.sealReads(at: time)
        }
    }

    func enterRefusedPeers(_ count: UInt64, at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in
            try vault.enterRefusedPeers(count, at: time)
        }
    }

    /// Signs what was read, brings it to disk and remembers it.
    func settle(at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in
            try vault.sealReads(at: time)
            vault.settle()
            vault.rest()
        }
    }
}

// A vault that is kept open for others: its root key in locked memory, and a session for reading.
// A change has a session of its own, as in process: it is on disk, and remembered, when it ends.

internal import AgentProtocol
internal import Sealing
internal import SecretMemory
internal import VaultModel

/// Keeps one vault. Used by one thread.
final class Custodian {
    private struct Kept: ~Copyable {
        let root: RootKey
        let epoch: Epoch
        let session: Session
        let file: FileIdentity
    }

    let path: String
    private let memory: String?
    /// Told what kept the newest state from being remembered outside of the vault.
    private let remark: (VaultError) -> Void
    private var kept: Kept?
    let book = GrantBook()

    init(path: String, memory: String?, remark: @escaping (VaultError) -> Void) {
        self.path = path
        self.memory = memory
        self.remark = remark
    }

    var isOpen: Bool {
        switch kept {
        case .some: true
        case .none: false
        }
    }

    /// The file that is meant by the path: the open one, or what lies there now.
    var file: FileIdentity? {
        switch kept {
        case .some(let kept): kept.file
        case .none: FileIdentity(at: path)
        }
    }

    /// Opens the vault as every command does, and keeps it so.
    func unlock(
        with offer: borrowing KeyOffer, rollback choice: RollbackChoice, from asker: Asker,
        at time: Timestamp
    ) throws(VaultError) -> Unlocked {
        let caller = asker.caller
        let before = FileIdentity(at: path)
        let opening = try Session(
            at: path, for: .changing, by: caller, memory: memory, remark: remark)
        let anchor = try opening.unlock(with: offer, at: time, rollback: choice)
        let root = try opening.rootKey(openedBy: offer, at: time)
        let found = Unlocked(
            anchor: anchor, slotsWereChanged: opening.slotsWereChanged,
            notices: opening.depositNotices, obstacle: opening.depositObstacle)
        opening.end()
        let session = try Session(
            at: path, for: .reading, by: caller, memory: memory, remark: remark)
        let epoch = try session.facts().epoch
        try session.unlock(with: root, of: epoch, at: time)
        guard let file = before, file == FileIdentity(at: path) else {
            throw .agentRefused(.otherVault)
        }
        try session.enterUnlock(at: time)
        kept = Kept(root: root, epoch: epoch, session: session, file: file)
        switch asker.program() {
        case .some(let program): book.open(at: UnlockPlace(program))
        case .none: book.close()
        }
        return found
    }

    /// Wipes every key. That it is locked is entered in the log, if that can be written.
    func lock(by caller: Caller, at time: Timestamp) {
        switch kept {
        case .some(let kept):
            kept.session.serve(caller)
            try? kept.session.enterLock(at: time)
            kept.session.end()
        case .none: break
        }
        kept = nil
        book.close()
    }

    /// Runs `body` on the session for reading.
    func reading<R: ~Copyable>(
        by caller: Caller, _ body: (Session) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        switch kept {
        case .some(let kept):
            kept.session.serve(caller)
            return try body(kept.session)
        case .none: throw .locked
        }
    }

    /// Runs `body` on a session of its own.
    func changing<R: ~Copyable>(
        by caller: Caller, at time: Timestamp, _ body: (Session) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        switch kept {
        case .some(let kept):
            let session = try Session(
                at: path, for: .changing, by: caller, memory: memory, remark: remark)
            try session.unlock(with: kept.root, of: kept.epoch, at: time)
            let result = try body(session)
            session.end()
            return result
        case .none: throw .locked
        }
    }

    /// Signs and brings to disk what was read, and remembers it: when nothing is asked for a while.
    func settle(at time: Timestamp) throws(VaultError) {
        switch kept {
        case .some(let kept): try kept.session.settle(at: time)
        case .none: break
        }
    }

    /// Enters how many processes of other users were not listened to.
    func enterRefusedPeers(_ count: UInt64, at time: Timestamp) {
        switch kept {
        case .some(let kept): try? kept.session.enterRefusedPeers(count, at: time)
        case .none: break
        }
    }
}

// Who asks through one connection: for the log, and for what was granted.

internal import AgentProtocol
internal import VaultModel

/// One peer and what a person allowed it.
final class Asker {
    private let peer: Peer
    /// Who asks, for the log.
    private(set) lazy var caller = Caller(
        user: peer.user, process: UInt32(clamping: peer.process),
        attribution: attribution.saying(saying))
    /// What the kernel tells of it. Looked at once.
    private lazy var attribution = peer.attribution
    /// What it says of itself.
    var saying = Saying()
    /// What it may have once, and the round of grants in which that was allowed.
    private var permits: [RecordID: UInt64] = [:]

    init(_ peer: consuming Peer) { self.peer = peer }

    /// Looks who it is, if that is not known yet.
    func look() { _ = attribution }

    /// The program that it asks for, as it is now; nil if that cannot be told for sure.
    func program() -> AskingProgram? {
        guard peer.isBound else { return nil }
        return AskingProgram.using(peer.process) { !peer.hasEnded }
    }

    /// Whether what asks is still the same program, of the same file.
    func isStill(_ before: borrowing AskingProgram, _ mark: ProgramFile.Mark?) -> Bool {
        switch program() {
        case .some(let now):
            return now.process == before.process && now.session == before.session
                && now.path == before.path && now.file()?.mark == mark && !hasEnded
        case .none: return false
        }
    }

    var hasEnded: Bool { peer.hasEnded }

    func permit(_ rid: RecordID, in round: UInt64) { permits[rid] = round }

    /// Whether it may have the secret, this once.
    func takePermit(_ rid: RecordID, in round: UInt64) -> Bool {
        permits.removeValue(forKey: rid) == round
    }
}

// Who asks through one connection: for the log, and for what was granted.

internal import AgentProtocol
internal import VaultModel

/// One peer and what a person allowed it.
final class Asker {
    private let peer: Peer
    /// Who it is, for the log. Looked at once.
    private(set) lazy var caller = peer.caller(saying: saying)
    /// What it says of itself.
    var saying = Saying()
    /// What it may have once.
    private var permits: Set<RecordID> = []

    init(_ peer: consuming Peer) { self.peer = peer }

    /// The program that it asks for, as it is now; nil if that cannot be told for sure.
    func program() -> AskingProgram? {
        guard peer.isBound else { return nil }
        return AskingProgram.using(peer.process) { !peer.hasEnded }
    }

    func permit(_ rid: RecordID) { permits.insert(rid) }

    /// Whether it may have the secret, this once.
    func takePermit(_ rid: RecordID) -> Bool { permits.remove(rid) != nil }
}

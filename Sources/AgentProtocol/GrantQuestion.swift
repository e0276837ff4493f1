// What an agent is asked about grants that are in no file: a person allows a program what it asked
// for.

public import SecretMemory
public import VaultModel

/// A question about who may have what while the vault stays unlocked.
public enum GrantQuestion: Hashable, Sendable {
    /// The program that asks through this connection may have the secret.
    case permit(SecretName, GrantScope)
    /// What is allowed in sessions.
    case list
    /// Nothing is allowed in sessions any more.
    case forget

    @_lifetime(reader: copy reader)
    static func read(_ topic: Topic, _ reader: inout CanonicalReader) -> GrantQuestion? {
        switch topic {
        case .sessionGrants: return .list
        case .forgetGrants: return .forget
        default:
            guard let name = reader.name(), let scope = reader.grantScope() else { return nil }
            return .permit(name, scope)
        }
    }
}

extension AgentClient {
    /// Allows the program that asks through this client to have a secret. `.notGranted` if a person
    /// cannot be asked where it runs.
    public func permit(_ name: SecretName, _ scope: GrantScope) throws(VaultError) {
        var writer = about(name, .permit)
        switch scope {
        case .once: writer.add(UInt8(0))
        case .session: writer.add(UInt8(1))
        case .program(let until):
            writer.add(UInt8(2))
            writer.add(until.milliseconds)
        }
        try command(writer)
    }

    /// What programs are allowed while the vault stays unlocked.
    public func sessionGrants() throws(VaultError) -> [SessionGrant] {
        try ask(FrameWriter(.sessionGrants).finish()) { $0.sessionGrants() }
    }

    public func forgetGrants() throws(VaultError) { try command(FrameWriter(.forgetGrants)) }
}

extension Reply {
    public static func grants(_ grants: [SessionGrant]) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(UInt32(grants.count))
        for grant in grants {
            writer.add(grant.name.text)
            writer.add(grant.path)
            writer.add(grant.leader)
        }
        return writer.finish()
    }
}

extension CanonicalReader {
    @_lifetime(self: copy self)
    fileprivate mutating func grantScope() -> GrantScope? {
        switch number(UInt8.self) {
        case 0: .once
        case 1: .session
        case 2: number(UInt64.self).map { .program(until: Timestamp(milliseconds: $0)) }
        default: nil
        }
    }

    @_lifetime(self: copy self)
    mutating func sessionGrants() -> [SessionGrant]? {
        guard let count = number(UInt32.self), count <= 4_096 else { return nil }
        var found: [SessionGrant] = []
        for _ in 0..<count {
            guard let name = name(), let path = text(atMost: GrantedProgram.longestPath),
                let leader = number(UInt32.self)
            else { return nil }
            found.append(SessionGrant(name: name, path: path, leader: leader))
        }
        return found
    }
}

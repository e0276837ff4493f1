// The key of a version that is to be used again: whether its issuer lets it in.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

struct EarlierKey {
    /// How often it is tried once it was switched on.
    private static let attempts = 3

    private let version: VersionSummary
    private let secret: Metadata
    private let profile: IssuerProfile
    private let admin: SecretName?
    private let door: any Door

    init(
        of version: VersionSummary, _ secret: Metadata, _ profile: IssuerProfile,
        admin: SecretName?, _ door: any Door
    ) {
        self.version = version
        self.secret = secret
        self.profile = profile
        self.admin = admin
        self.door = door
    }

    /// Has the issuer accept it, or says why it does not.
    func bringBack() throws(Complaint) {
        do throws(Complaint) {
            if try keys(.notNeeded).verify(version, of: secret) { return }
            try switchOn()
        } catch {
            guard ![.interrupted, .locked].contains(error.code) else { throw error }
            let hint = "`\(RollbackCommand.offline.name)` changes the vault alone"
            // Busy is what another process does, not an issuer.
            throw Complaint(
                error.code == .busy ? .failed : error.code, error.words,
                hints: error.hints + [hint])
        }
    }

    private func keys(_ administrator: Administrator) throws(Complaint) -> IssuerKeys {
        IssuerKeys(.dual, profile, administrator, try IssuerCalling(), door)
    }

    private func switchOn() throws(Complaint) {
        guard let call = profile.call(.activate), isOnlyOne else { throw notAccepted() }
        let keys = try keys(Administration.find(for: secret, of: profile, named: admin, door))
        guard keys.isReady(.activate, for: version, of: secret) else {
            let missing = call.missing(in: secret.fields(of: version), of: profile)
            throw notAccepted(
                missing.map { "it cannot be switched on: its \($0) is not known" }
                    ?? "`\(RotateCommand.admin.name) NAME` names what may switch it on")
        }
        switch try keys.change(.activate, version, of: secret) {
        case .done: Console.note("switched on the key of version \(version.number) again")
        case .missing: throw notAccepted()
        case .refused(let why): throw why
        }
        for attempt in 1...Self.attempts {
            if try keys.verify(version, of: secret) { return }
            guard attempt < Self.attempts else { break }
            try IssuerCalling.settle(seconds: max(1, profile.lifetime.settling))
        }
        throw notAccepted("it stays switched on at the issuer")
    }

    /// Whether no other version goes by the id of its key: that one's would be switched on.
    private var isOnlyOne: Bool {
        let id = secret.keyID(of: version, by: profile.keyField)
        return secret.versions.filter { secret.keyID(of: $0, by: profile.keyField) == id }.count
            == 1
    }

    private func notAccepted(_ hint: String? = nil) -> Complaint {
        Complaint(
            .refused,
            "the issuer does not accept version \(version.number) of \"\(secret.name)\"",
            hints: [hint].compactMap { $0 })
    }
}

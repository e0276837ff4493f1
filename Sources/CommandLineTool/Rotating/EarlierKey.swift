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

    /// Nil if the issuer has no call that tells, or if asking could cost the key that is in use.
    init?(
        of version: VersionSummary, _ secret: Metadata, _ profile: IssuerProfile,
        admin: SecretName?, _ door: any Door
    ) {
        guard !profile.lifetime.reuseRevokes, Verification.call(of: profile) != nil else {
            return nil
        }
        self.version = version
        self.secret = secret
        self.profile = profile
        self.admin = admin
        self.door = door
    }

    /// Has the issuer accept it, or says why it does not.
    func bringBack() throws(Complaint) {
        let isAccepted: Bool
        do throws(Complaint) { isAccepted = try isAcceptedOrSwitchedOn() } catch {
            guard ![.interrupted, .locked].contains(error.code) else { throw error }
            let hint = "`\(RollbackCommand.offline.name)` changes the vault alone"
            throw Complaint(error.code, error.words, hints: error.hints + [hint])
        }
        guard isAccepted else {
            throw Complaint(
                .refused,
                "the issuer does not accept version \(version.number) of \"\(secret.name)\"",
                hint: "`\(RollbackCommand.offline.name)` makes it current all the same")
        }
    }

    private func isAcceptedOrSwitchedOn() throws(Complaint) -> Bool {
        if try keys(.notNeeded).verify(version, of: secret) { return true }
        let keys = try keys(Administration.find(for: secret, of: profile, named: admin, door))
        guard keys.isReady(.activate, for: version, of: secret), try switchOn(keys) else {
            return false
        }
        for attempt in 1...Self.attempts {
            if try keys.verify(version, of: secret) { return true }
            if attempt < Self.attempts { try wait() }
        }
        return false
    }

    private func keys(_ administrator: Administrator) throws(Complaint) -> IssuerKeys {
        IssuerKeys(.dual, profile, administrator, try IssuerCalling(), door)
    }

    /// False if it is gone.
    private func switchOn(_ keys: IssuerKeys) throws(Complaint) -> Bool {
        switch try keys.change(.activate, version, of: secret) {
        case .done:
            Console.note("switched on the key of version \(version.number) again")
            return true
        case .missing: return false
        case .refused(let why): throw why
        }
    }

    private func wait() throws(Complaint) {
        let seconds = max(1, profile.lifetime.settling)
        Console.note("waiting \(seconds) s, until that shows everywhere at the issuer")
        try IssuerCalling.sleep(milliseconds: seconds * 1_000)
    }
}

// The door of a job: only what is delivered to it, of a vault that stays locked.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

/// Opens deliveries with the identity of a job, and nothing else.
final class JobDoor: ValueDoor {
    static let identityFile = Option.one(
        "--job-file", "FILE", "open what is delivered to the job of this identity (0600)", .file)
    static let credential = Option.one(
        "--credential", "NAME",
        "take the job's identity or a key from the file NAME of systemd's credentials")
    /// What a verb takes that a job may use.
    static let options = [identityFile, credential]

    private let session: Session
    private let identity: SecretBytes

    /// The door that the command line asks for, or nil.
    static func named(by call: Invocation, job: String?) throws(Complaint) -> JobDoor? {
        guard let path = try path(call) else { return nil }
        if let key = VaultAccess.keySources.first(where: call.has) {
            throw Complaint(
                .usage, "`\(key.name)` opens the vault, which a job leaves locked",
                hint: "leave it out, or the job's identity")
        }
        let file = try Intake.key(file: path, what: "the job's identity")
        guard Session.isIdentity(file) else {
            if call.has(credential) { return nil }
            throw Complaint(VaultError.unusableIdentity)
        }
        let session = try VaultAccess.locked(call, for: .reading, job: job)
        return JobDoor(session, file)
    }

    private init(_ session: Session, _ identity: consuming SecretBytes) {
        self.session = session
        self.identity = identity
    }

    /// The file that the command line names: of an identity, or with `--credential` perhaps of
    /// another key.
    static func path(_ call: Invocation) throws(Complaint) -> String? {
        guard let name = call.value(of: credential) else { return call.value(of: identityFile) }
        guard !call.has(identityFile) else {
            throw Complaint(
                .usage, "`\(identityFile.name)` and `\(credential.name)` exclude each other")
        }
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/") else {
            throw Complaint(.usage, "`\(credential.name)` needs the name of a credential")
        }
        guard let folder = Places.credentials else {
            throw Complaint(
                .usage, "there are no credentials: CREDENTIALS_DIRECTORY is not set",
                hint: "LoadCredential= in the unit of a service sets it; see systemd.exec(5)")
        }
        return "\(folder)/\(name)"
    }

    func fetch(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        try session.collect(name, version, with: identity, at: time)
    }

    func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret { throw .locked }
}

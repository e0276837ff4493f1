// `coffer compromised`: somebody else has the key. It goes at once, and another one comes.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

extension FieldName {
    /// The public field that says since when somebody else has which version.
    static let compromised = FieldName("compromised")
}

extension Metadata {
    /// The version that somebody else has, as far as that was said.
    var compromisedVersion: UInt32? {
        FieldName.compromised.flatMap { fields[$0] }
            .flatMap { $0.split(separator: " ").last }.flatMap { UInt32($0) }
    }

    /// Whether the rotation that runs replaces a key that somebody else has.
    var isOldCompromised: Bool {
        guard let rotation, !rotation.state.isOver else { return false }
        return rotation.old == compromisedVersion
    }
}

enum CompromisedCommand {
    static let verb = Verb(
        words: "compromised", summary: "replace a key that somebody else has",
        details: [
            "Marks the secret with the public field `compromised`. Where the issuer deletes a key"
                + " for whoever has it, such as a token of GitHub, that is done first, if it is"
                + " confirmed: nothing brings it back. Else it is rotated without a grace: a new"
                + " key, and the old one is switched off and deleted as soon as the new one is"
                + " verified. A rotation that runs is hastened.",
            "Where only a person can make the new key, `coffer rotate NAME --guided` is next.",
        ],
        operands: [.required("NAME")],
        options: [RotateCommand.admin, VerbTable.yes],
        examples: [Example("coffer compromised github/bot", "it was pushed to a repository")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let (session, door) = try VaultAccess.doorIfPossible(call, for: .changing)
        guard let door else { throw Complaint(VaultError.locked) }
        let secret = try mark(name, door)
        let profile = try ProfileCatalog.standard.named(secret.issuer.text)
        let rotation = try OneRotation(name, call, session, door, isHasty: true)
        if rotation.isRunning {
            let code = try rotation.goOn(from: .resume)
            // It was the new one that somebody else has: the old one is gone, and it is next.
            guard rotation.description.version(.current)?.number == secret.compromisedVersion,
                !rotation.isRunning
            else { return code }
        }
        guard case .some(.none) = profile.call(.revoke)?.administration else {
            guard !rotation.needsPerson else { throw byHand(name, profile) }
            return try rotation.begin()
        }
        try revoke(secret, profile, call, door)
        guard rotation.needsPerson else { return try rotation.begin() }
        throw byHand(name, profile)
    }

    private static func mark(_ name: SecretName, _ door: any Door) throws(Complaint) -> Metadata {
        let secret = try Complaint.from { () throws(VaultError) in
            try door.describe(name, at: Clock.now())
        }
        guard let field = FieldName.compromised, let current = secret.version(.current) else {
            throw Complaint(VaultError.versionMissing(name, .current))
        }
        let marked = try Complaint.from { () throws(VaultError) in
            try door.edit(
                name, [.set(field, "\(Clock.now()) version \(current.number)")], at: Clock.now())
        }
        try Console.out("\"\(name)\" version \(current.number) is marked as compromised\n")
        try Console.flush()
        return marked
    }

    /// Has the issuer delete the key for whoever has it.
    private static func revoke(
        _ secret: Metadata, _ profile: IssuerProfile, _ call: Invocation, _ door: any Door
    ) throws(Complaint) {
        guard let revocation = profile.call(.revoke) else { return }
        if !call.has(VerbTable.yes) {
            guard Terminal.isInteractive else {
                throw Complaint(
                    .refused, "the key is not deleted at the issuer unasked",
                    hint: "add --yes; nothing brings it back")
            }
            guard
                try Terminal.confirm(
                    "delete it at the issuer now? nothing brings it back", default: .no)
            else { throw Complaint(.failed, "nothing was done at the issuer") }
        }
        let credential = try IssuerCalling.credential(
            secret.name, .current, disabled: .allow, from: door)
        switch try IssuerCalling().make(revocation, with: credential, by: nil) {
        case .done: break
        // Without a credential of ours a no may come from anybody.
        case let other: throw Complaint(other)
        }
        try Console.out("the issuer has deleted the key of \"\(secret.name)\"\n")
        try Console.flush()
    }

    private static func byHand(_ name: SecretName, _ profile: IssuerProfile) -> Complaint {
        let place = profile.console.map { " at \(Escaped.text($0))" } ?? ""
        return Complaint(
            .findings, "a person makes the new key of \"\(name)\"\(place)",
            hint: "`coffer rotate \(name) --guided --grace 0s` takes it in")
    }
}

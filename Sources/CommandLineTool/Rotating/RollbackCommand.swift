// `coffer rollback`: back to the version before, in the vault and at the issuer.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

enum RollbackCommand {
    static let offline = Option.flag("--offline", "change the vault alone, and ask no issuer")

    static let verb = Verb(
        words: "rollback", summary: "make the previous version of a secret current again",
        details: [
            "The current one becomes the previous one, so that a second rollback undoes the first."
                + " Where the issuer has a call that tells, it must accept the previous one first;"
                + " a key that is switched off there is switched on again. Where it has none, or"
                + " with --offline, nothing is asked and nothing changed at the issuer.",
            "While both keys of a rotation are there, the rotation is taken back as by `coffer"
                + " rotate NAME --abandon`: the old key is switched on again, and when it is"
                + " accepted and current, the new one is deleted.",
        ],
        operands: [.required("NAME")],
        options: [offline, RotateCommand.admin],
        examples: [Example("coffer rollback aws/ci", "after a version that does not work")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let (session, open) = try VaultAccess.doorIfPossible(call, for: .changing)
        guard let door = open else { throw Complaint(VaultError.locked) }
        let secret = try Complaint.from { () throws(VaultError) in
            try door.describe(name, at: Clock.now())
        }
        if let rotation = secret.rotation, rotation.hasBothKeys {
            try checkTakingBack(rotation, of: secret, call)
            return try OneRotation(name, call, session, door, isHasty: false).goOn(from: .abandon)
        }
        guard secret.rotation?.state.isOver ?? true else {
            throw Complaint(VaultError.rotationRunning(name))
        }
        return try swap(secret, call, door)
    }

    private static func checkTakingBack(
        _ rotation: RotationJournal, of secret: Metadata, _ call: Invocation
    ) throws(Complaint) {
        try refuseCompromised(rotation.old, of: secret)
        let name = secret.name
        let back = "`coffer rotate \(name) --abandon`"
        guard !call.has(offline) else {
            throw Complaint(
                .refused, "a rotation of \"\(name)\" is under way, which the issuer takes part in",
                hint: "\(back), or leave `\(offline.name)` out")
        }
        guard rotation.mode != .command else {
            throw Complaint(
                .refused, "the rotation of \"\(name)\" is taken back with its own commands",
                hint: "\(back) with `\(RotateCommand.revokeWith.name)` and"
                    + " `\(RotateCommand.verifyWith.name)`")
        }
    }

    /// The key that somebody else has would be in use again, and the good one deleted.
    private static func refuseCompromised(
        _ number: UInt32, of secret: Metadata
    ) throws(Complaint) {
        guard secret.compromisedVersion == number else { return }
        throw Complaint(
            .refused, "version \(number) of \"\(secret.name)\" is marked as compromised",
            hint: "`coffer edit \(secret.name) --unset compromised` takes the mark away")
    }

    /// Has these two versions change places; if others came meanwhile, none.
    private static func swap(
        _ secret: Metadata, _ call: Invocation, _ door: any Door
    ) throws(Complaint) -> ExitCode {
        let name = secret.name
        let lock = try RotationLock(name, at: VaultAccess.path(call))
        defer { withExtendedLifetime(lock) {} }
        guard let previous = secret.version(.previous), let swap = secret.swap else {
            throw Complaint(VaultError.versionMissing(name, .previous))
        }
        try refuseCompromised(previous.number, of: secret)
        var isAsked = false
        // What the vault will refuse must change nothing at the issuer.
        if !call.has(offline), !secret.isManagedElsewhere {
            isAsked = try askIssuer(previous, secret, call, door)
        }
        let changed = try Complaint.from { () throws(VaultError) in
            try door.rollBack(name, swap, at: Clock.now())
        }
        let number = changed.version(.current).map { "\($0.number)" } ?? "-"
        try Console.out("\"\(name)\" version \(number) is current again\n")
        if !isAsked { Console.note("nothing was asked or changed at the issuer") }
        return .ok
    }

    /// Sees to it that the issuer accepts the previous version; false if it has no call that tells.
    private static func askIssuer(
        _ previous: VersionSummary, _ secret: Metadata, _ call: Invocation, _ door: any Door
    ) throws(Complaint) -> Bool {
        let profile = try ProfileCatalog.standard.named(secret.issuer.text)
        guard !profile.lifetime.reuseRevokes else {
            throw Complaint(
                .refused,
                "\(profile.id) takes an exchanged value for theft, and revokes the current one",
                hint: "`\(offline.name)` makes version \(previous.number) current all the same")
        }
        guard Verification.call(of: profile) != nil else { return false }
        try EarlierKey(of: previous, secret, profile, admin: call.administrator(), door)
            .bringBack()
        return true
    }
}

extension RotationJournal {
    /// Whether the new key is in use, or on its way out, and the old one can be had back.
    fileprivate var hasBothKeys: Bool {
        switch state {
        case .promoted, .deactivated, .restoring, .abandoning: mode != .inPlace
        default: false
        }
    }
}

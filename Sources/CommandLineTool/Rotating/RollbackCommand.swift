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
        options: [offline, RotateCommand.admin, VerbTable.yes],
        examples: [Example("coffer rollback aws/ci", "after a version that does not work")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let (session, open) = try VaultAccess.doorIfPossible(call, for: .changing)
        guard let door = open else { throw Complaint(VaultError.locked) }
        let secret = try describe(name, door)
        guard secret.rotation.map(\.hasBothKeys) != true else {
            guard !call.has(offline) else { throw underWay(name) }
            return try OneRotation(name, call, session, door, isHasty: false).goOn(from: .abandon)
        }
        let lock = try RotationLock(name, at: VaultAccess.path(call))
        defer { withExtendedLifetime(lock) {} }
        var isAsked = false
        if !call.has(offline) { isAsked = try askIssuer(describe(name, door), call, door) }
        let changed = try Complaint.from { () throws(VaultError) in
            try door.rollBack(name, at: Clock.now())
        }
        let number = changed.version(.current).map { "\($0.number)" } ?? "-"
        try Console.out("\"\(name)\" version \(number) is current again\n")
        if !isAsked { Console.note("nothing was asked or changed at the issuer") }
        return .ok
    }

    private static func describe(
        _ name: SecretName, _ door: any Door
    ) throws(Complaint) -> Metadata {
        try Complaint.from { () throws(VaultError) in try door.describe(name, at: Clock.now()) }
    }

    private static func underWay(_ name: SecretName) -> Complaint {
        Complaint(
            .refused, "a rotation of \"\(name)\" is under way, which only the issuer can take back",
            hint: "leave `\(offline.name)` out")
    }

    /// Sees to it that the issuer accepts the previous version; false if it cannot be asked.
    private static func askIssuer(
        _ secret: Metadata, _ call: Invocation, _ door: any Door
    ) throws(Complaint) -> Bool {
        // Without one, or while a rotation runs, it is the vault that says so.
        guard let previous = secret.version(.previous), secret.rotation?.state.isOver ?? true else {
            return false
        }
        let profile = try ProfileCatalog.standard.named(secret.issuer.text)
        let named = try call.value(of: RotateCommand.admin).map { text throws(Complaint) in
            try SecretName.reading(text)
        }
        guard let key = EarlierKey(of: previous, secret, profile, admin: named, door) else {
            return false
        }
        try key.bringBack()
        return true
    }
}

extension RotationJournal {
    /// Whether the new key is in use, or on its way out, and the old one can be had back.
    fileprivate var hasBothKeys: Bool {
        switch state {
        case .promoted, .deactivated, .restoring: mode != .inPlace
        default: false
        }
    }
}

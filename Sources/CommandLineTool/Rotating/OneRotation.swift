// The rotation of one secret as a command line asks for it.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

final class OneRotation {
    private var secret: Metadata
    private let profile: IssuerProfile
    private let service: any KeyService
    private let door: any Door
    private let session: Session
    private let person: RotationPerson
    private let grace: UInt64
    private let expires: Timestamp?
    private let isHasty: Bool
    /// The administrator that the command line names.
    private let admin: SecretName?
    /// Held from before the secret is looked at.
    private let lock: RotationLock

    init(
        _ name: SecretName, _ call: Invocation, _ session: Session, _ door: any Door,
        isHasty: Bool
    ) throws(Complaint) {
        lock = try RotationLock(name, at: VaultAccess.path(call))
        let secret = try Complaint.from { () throws(VaultError) in
            try door.describe(name, at: Clock.now())
        }
        let isCompromised = secret.isOldCompromised
        profile = try ProfileCatalog.standard.named(secret.issuer.text)
        self.door = door
        self.session = session
        self.isHasty = isHasty || isCompromised
        let mode = try Self.mode(of: secret, profile, call)
        let way = try CaptureWay(call)
        let intake = try CaptureIntake(call, secret.name, .standard, way, now: Clock.now())
            .replacing(secret, of: profile)
        if mode == .command {
            admin = nil
            service = CommandKeys(try Self.commands(call), intake, profile, door)
        } else {
            let named = try call.administrator()
            let administrator = try Administration.find(
                for: secret, of: profile, named: named, door)
            admin = named
            service = IssuerKeys(mode, profile, administrator, try IssuerCalling(), door)
        }
        self.secret = secret
        let usual = isHasty ? 0 : secret.rotation?.grace ?? RotateCommand.usualGrace
        grace = try call.duration(RotateCommand.grace) ?? usual
        guard grace <= RotationJournal.longestGrace else {
            throw Complaint(.usage, "`\(RotateCommand.grace.name)` is at most ten years")
        }
        expires = try Self.expiry(call, secret, profile)
        person = try RotationPerson(
            name: secret.name, answersYes: call.has(VerbTable.yes),
            mayAsk: !call.has(RotateCommand.due),
            choices: Self.choices(call), intake: intake, way: way)
    }

    /// The secret as it is now.
    var description: Metadata { secret }
    var isRunning: Bool { secret.rotation.map { !$0.state.isOver } ?? false }
    /// Whether a person has to make the key.
    var needsPerson: Bool { service.abilities(for: secret).create == .person }

    // What it is about.

    /// A rotation that runs stays what it is.
    private static func mode(
        of secret: Metadata, _ profile: IssuerProfile, _ call: Invocation
    ) throws(Complaint) -> RotationMode {
        if let rotation = secret.rotation, !rotation.state.isOver { return rotation.mode }
        if call.has(RotateCommand.from) { return .command }
        if call.has(RotateCommand.guided) || profile.call(.create) == nil { return .guided }
        switch profile.lifetime.rotation {
        case .dual: return .dual
        case .inPlace: return .inPlace
        case .guided: return .guided
        }
    }

    private static func commands(_ call: Invocation) throws(Complaint) -> CommandKeys.Commands {
        CommandKeys.Commands(
            create: call.value(of: RotateCommand.from),
            verify: call.value(of: RotateCommand.verifyWith),
            revoke: call.value(of: RotateCommand.revokeWith))
    }

    /// Keeps with the secret what was learned of it and who administers it.
    private func remember(_ learned: DescriptionChange?) throws(Complaint) {
        var changes = [learned].compactMap { $0 }
        if let admin, let field = FieldName.administrator, secret.fields[field] != admin.text {
            changes.append(.set(field, admin.text))
        }
        guard !changes.isEmpty else { return }
        secret = try Complaint.from { () throws(VaultError) in
            try door.edit(secret.name, changes, at: Clock.now())
        }
    }

    /// As it is said, else as long as the old one was to live, else as long as the issuer allows.
    private static func expiry(
        _ call: Invocation, _ secret: Metadata, _ profile: IssuerProfile
    ) throws(Complaint) -> Timestamp? {
        let now = Clock.now()
        if let said = try call.expiry(CaptureCommand.expires, now: now) {
            guard said > now else {
                throw Complaint(.usage, "`\(CaptureCommand.expires.name)` is over already")
            }
            return said
        }
        if let old = secret.expires, let current = secret.version(.current) {
            let life = old.seconds(since: current.created)
            if life > 0 { return now.adding(seconds: life) }
        }
        let days = profile.lifetime.maximumDays
        return days.map { now.adding(seconds: UInt64(max(1, $0)) * 86_400) }
    }

    private static func choices(
        _ call: Invocation
    ) throws(Complaint) -> [KeyID: RotationPerson.Choice] {
        var choices: [KeyID: RotationPerson.Choice] = [:]
        for (option, choice) in [
            (RotateCommand.deleteKey, RotationPerson.Choice.delete), (RotateCommand.keepKey, .keep),
        ] {
            for text in call.values(of: option) {
                guard let key = KeyID(text) else {
                    throw Complaint(.usage, "`\(option.name)` needs the id of a key")
                }
                choices[key] = choice
            }
        }
        return choices
    }

    // What is done.

    func showPlan() throws(Complaint) -> ExitCode {
        try Console.out(makePlan().text(service.mode))
        return .ok
    }

    private func makePlan() throws(Complaint) -> RotationPlan {
        try service.check(secret)
        let plan = try RotationPlan(for: secret, by: service, grace: grace)
        try checkLife()
        try checkWaiting()
        return plan
    }

    /// A key that is dead before the old one goes is none.
    private func checkLife() throws(Complaint) {
        guard service.mode != .inPlace, let expires,
            expires <= Clock.now().adding(seconds: grace)
        else { return }
        throw Complaint(
            .usage, "the new key of \"\(secret.name)\" would expire before the grace is over",
            hint: "a shorter \(RotateCommand.grace.name), or a later \(CaptureCommand.expires.name)"
        )
    }

    /// An exchange that was given up may have left the only value that is valid.
    private func checkWaiting() throws(Complaint) {
        guard service.mode == .inPlace, let last = secret.rotation, last.state == .abandoned,
            let number = last.new, secret.version(.number(number))?.state == .pending
        else { return }
        throw Complaint(
            .refused, "a value that was exchanged before waits as version \(number)",
            hint: "`coffer inbox accept \(secret.name)@\(number)` puts it into use")
    }

    /// Begins it, and goes on as far as it can.
    func begin() throws(Complaint) -> ExitCode {
        let plan = try makePlan()
        if needsPerson, case .prompts = person.way, !Terminal.isInteractive {
            throw Complaint(
                .usage, "a person makes the new key of \"\(secret.name)\", and nobody is there",
                hint: "use --stdin or --clipboard, or run it on a terminal")
        }
        try remember(plan.learned)
        if let end = try OlderKeys(
            plan: plan, service: service, door: door,
            patience: max(grace, service.abilities(for: secret).soak)
        ).makeRoom() {
            try Console.out(
                "\"\(secret.name)\": an older key was switched off; it is deleted, and the rotation"
                    + " begun, from \(end) on: run it again then\n")
            // Somebody else has the key that is still in use.
            return isHasty ? .findings : .ok
        }
        try checkPlaceForValues()
        secret = try Complaint.from { () throws(VaultError) in
            try door.beginRotation(secret.name, service.mode, grace: grace, at: Clock.now())
        }
        return try goOn(from: .resume)
    }

    func goOn(from event: Event) throws(Complaint) -> ExitCode {
        // Typed once too often it would begin another one, and delete the key of a minute ago.
        guard secret.rotation != nil, isRunning || !isHasty else {
            throw Complaint(
                .notFound, "\"\(secret.name)\" is not being rotated",
                hint: "`coffer rotate \(secret.name)` begins a rotation; `--grace 0s` one without a"
                    + " grace")
        }
        if let unknown = person.choices.keys.first(where: { !secret.strays.contains($0) }) {
            throw Complaint(
                .notFound, "\(Escaped.text(unknown.text)) is not among the keys that nobody holds",
                hint: "`coffer history \(secret.name)` names them")
        }
        if isRunning { try remember(nil) }
        if let state = secret.rotation?.state, [.intended, .creating, .searching].contains(state) {
            try checkPlaceForValues()
        }
        let driver = RotationDriver(
            secret, service, door, person, isHasty: isHasty, expires: expires
        ) { [door, session] time in CaptureRescue(door, session, at: time) }
        let ending: RotationDriver.Ending
        do throws(Complaint) { ending = try driver.run(from: event) } catch {
            throw Self.hinting(error, driver.secret)
        }
        secret = driver.secret
        let code = try RotationOutcome(ending, driver.secret, driver.trouble).report()
        if case .waits = ending { try tellUsers() }
        return code
    }

    /// Who has not got the new key yet.
    private func tellUsers() throws(Complaint) {
        guard let users = try VersionUsers.ofOld(in: secret, door), !users.uses.isEmpty else {
            return
        }
        try Console.out(Columns.text(users.rows))
    }

    /// Where a value goes that comes when the vault is locked, or gone.
    private func checkPlaceForValues() throws(Complaint) {
        guard (try? session.depositAddress()) == nil else { return }
        throw Complaint(
            .notStored,
            "this machine has not seen the vault's key for deposits: a key that cannot be stored"
                + " would be lost",
            hint: "`coffer list --key-file FILE` or a passphrase opens the vault here once")
    }

    private static func hinting(_ complaint: Complaint, _ secret: Metadata) -> Complaint {
        guard complaint.hints.isEmpty, let rotation = secret.rotation, !rotation.state.isOver,
            complaint.code != .refused
        else { return complaint }
        return Complaint(
            complaint.code, complaint.words,
            hint: "`coffer rotate \(secret.name) --resume` goes on where it is:"
                + " \(rotation.state.word)")
    }
}

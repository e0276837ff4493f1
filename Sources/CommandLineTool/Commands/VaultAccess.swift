// Which vault a command line means, and which key opens it.

internal import AgentProtocol
internal import AgentService
internal import SecretMemory
internal import VaultModel

/// The way from a command line to an unlocked vault. A passphrase is never taken from the command
/// line or the environment: others of the same user can read both.
enum VaultAccess {
    /// `--vault`, else `$COFFER_VAULT`, else the standard place.
    static func path(_ call: Invocation) throws(Complaint) -> String {
        if let path = call.value(of: VerbTable.vault) { return path }
        return try Places.vault()
    }

    /// The vault after its file passed every check, still locked.
    static func locked(
        _ call: Invocation, for purpose: Session.Purpose, job: String? = nil
    ) throws(Complaint) -> Session {
        let path = try path(call)
        let caller = ThisProcess.caller(reason: try call.reason(), job: job)
        return try Complaint.from { () throws(VaultError) in
            try Session(
                at: path, for: purpose, by: caller, memory: Places.state, remark: remark)
        }
    }

    /// Says what kept the newest state of the vault from being remembered.
    static func remark(on obstacle: VaultError) {
        Console.warn(
            "the newest state of the vault could not be remembered here, so that an older"
                + " one would not be noticed: \(Complaint(obstacle).words)")
    }

    /// The open vault. Whatever is wrong with the file is said before a passphrase is asked for.
    static func unlocked(
        _ call: Invocation, for purpose: Session.Purpose, job: String? = nil
    ) throws(Complaint) -> Session {
        let session = try locked(call, for: purpose, job: job)
        let offer = try offer(call, to: session)
        try unlock(session, with: offer, call)
        return session
    }

    /// Reads with `body` in the open vault: the agent's, unless the command line names a key, or
    /// else one that is opened here. The agent is greeted with the first question; if it turns out
    /// not to be open, `body` begins again, so it must not do anything before its first question.
    /// So it does if the agent ended before it answered: what it read may be in the log twice then.
    static func reading<R: ~Copyable>(
        _ call: Invocation, job: String? = nil,
        _ body: (any Door) throws(Complaint) -> R
    ) throws(Complaint) -> R {
        if let agent = try AgentAccess.client(call, job: job) {
            do throws(Complaint) { return try body(agent) } catch {
                if let status = agent.status {
                    guard !status.isOpen, !agent.hasAnswered else { throw error }
                    try askPersonOnly()
                }
            }
        }
        return try body(try unlocked(call, for: .reading, job: job))
    }

    /// The same for what only asks for values: a job may have some while the vault stays locked.
    static func values<R: ~Copyable>(
        _ call: Invocation, job: String? = nil,
        _ body: (any ValueDoor) throws(Complaint) -> R
    ) throws(Complaint) -> R {
        if let door = try JobDoor.named(by: call, job: job) { return try body(door) }
        return try reading(call, job: job) { door throws(Complaint) in
            try body(door)
        }
    }

    /// The same for what does things between its questions.
    static func door(
        _ call: Invocation, for purpose: Session.Purpose, job: String? = nil
    ) throws(Complaint) -> any Door {
        if let agent = try AgentAccess.greeted(call, job: job) {
            if agent.status?.isOpen == true { return agent }
            try askPersonOnly()
        }
        return try unlocked(call, for: purpose, job: job)
    }

    /// The same where nobody may be asked for a key: nil if none is given and no agent is open.
    static func doorUnasked(
        _ call: Invocation, for purpose: Session.Purpose
    ) throws(Complaint) -> (any Door)? {
        if let agent = try AgentAccess.greeted(call), agent.status?.isOpen == true { return agent }
        switch try given(call) {
        case .some(let offer):
            let session = try locked(call, for: purpose)
            try unlock(session, with: offer, call)
            return session
        case .none: return nil
        }
    }

    /// A locked agent: a person can be asked; a job is told what a person can do.
    private static func askPersonOnly() throws(Complaint) {
        guard Terminal.canAsk else { throw Complaint(VaultError.locked) }
    }

    /// The vault's file, for what needs no key, and its door: nil if there is neither an agent that
    /// keeps it open nor a key nor a person who could be asked for one.
    static func doorIfPossible(
        _ call: Invocation, for purpose: Session.Purpose = .changing
    ) throws(Complaint) -> (session: Session, door: (any Door)?) {
        if let agent = try AgentAccess.greeted(call), agent.status?.isOpen == true {
            return (try locked(call, for: purpose), agent)
        }
        let (session, isOpen) = try unlockedIfPossible(call, for: purpose)
        return (session, isOpen ? session : nil)
    }

    /// The vault, open if a key is offered or a person can be asked for one; else still locked, and
    /// false.
    static func unlockedIfPossible(
        _ call: Invocation, for purpose: Session.Purpose = .reading
    ) throws(Complaint) -> (session: Session, isOpen: Bool) {
        let session = try locked(call, for: purpose)
        switch try given(call) {
        case .some(let offer): try unlock(session, with: offer, call)
        case .none:
            guard Terminal.canAsk else { return (session, false) }
            let offer = try offer(call, to: session)
            try unlock(session, with: offer, call)
        }
        return (session, true)
    }

    /// Opens the vault, and says what is to be said of its slots.
    static func unlock(
        _ session: Session, with offer: borrowing KeyOffer, _ call: Invocation
    ) throws(Complaint) {
        try unlock(
            session, with: offer,
            rollback: call.has(VerbTable.acceptRollback) ? .accept : .refuse)
    }

    static func unlock(
        _ session: Session, with offer: borrowing KeyOffer, rollback choice: RollbackChoice
    ) throws(Complaint) {
        let state = try Complaint.from { () throws(VaultError) in
            try session.unlock(with: offer, at: Clock.now(), rollback: choice)
        }
        try remarkOnDamagedSlots(of: session)
        remark(
            on: Unlocked(
                anchor: state, slotsWereChanged: session.slotsWereChanged,
                notices: session.depositNotices, obstacle: session.depositObstacle))
    }

    /// Says what unlocking found.
    static func remark(on found: Unlocked) {
        remark(on: found.anchor)
        DepositWords.remark(on: found)
        if found.slotsWereChanged {
            Console.warn(
                "the key slots were changed outside coffer: `coffer slot list` shows them;"
                    + " the next change of the vault takes them as they are")
        }
    }

    /// Says what is to be said of the vault's age.
    private static func remark(on state: AnchorState) {
        switch state {
        case .fits: break
        case .absent(let generation):
            Console.note("this vault was not seen here before: generation \(generation)")
        case .damaged(let generation):
            Console.warn(
                "what was remembered of this vault is damaged: generation \(generation) is taken"
                    + " as the newest")
        case .accepted: Console.warn("an older state of the vault was accepted, and logged")
        }
    }

    private static func remarkOnDamagedSlots(of session: Session) throws(Complaint) {
        let facts = try Complaint.from { () throws(VaultError) in try session.facts() }
        for slot in facts.slots where slot.hasDamagedCopy {
            Console.warn(
                "one of the two copies of slot \(slot.number) is damaged;"
                    + " the next change of the vault mends it")
        }
    }

    /// The key that the command line names, systemd's credentials hold, or a person types.
    static func offer(_ call: Invocation, to session: Session) throws(Complaint) -> KeyOffer {
        switch try given(call) {
        case .some(let offer): return offer
        case .none: break
        }
        let facts = try Complaint.from { () throws(VaultError) in try session.facts() }
        guard facts.slots.contains(where: { $0.kind == .passphrase }) else {
            throw Complaint(
                .locked, "this vault opens with a key file or a recovery code",
                hint: "use --key-file FILE or --recovery")
        }
        return .passphrase(try Terminal.readHidden(prompt: "passphrase"))
    }

    /// The key of a vault that is not there yet: the same, or a passphrase that is typed.
    static func offer(_ call: Invocation) throws(Complaint) -> KeyOffer {
        switch try given(call) {
        case .some(let offer): return offer
        case .none: return .passphrase(try Terminal.readHidden(prompt: "passphrase"))
        }
    }

    /// Whether the command line names a key, or the environment or systemd's credentials hold one.
    static func isKeyGiven(_ call: Invocation) -> Bool {
        keySources.contains(where: call.has)
            || Places.credentials != nil && Places.agentFolder == nil
            || call.verb.takesKeyFromEnvironment && Places.keyFile != nil
            || call.has(JobDoor.credential)
    }

    static let keySources = [
        VerbTable.passphraseFile, VerbTable.passphraseDescriptor, VerbTable.keyFile,
        VerbTable.recovery, VerbTable.recoveryShares, VerbTable.shareFile,
    ]

    /// The key that the command line names or systemd's credentials hold, or nil.
    static func given(_ call: Invocation) throws(Complaint) -> KeyOffer? {
        let sources = keySources.filter(call.has)
        guard sources.count <= 1 else {
            let names = sources.map { "`\($0.name)`" }.joined(separator: " and ")
            throw Complaint(.usage, "\(names) exclude each other")
        }
        if let file = call.value(of: VerbTable.passphraseFile) {
            return .passphrase(try Intake.passphrase(file: file))
        }
        if let text = call.value(of: VerbTable.passphraseDescriptor) {
            return .passphrase(try passphrase(descriptor: text))
        }
        if let file = call.value(of: VerbTable.keyFile) {
            return .rawKey(try Intake.key(file: file))
        }
        if call.has(VerbTable.recovery) {
            return .rawKey(try Terminal.readHidden(prompt: "recovery code"))
        }
        if call.has(VerbTable.recoveryShares) { return try ShareIntake.ask().offer() }
        let files = call.values(of: VerbTable.shareFile)
        if !files.isEmpty { return try ShareIntake.read(files).offer() }
        if call.has(JobDoor.credential), let file = try JobDoor.path(call) {
            return .rawKey(try Intake.key(file: file))
        }
        if call.verb.takesKeyFromEnvironment, let file = Places.keyFile {
            return .rawKey(try Intake.key(file: file))
        }
        return try fromCredentials()
    }

    /// What systemd's LoadCredential= put into the directory that it names.
    private static func fromCredentials() throws(Complaint) -> KeyOffer? {
        guard let directory = Places.credentials else { return nil }
        let key = "\(directory)/coffer.key"
        if Places.exists(key) { return .rawKey(try Intake.key(file: key)) }
        let passphrase = "\(directory)/coffer.passphrase"
        if Places.exists(passphrase) { return .passphrase(try Intake.passphrase(file: passphrase)) }
        return nil
    }

    static func passphrase(descriptor text: String) throws(Complaint) -> SecretBytes {
        guard let number = Int32(text), number >= 0, String(number) == text else {
            throw Complaint(.usage, "`--passphrase-fd` needs the number of an open descriptor")
        }
        return try Intake.passphrase(descriptor: number)
    }
}

// `coffer rotate --due`: what a timer does. Nobody is asked anything.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

struct DueRotations {
    private let call: Invocation
    private let session: Session
    private let door: any Door
    private let catalog = ProfileCatalog.standard
    /// Calls for a key after which a person looks.
    private static let mostAttempts: UInt32 = 4

    init(_ call: Invocation, _ session: Session, _ door: any Door) {
        self.call = call
        self.session = session
        self.door = door
    }

    /// Goes on with every rotation that runs, and begins those that are due. One that fails keeps
    /// no other back.
    func run(isPlanOnly: Bool) throws(Complaint) -> ExitCode {
        let now = Clock.now()
        let keys = try Complaint.from { () throws(VaultError) in try door.keys(at: now) }
        var code = ExitCode.ok
        for (id, secret) in keys where secret.removed == nil {
            let isRunning = secret.rotation.map { !$0.state.isOver } ?? false
            guard isRunning || isDue(id, secret, now) else { continue }
            if isPlanOnly {
                try Console.out(
                    "\"\(secret.name)\": \(isRunning ? "goes on" : "is due, and is begun")\n")
                continue
            }
            let reached = goOn(id, secret.name)
            if reached == .failed || code == .ok { code = reached }
        }
        return code
    }

    /// Whether its age or its end asks for a new key: when it is over, or the grace would be cut.
    private func isDue(_ id: RecordID, _ secret: Metadata, _ now: Timestamp) -> Bool {
        guard !secret.isManagedElsewhere, secret.version(.current) != nil else { return false }
        let grace = secret.rotation?.grace ?? RotateCommand.usualGrace
        return Due.dates(id, secret, catalog.known(secret.issuer)).contains { due in
            switch due.reason {
            case .maximumAge: due.time <= now
            case .expires, .issuersLimit: due.time <= now.adding(seconds: grace)
            }
        }
    }

    /// What became of one; a failure is told, with the name.
    private func goOn(_ id: RecordID, _ name: SecretName) -> ExitCode {
        do throws(Complaint) {
            // Others may have gone on with it, or taken it back, while this was at another one.
            let rotation = try OneRotation(name, call, session, door, isHasty: false)
            // An issuer that fails each time must not be asked for a key each time.
            if let running = rotation.description.rotation, rotation.isRunning,
                running.new == nil, running.attempts >= Self.mostAttempts
            {
                Console.note(
                    "\"\(name)\": no key came of \(running.attempts) calls:"
                        + " `coffer rotate \(name) --resume`")
                return .findings
            }
            if rotation.isRunning { return try rotation.goOn(from: .resume) }
            guard isDue(id, rotation.description, Clock.now()) else { return .ok }
            // Whoever took it back does not want the next one within the hour.
            if let last = rotation.description.rotation, last.state == .abandoned,
                Clock.now().seconds(since: last.changed) < RotateCommand.usualGrace
            {
                Console.note(
                    "\"\(name)\" is due, and its rotation was abandoned: `coffer rotate \(name)`")
                return .findings
            }
            guard !rotation.needsPerson else {
                Console.note(
                    "\"\(name)\" is due, and a person makes its key: "
                        + "`coffer rotate \(name)`")
                return .findings
            }
            return try rotation.begin()
        } catch {
            Console.complain(
                Complaint(error.code, error.words(about: name), hints: error.hints))
            return error.code == .refused ? .findings : .failed
        }
    }
}

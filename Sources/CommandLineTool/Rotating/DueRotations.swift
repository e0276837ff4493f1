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
            let reached = goOn(secret, isRunning: isRunning)
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
    private func goOn(_ secret: Metadata, isRunning: Bool) -> ExitCode {
        do throws(Complaint) {
            let rotation = try OneRotation(secret, call, session, door, isHasty: false)
            if isRunning { return try rotation.goOn(from: .resume) }
            guard !rotation.needsPerson else {
                Console.note(
                    "\"\(secret.name)\" is due, and a person makes its key: "
                        + "`coffer rotate \(secret.name)`")
                return .findings
            }
            return try rotation.begin()
        } catch {
            Console.complain(
                Complaint(
                    error.code, "\"\(secret.name)\": \(error.words)",
                    hints: error.hints))
            return error.code == .refused ? .findings : .failed
        }
    }
}

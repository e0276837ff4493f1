// Who may have what while a vault is kept open: grants of the vault, and those of sessions, which
// are in no file.

internal import Sealing
internal import VaultModel

/// Where a vault was unlocked: a terminal, in one session of processes.
struct UnlockPlace: Hashable {
    let session: ProcessSession
    let terminal: Int32

    /// Nil if there is no terminal, or its session has no leader to know it by.
    init?(_ program: borrowing AskingProgram) {
        guard program.terminal != 0, program.session.startTime != 0 else { return nil }
        session = program.session
        terminal = program.terminal
    }
}

/// Judges what a program may have. Used by one thread, and emptied when the vault is locked.
final class GrantBook {
    /// A program that may have a secret in a session.
    private struct Kept: Hashable {
        let rid: RecordID
        let program: String
        let mark: ProgramFile.Mark
        let session: ProcessSession
    }

    /// Most grants of sessions; beyond them the oldest go.
    private static let most = 1_024

    private var kept: [(Kept, SessionGrant)] = []
    /// Where a person can be asked: where the vault was unlocked.
    private var place: UnlockPlace?
    /// Digests of programs, so that a large one is not read each time.
    private var digests: [ProgramFile.Mark: [UInt8]] = [:]

    /// Whether the agent is to do something else now: a signal came.
    var isInterrupted: () -> Bool = { false }
    /// Counts how often everything was taken back: what was allowed before is over.
    private(set) var round: UInt64 = 0

    /// Begins with nothing granted.
    func open(at place: UnlockPlace?) {
        forget()
        self.place = place
    }

    func close() { open(at: nil) }

    func forget() {
        kept = []
        round += 1
    }

    var grants: [SessionGrant] { kept.map(\.1) }

    /// Fails with `.notGranted` unless the program that asks has one of `grants`, or was allowed
    /// the secret. What is read of a program takes time, so it is looked at again at the end: if it
    /// is not what it was, it has none.
    func check(
        _ name: SecretName, _ rid: RecordID, _ grants: [Grant], _ asker: Asker
    ) throws(VaultError) {
        if asker.takePermit(rid, in: round) { return }
        switch asker.program() {
        case .some(let program):
            let mark = program.file()?.mark
            if isKept(rid, program) || isGranted(grants, program, asker), mark != nil,
                asker.isStill(program, mark)
            {
                return
            }
            throw .notGranted(name, refused(program))
        case .none: throw .notGranted(name, .unknown)
        }
    }

    private func isKept(_ rid: RecordID, _ program: borrowing AskingProgram) -> Bool {
        guard let wanted = entry(rid, program) else { return false }
        return kept.contains { $0.0 == wanted }
    }

    private func entry(_ rid: RecordID, _ program: borrowing AskingProgram) -> Kept? {
        guard let path = program.path, program.session.startTime != 0,
            let mark = program.file()?.mark
        else { return nil }
        return Kept(rid: rid, program: path, mark: mark, session: program.session)
    }

    /// An interpreter is granted nothing by a file, whatever the vault says: it may have been taken
    /// for something else when that was written.
    private func isGranted(
        _ grants: [Grant], _ program: borrowing AskingProgram, _ asker: Asker
    ) -> Bool {
        guard let path = program.path, !GrantedProgram.isInterpreter(path) else { return false }
        guard grants.contains(where: { $0.program.path == path }),
            let digest = digest(of: program, asker),
            let asking = GrantedProgram(path: path, digest: digest)
        else { return false }
        return grants.contains { $0.program == asking }
    }

    private func digest(of program: borrowing AskingProgram, _ asker: Asker) -> [UInt8]? {
        guard let file = program.file() else { return nil }
        if let known = digests[file.mark] { return known }
        let found = file.digest { !asker.hasEnded && !isInterrupted() }
        if digests.count >= Self.most { digests = [:] }
        if file.isAtRest { digests[file.mark] = found }
        return found
    }

    private func refused(_ program: borrowing AskingProgram) -> RefusedProgram {
        RefusedProgram(
            path: program.executable.state == .present ? program.executable.path : "",
            process: program.process, canAsk: canAsk(program))
    }

    /// Whether the one who unlocked the vault sits where the program runs: at the same terminal, in
    /// the same session, which listens to the client.
    private func canAsk(_ program: borrowing AskingProgram) -> Bool {
        guard let place, program.isInForeground, program.path != nil else { return false }
        return UnlockPlace(program) == place
    }

    /// The program, if the answer of a person where it runs may allow it something.
    func permitted(_ name: SecretName, _ asker: Asker) throws(VaultError) -> String {
        switch asker.program() {
        case .some(let program):
            guard canAsk(program), let path = program.path else {
                throw .notGranted(name, refused(program))
            }
            return path
        case .none: throw .notGranted(name, .unknown)
        }
    }

    /// Keeps that the program may have a secret in its session.
    func keep(_ rid: RecordID, named name: SecretName, _ asker: Asker) {
        switch asker.program() {
        case .some(let program):
            guard canAsk(program), let entry = entry(rid, program) else { return }
            kept.removeAll { $0.0 == entry }
            if kept.count >= Self.most { kept.removeFirst() }
            let said = SessionGrant(
                name: name, path: entry.program, leader: entry.session.leader)
            kept.append((entry, said))
        case .none: break
        }
    }

    /// The program as a file that a grant can be given to.
    func file(_ name: SecretName, _ asker: Asker) throws(VaultError) -> GrantedProgram {
        switch asker.program() {
        case .some(let program):
            let mark = program.file()?.mark
            guard let path = program.path, let digest = digest(of: program, asker),
                let granted = GrantedProgram(path: path, digest: digest),
                asker.isStill(program, mark)
            else { throw .notGranted(name, refused(program)) }
            guard !GrantedProgram.isInterpreter(path) else { throw .interpreter(path: path) }
            return granted
        case .none: throw .notGranted(name, .unknown)
        }
    }
}

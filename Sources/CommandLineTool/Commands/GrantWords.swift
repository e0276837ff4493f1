// What is said of grants, and what a person is asked who may give one.

internal import AgentProtocol
internal import VaultModel

enum GrantWords {
    static func complaint(_ error: VaultError) -> Complaint {
        switch error {
        case .grantMissing(let id): return Complaint(.notFound, "there is no grant \(id)")
        case .interpreter(let path):
            return Complaint(
                .refused, "\(Escaped.path(path)) runs what other files tell it to",
                hint: "granted to it, the secret would be granted to all of them; where the vault"
                    + " was unlocked it can be allowed once, or for a session")
        case .notGranted(let name, let program): return notGranted(name, program)
        default: return Complaint(.failed, "nothing was changed")
        }
    }

    private static func notGranted(_ name: SecretName, _ program: RefusedProgram) -> Complaint {
        let words = "\"\(name)\" is handed out by grant only"
        guard !program.path.isEmpty else {
            return Complaint(
                .refused, "\(words), and it is not known which program asks",
                hint: "a key of the vault needs no grant; a job has `coffer deliver`")
        }
        return Complaint(
            .refused, "\(words), and \(Escaped.path(program.path)) has none",
            hint: hint(name, program))
    }

    private static func hint(_ name: SecretName, _ program: RefusedProgram) -> String {
        if program.canAsk { return "whoever sits at this terminal can allow it" }
        if !GrantedProgram.isInterpreter(program.path), let word = Escaped.word(program.path) {
            return "`coffer grant add \(name) --to \(word)` grants it"
        }
        return "it can be allowed at the terminal where the vault was unlocked: to make that this"
            + " one, `coffer lock` and `coffer unlock`"
    }

    static func time(_ expires: Timestamp?) -> String { JobWords.time(expires) }

    /// How long a grant to a program lasts if nothing else is said, in words and seconds.
    private static let usual = "8h"

    /// Asks the person at the terminal; nil if the answer is no, or none.
    static func ask(_ name: SecretName, _ program: RefusedProgram) -> GrantScope? {
        do throws(Complaint) {
            return try askFor(name, program)
        } catch { return nil }
    }

    private static func askFor(
        _ name: SecretName, _ program: RefusedProgram
    ) throws(Complaint) -> GrantScope? {
        guard Terminal.canAsk else { return nil }
        // Two that ask at once would take each other's answers.
        let turn = TerminalTurn(ThisProcess.caller(reason: nil, job: nil).attribution.terminal)
        defer { withExtendedLifetime(turn) {} }
        let isFile = !GrantedProgram.isInterpreter(program.path)
        let shell = program.path.split(separator: "/").last.map(String.init) ?? ""
        let session = isFile ? "in this session" : "all that \(shell) runs in this session"
        let asked =
            "\(program.path) (process \(program.process)) asks for \"\(name)\"; allow it once,"
            + " \(session)\(isFile ? ", this program" : "") or no [o/s\(isFile ? "/p" : "")/N]"
        Terminal.forgetTypedAhead()
        while true {
            switch try Terminal.readLine(prompt: asked, default: "").lowercased() {
            case "o", "once": return .once
            case "s", "session": return .session
            case "p", "program":
                guard isFile else { break }
                return try askForTime()
            case "", "n", "no": return nil
            default: break
            }
            Console.warn(isFile ? "answer o, s, p or n" : "answer o, s or n")
        }
    }

    private static func askForTime() throws(Complaint) -> GrantScope {
        while true {
            let answer = try Terminal.readLine(prompt: "for how long", default: usual)
            if let seconds = Duration.seconds(answer), seconds > 0,
                seconds <= GrantScope.longest / 1_000
            {
                return .program(
                    until: Timestamp(milliseconds: Clock.now().milliseconds + seconds * 1_000))
            }
            Console.warn("a duration of at most 30 days, such as 45m, 8h or 30d")
        }
    }
}

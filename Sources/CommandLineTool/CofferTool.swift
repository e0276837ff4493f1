// From the command line to an exit code; decides nothing itself.

internal import Glibc

/// The program.
public enum CofferTool {
    /// The release, as `--version` prints it.
    static let version = "0.1.0"

    /// Runs the command that the process was started with, and ends the process.
    public static func main() -> Never {
        Hardening.begin()
        let code: ExitCode
        do throws(Complaint) {
            code = try run(CalledAs.words(ThisProcess.arguments))
            try Console.flush()
        } catch {
            Console.complain(error)
            exit(error.status)
        }
        exit(code.rawValue)
    }

    static func run(_ arguments: [String]) throws(Complaint) -> ExitCode {
        switch try VerbTable.parser.parse(arguments) {
        case .version: try Console.out("coffer \(version)\n")
        case .help(let verb): try Console.out(verb.map(Help.page) ?? Help.overview())
        case .run(let invocation): return try invocation.verb.run(invocation)
        }
        return .ok
    }
}

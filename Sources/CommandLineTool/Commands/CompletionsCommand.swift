// `coffer completions`: the script that lets a shell complete commands and options.

enum CompletionsCommand {
    static let verb = Verb(
        words: "completions", summary: "print the completion script of a shell",
        operands: [.required("bash|zsh|fish", .words(Shell.allCases.map(\.rawValue)))],
        examples: [
            Example(
                "coffer completions bash > ~/.local/share/bash-completion/completions/coffer",
                "complete commands and options in bash")
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        guard let shell = Shell(rawValue: call.operand(0)) else {
            throw Complaint(.usage, "completions are for bash, zsh and fish")
        }
        try Console.out(Completions.script(for: shell))
        return .ok
    }
}

// `coffer reference`: the whole reference in one piece, from which the docs are made.

enum ReferenceCommand {
    static let man = Option.flag("--man", "as a man page instead of Markdown")

    static let verb = Verb(
        words: "reference", summary: "print the reference of all commands",
        options: [man],
        examples: [Example("coffer reference --man | man -l -", "read it as a man page")],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        try Console.out(call.has(man) ? CommandReference.man() : CommandReference.markdown())
        return .ok
    }
}

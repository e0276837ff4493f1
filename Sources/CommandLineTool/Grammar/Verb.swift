// One verb of the command line, as data.

/// A positional argument.
struct Operand: Hashable, Sendable {
    let placeholder: String
    let isRequired: Bool
    let completion: Completion
    /// Whether there may be more of the same; only the last one of a verb.
    var isRepeated = false

    static func required(_ placeholder: String, _ completion: Completion = .nothing) -> Operand {
        Operand(placeholder: placeholder, isRequired: true, completion: completion)
    }

    static func optional(_ placeholder: String, _ completion: Completion = .nothing) -> Operand {
        Operand(placeholder: placeholder, isRequired: false, completion: completion)
    }

    /// One, and as many more as there are.
    static func several(_ placeholder: String, _ completion: Completion = .nothing) -> Operand {
        Operand(
            placeholder: placeholder, isRequired: true, completion: completion, isRepeated: true)
    }

    var usage: String {
        isRequired ? placeholder + (isRepeated ? "…" : "") : "[\(placeholder)]"
    }
}

/// Whether a command of the user's may follow `--`.
enum Trailing: Hashable, Sendable {
    case none, optional, required
}

/// A command line that stands in the help, and what it does.
struct Example: Hashable, Sendable {
    let line: String
    let meaning: String

    init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}

/// What is done: its words, its grammar and its code.
struct Verb: Sendable {
    /// One word, or two: `slot add`.
    let words: String
    let summary: String
    /// Paragraphs of the help, each on a line of its own.
    var details: [String] = []
    var operands: [Operand] = []
    var options: [Option] = []
    var trailing = Trailing.none
    /// Whether $COFFER_KEY_FILE names its key: who runs it may be unable to give it options.
    var takesKeyFromEnvironment = false
    var examples: [Example] = []
    let run: @Sendable (Invocation) throws(Complaint) -> ExitCode

    /// `coffer capture NAME [OPTIONS] [-- COMMAND ARG…]`.
    var usage: String {
        var parts = ["coffer", words] + operands.map(\.usage)
        if !options.isEmpty { parts.append("[OPTIONS]") }
        switch trailing {
        case .none: break
        case .optional: parts.append("[-- COMMAND ARG…]")
        case .required: parts.append("-- COMMAND ARG…")
        }
        return parts.joined(separator: " ")
    }
}

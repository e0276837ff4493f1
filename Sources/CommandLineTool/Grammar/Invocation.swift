// A command line that fits the grammar: which verb, with what.

/// The parsed command line. It was checked against the verb's grammar and nothing else: no file was
/// touched, no name was read.
struct Invocation: Sendable {
    let verb: Verb
    fileprivate(set) var operands: [String] = []
    /// The options in their order.
    fileprivate var given: [GivenOption] = []
    /// What follows `--`, or nil if there is no `--`.
    fileprivate(set) var command: [String]?

    func has(_ option: Option) -> Bool { given.contains { $0.name == option.name } }
    func value(of option: Option) -> String? { given.last { $0.name == option.name }?.value }
    func values(of option: Option) -> [String] {
        given.filter { $0.name == option.name }.map(\.value)
    }

    /// The operand at `place`, which the grammar made sure is there.
    func operand(_ place: Int) -> String { operands[place] }
    func optionalOperand(_ place: Int) -> String? {
        operands.indices.contains(place) ? operands[place] : nil
    }
}

/// An option as it was given; its value is empty if it takes none.
struct GivenOption: Sendable {
    let name: String
    let value: String
}

/// What a command line asks for.
enum Request: Sendable {
    case run(Invocation)
    case help(Verb?)
    case version
}

/// Reads a command line by the table of verbs. Pure. No message repeats an argument that is not a
/// word of the grammar: what was typed in the wrong place may be a secret.
struct CommandLineParser {
    let globalOptions: [Option]

    func parse(_ arguments: [String]) throws(Complaint) -> Request {
        var rest = arguments[...]
        var early: [GivenOption] = []
        while let word = rest.first, word.hasPrefix("-") {
            if word == "--help" || word == "-h" { return .help(nil) }
            if word == "--version" { return .version }
            rest = rest.dropFirst()
            try read(word, among: globalOptions, from: &rest, into: &early, of: nil)
        }
        guard let word = rest.first else { throw Self.noVerb }
        if word == "help" {
            let words = rest.dropFirst().filter { !$0.hasPrefix("-") }
            if words.count == rest.count - 1 {
                return words.isEmpty ? .help(nil) : .help(try verb(words[...]).verb)
            }
        }
        let found = try verb(rest)
        return try parse(rest.dropFirst(found.length), of: found.verb, early)
    }

    /// Reads what follows the words of `verb`, whether it is in the table or not.
    func parse(
        _ arguments: ArraySlice<String>, of verb: Verb, _ early: [GivenOption]
    ) throws(Complaint) -> Request {
        var invocation = Invocation(verb: verb, given: early)
        var rest = arguments
        let options = verb.options + globalOptions
        while let word = rest.popFirst() {
            if word == "--" {
                guard verb.trailing != .none else {
                    throw Complaint(
                        .usage, "`coffer \(verb.words)` takes no command",
                        hint: "see `coffer \(verb.words) --help`")
                }
                invocation.command = Array(rest)
                break
            }
            if word == "--help" || word == "-h" { return .help(verb) }
            if word.hasPrefix("-"), word != "-" {
                try read(word, among: options, from: &rest, into: &invocation.given, of: verb)
            } else {
                invocation.operands.append(word)
            }
        }
        try check(invocation)
        return .run(invocation)
    }

    /// Takes one option and its value.
    private func read(
        _ word: String, among options: [Option], from rest: inout ArraySlice<String>,
        into given: inout [GivenOption], of verb: Verb?
    ) throws(Complaint) {
        let sign = word.utf8.firstIndex(of: UInt8(ascii: "="))
        let typed = String(word[..<(sign ?? word.endIndex)])
        let attached = sign.map { String(word[word.utf8.index(after: $0)...]) }
        guard let option = options.first(where: { $0.name == typed || $0.short == typed }) else {
            throw unknown(typed, options, verb)
        }
        let name = option.name
        var value = ""
        if let placeholder = option.value {
            if let attached {
                value = attached
            } else if let next = rest.popFirst() {
                value = next
            } else {
                throw Complaint(.usage, "`\(option.name)` needs a value: \(placeholder)")
            }
        } else if attached != nil {
            throw Complaint(.usage, "`\(option.name)` takes no value")
        }
        if !option.isRepeatable, given.contains(where: { $0.name == name }) {
            throw Complaint(.usage, "`\(option.name)` is given twice")
        }
        given.append(GivenOption(name: name, value: value))
    }

    private func unknown(_ name: String, _ options: [Option], _ verb: Verb?) -> Complaint {
        let place = verb.map { "`coffer \($0.words)`" } ?? "coffer"
        let help = verb.map { "see `coffer \($0.words) --help`" } ?? "see `coffer --help`"
        if ["--passphrase", "--password", "--secret-value", "--key"].contains(name) {
            return Complaint(
                .usage, "a passphrase or key is never taken from the command line",
                hint:
                    "use --passphrase-file, --passphrase-fd or --key-file, or type it at the prompt"
            )
        }
        let near = options.map(\.name).filter { $0.hasPrefix(name) || name.hasPrefix($0) }
        if name.count > 2, let match = near.first {
            return Complaint(
                .usage, "\(place) has no such option", hint: "did you mean `\(match)`?")
        }
        return Complaint(.usage, "\(place) has no such option", hint: help)
    }

    private func check(_ invocation: Invocation) throws(Complaint) {
        let verb = invocation.verb
        let help = "see `coffer \(verb.words) --help`"
        if let missing = verb.operands.dropFirst(invocation.operands.count).first(
            where: \.isRequired)
        {
            throw Complaint(.usage, "\(missing.placeholder) is missing", hint: "\(verb.usage)")
        }
        if invocation.operands.count > verb.operands.count,
            verb.operands.last?.isRepeated != true
        {
            let hints =
                verb.words == "capture"
                ? [
                    "a secret is never taken from the command line: type it at the prompt,"
                        + " or use --stdin, --json, --csv, --clipboard or -- COMMAND",
                    "what was typed may now be in the shell's history",
                ] : [help]
            throw Complaint(.usage, "`coffer \(verb.words)` takes fewer arguments", hints: hints)
        }
        if verb.trailing == .required, invocation.command?.isEmpty ?? true {
            throw Complaint(.usage, "a command is missing", hint: verb.usage)
        }
        if verb.trailing == .optional, invocation.command?.isEmpty == true {
            throw Complaint(.usage, "there is no command after `--`", hint: verb.usage)
        }
    }

    /// A verb, and how many words it has.
    private struct FoundVerb {
        let verb: Verb
        let length: Int
    }

    /// The verb that `words` begin with.
    private func verb(_ words: ArraySlice<String>) throws(Complaint) -> FoundVerb {
        guard let first = words.first else { throw Self.noVerb }
        if let verb = VerbTable.verb(first) { return FoundVerb(verb: verb, length: 1) }
        let pair = words.prefix(2).joined(separator: " ")
        if words.count > 1, let verb = VerbTable.verb(pair) {
            return FoundVerb(verb: verb, length: 2)
        }
        let family = VerbTable.verbs.filter { $0.words.hasPrefix(first + " ") }
        if !family.isEmpty {
            let list = family.map { "`coffer \($0.words)`" }.joined(separator: ", ")
            throw Complaint(
                .usage, "`coffer \(family[0].words.prefix { $0 != " " })` needs a verb",
                hint: "one of \(list)")
        }
        throw Complaint(.usage, "coffer has no such command", hint: "see `coffer --help`")
    }

    private static let noVerb = Complaint(
        .usage, "a command is missing", hint: "see `coffer --help`; `coffer init` makes a vault")
}

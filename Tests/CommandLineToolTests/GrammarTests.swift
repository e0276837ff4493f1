// The grammar of the command line: what fits, what does not, and what is said of it.

import Testing

@testable import CommandLineTool

/// A command line of the verb with everything that it needs.
private func least(_ verb: Verb) -> (head: [String], tail: [String]) {
    let operands = verb.operands.filter(\.isRequired).map { _ in "x" }
    return (
        verb.words.split(separator: " ").map(String.init) + operands,
        verb.trailing == .required ? ["--", "true"] : []
    )
}

private let verbs = VerbTable.verbs.map(\.words)

private func verb(_ words: String) throws -> Verb { try #require(VerbTable.verb(words)) }

private func refused(_ words: String, hint: String) -> Parsed {
    .refused(Complaint(.usage, words, hint: hint))
}

private func refused(_ words: String) -> Parsed { .refused(Complaint(.usage, words)) }

@Suite("every verb")
struct VerbGrammarTests {
    @Test("runs with what it needs", arguments: verbs)
    func least(_ words: String) throws {
        let (head, tail) = CommandLineToolTests.least(try verb(words))
        let operands = try verb(words).operands.filter(\.isRequired).map { _ in "x" }
        let command = tail.isEmpty ? nil : ["true"]
        #expect(parsed(head + tail) == .run(words, operands: operands, command: command))
    }

    @Test("takes each of its options, behind and between, in both spellings", arguments: verbs)
    func options(_ words: String) throws {
        let verb = try verb(words)
        let (head, tail) = CommandLineToolTests.least(verb)
        for option in verb.options + VerbTable.globalOptions {
            guard option.value != nil else {
                let call = try invocation(head + [option.name] + tail)
                #expect(call.has(option))
                #expect(
                    parsed(head + ["\(option.name)=x"] + tail)
                        == refused("`\(option.name)` takes no value"))
                continue
            }
            for spelling in [[option.name, "v=1"], ["\(option.name)=v=1"]] {
                let call = try invocation(head + spelling + tail)
                #expect(call.value(of: option) == "v=1")
            }
            #expect(try invocation(head + ["\(option.name)="] + tail).value(of: option) == "")
            #expect(
                try invocation(head + [option.name, "--x"] + tail).value(of: option) == "--x")
        }
    }

    @Test("takes an option again only where that is said", arguments: verbs)
    func repeated(_ words: String) throws {
        let verb = try verb(words)
        let (head, tail) = CommandLineToolTests.least(verb)
        for option in verb.options + VerbTable.globalOptions {
            let once = option.value == nil ? [option.name] : [option.name, "1"]
            let again = option.value == nil ? [option.name] : ["\(option.name)=2"]
            let line = head + once + again + tail
            if option.isRepeatable {
                #expect(try invocation(line).values(of: option) == ["1", "2"])
            } else {
                #expect(parsed(line) == refused("`\(option.name)` is given twice"))
            }
        }
    }

    @Test("wants the value of an option that has one", arguments: verbs)
    func missingValue(_ words: String) throws {
        let verb = try verb(words)
        for option in verb.options + VerbTable.globalOptions {
            guard let placeholder = option.value else { continue }
            let line = CommandLineToolTests.least(verb).head + [option.name]
            #expect(
                parsed(line) == refused("`\(option.name)` needs a value: \(placeholder)"))
        }
    }

    @Test("refuses what it does not know, and says where to look", arguments: verbs)
    func unknown(_ words: String) throws {
        let (head, tail) = CommandLineToolTests.least(try verb(words))
        for option in ["--frobnicate", "-x", "--frobnicate=1"] {
            #expect(
                parsed(head + [option] + tail)
                    == refused(
                        "`coffer \(words)` has no such option", hint: "see `coffer \(words) --help`"
                    ))
        }
    }

    @Test("refuses one argument too few and one too many", arguments: verbs)
    func operands(_ words: String) throws {
        let verb = try verb(words)
        let (head, tail) = CommandLineToolTests.least(verb)
        let missing = verb.operands.filter(\.isRequired).last
        if let missing {
            let line = head.dropLast() + tail
            #expect(
                parsed(Array(line))
                    == refused("\(missing.placeholder) is missing", hint: verb.usage))
        }
        let optional = verb.operands.filter { !$0.isRequired }.map { _ in "y" }
        let full = head + optional
        if case .refused = parsed(full + tail) { Issue.record("all operands: \(words)") }
        if verb.operands.last?.isRepeated == true {
            #expect(
                parsed(full + ["z"] + tail) == .run(words, operands: ["x", "z"], command: nil))
            return
        }
        guard case .refused(let complaint) = parsed(full + ["z"] + tail) else {
            Issue.record("one too many: \(words)")
            return
        }
        #expect(complaint.code == .usage)
        #expect(complaint.words == "`coffer \(words)` takes fewer arguments")
    }

    @Test("has help, asked for in four ways", arguments: verbs)
    func help(_ words: String) throws {
        let split = words.split(separator: " ").map(String.init)
        #expect(parsed(split + ["--help"]) == .help(words))
        #expect(parsed(split + ["-h"]) == .help(words))
        #expect(parsed(["help"] + split) == .help(words))
        #expect(parsed(split + ["a", "b", "c", "--help"]) == .help(words))
    }

    @Test("takes a command behind -- only if it runs one", arguments: verbs)
    func trailing(_ words: String) throws {
        let verb = try verb(words)
        let (head, _) = CommandLineToolTests.least(verb)
        let line = head + ["--", "a", "--json", "--", "-h"]
        let operands = verb.operands.filter(\.isRequired).map { _ in "x" }
        switch verb.trailing {
        case .none:
            #expect(
                parsed(line)
                    == refused(
                        "`coffer \(words)` takes no command", hint: "see `coffer \(words) --help`"))
        case .optional:
            #expect(
                parsed(line)
                    == .run(words, operands: operands, command: ["a", "--json", "--", "-h"]))
            #expect(
                parsed(head + ["--"])
                    == refused("there is no command after `--`", hint: verb.usage))
        case .required:
            #expect(
                parsed(line)
                    == .run(words, operands: operands, command: ["a", "--json", "--", "-h"]))
            #expect(parsed(head + ["--"]) == refused("a command is missing", hint: verb.usage))
            #expect(parsed(head) == refused("a command is missing", hint: verb.usage))
        }
    }

    @Test("takes no passphrase, password or key from the command line", arguments: verbs)
    func passphrases(_ words: String) throws {
        let verb = try verb(words)
        let (head, tail) = CommandLineToolTests.least(verb)
        let wanted = Complaint(
            .usage, "a passphrase or key is never taken from the command line",
            hint: "use --passphrase-file, --passphrase-fd or --key-file, or type it at the prompt")
        for name in ["--passphrase", "--password", "--secret-value", "--key"] {
            #expect(!verb.options.contains { $0.name == name })
            #expect(!VerbTable.globalOptions.contains { $0.name == name })
            for spelling in [[name, "hunter2hunter2"], ["\(name)=hunter2hunter2"], [name]] {
                #expect(parsed(head + spelling + tail) == .refused(wanted))
                #expect(parsed(spelling + head + tail) == .refused(wanted))
            }
        }
    }
}

@Suite("the grammar")
struct GrammarTests {
    @Test("options of every command stand in front of it too, once in all")
    func early() throws {
        let call = try invocation("--vault v.db --recovery get a --json")
        #expect(call.value(of: VerbTable.vault) == "v.db")
        #expect(call.has(VerbTable.recovery))
        #expect(call.has(VerbTable.json))
        #expect(parsed("--vault a get x --vault b") == refused("`--vault` is given twice"))
        #expect(
            parsed("--json list")
                == refused("coffer has no such option", hint: "see `coffer --help`"))
    }

    @Test("no command, an unknown one, half of one")
    func commands() {
        let nothing = refused(
            "a command is missing", hint: "see `coffer --help`; `coffer init` makes a vault")
        #expect(parsed("") == nothing)
        #expect(parsed("--vault v.db") == nothing)
        let unknown = refused("coffer has no such command", hint: "see `coffer --help`")
        for line in ["frob", "frob list", "List", "help frob", "help --json", "--", "- list"] {
            #expect(
                parsed(line) == unknown
                    || parsed(line)
                        == refused("coffer has no such option", hint: "see `coffer --help`"),
                "\(line)")
        }
        let slots =
            "one of `coffer slot list`, `coffer slot add`, `coffer slot remove`,"
            + " `coffer slot export`, `coffer slot import`"
        for line in ["slot", "slot frob", "slot --json", "help slot"] {
            #expect(parsed(line) == refused("`coffer slot` needs a verb", hint: slots))
        }
    }

    @Test("help and version")
    func help() {
        for line in ["--help", "-h", "help", "--vault x --help"] {
            #expect(parsed(line) == .help(nil))
        }
        #expect(parsed("--version") == .version)
        #expect(parsed("--recovery --version") == .version)
    }

    @Test(
        "an option that is nearly right is suggested",
        arguments: [
            ("get a --jso", "--json"), ("get a --jsonx", "--json"), ("get a --sho=1", "--show"),
            ("get a --pass", "--passphrase-file"), ("capture a --iss zpa", "--issuer"),
            ("capture a --clip", "--clipboard"), ("run --sec x -- y", "--secret"),
        ])
    func suggestions(_ line: String, _ option: String) {
        let verb = line.prefix { $0 != " " }
        #expect(
            parsed(line)
                == refused(
                    "`coffer \(verb)` has no such option", hint: "did you mean `\(option)`?"))
    }

    @Test("a dash alone is an operand, and what follows -- belongs to the command")
    func dashes() {
        #expect(parsed("get -") == .run("get", operands: ["-"], command: nil))
        #expect(
            parsed("capture a -- get --show -- --help")
                == .run("capture", operands: ["a"], command: ["get", "--show", "--", "--help"]))
        #expect(
            parsed("run --secret -- -- a")
                == .run("run", operands: [], command: ["a"]))
    }

    @Test("a word with bytes of any kind is taken as it is")
    func anything() {
        let words = ["get", "a\nb\u{1b}\u{202e}=é"]
        #expect(parsed(words) == .run("get", operands: [words[1]], command: nil))
    }
}

// The reference pages, made from the table of verbs, so that they cannot disagree with the program.

/// The text of `docs/cli.md` and of the man page.
enum CommandReference {
    /// The whole of `docs/cli.md`.
    static func markdown() -> String {
        var lines = [
            "# The command line", "",
            "Printed by `coffer reference`; `coffer COMMAND --help` has the same in parts.", "",
        ]
        for chapter in VerbTable.chapters {
            lines += ["## \(chapter.title)", ""]
            for verb in chapter.verbs { lines += section(verb) }
        }
        lines += ["## Options of every command", ""]
        lines += VerbTable.globalOptions.map { "- `\($0.usage)`: \($0.summary)" }
        lines += [""] + JSONReference.lines
        lines += ["## Exit codes", "", "| code | meaning |", "|--:|---|"]
        lines += ExitCode.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ verb: Verb) -> [String] {
        var lines = ["### `coffer \(verb.words)`", "", "\(verb.summary.capitalizedFirst).", ""]
        lines += ["```", verb.usage, "```", ""]
        for paragraph in verb.details { lines += [paragraph, ""] }
        if !verb.options.isEmpty {
            lines += verb.options.map { "- `\($0.usage)`: \($0.summary)" } + [""]
        }
        if !verb.examples.isEmpty {
            lines += ["```sh"]
            for example in verb.examples { lines += ["# \(example.meaning)", example.line] }
            lines += ["```", ""]
        }
        return lines
    }

    /// The man page coffer(1), in man(7).
    static func man() -> String {
        var lines = [
            ".TH COFFER 1 \"\" \"coffer \(CofferTool.version)\"", ".SH NAME",
            "coffer \\- an encrypted local vault for API keys and client secrets", ".SH SYNOPSIS",
            ".B coffer", "COMMAND [OPTIONS]",
        ]
        for chapter in VerbTable.chapters {
            lines.append(".SH \(roff(chapter.title.uppercased()))")
            for verb in chapter.verbs {
                lines += [".SS \(roff(verb.usage))", roff("\(verb.summary.capitalizedFirst).")]
                for paragraph in verb.details { lines += [".PP", roff(paragraph)] }
                for option in verb.options {
                    lines += [".TP", ".B \(roff(option.usage))", roff(option.summary)]
                }
                for example in verb.examples {
                    lines += [".PP", roff("\(example.meaning.capitalizedFirst):"), ".PP", ".nf"]
                    lines += [roff("    \(example.line)"), ".fi"]
                }
            }
        }
        lines.append(".SH OPTIONS OF EVERY COMMAND")
        for option in VerbTable.globalOptions {
            lines += [".TP", ".B \(roff(option.usage))", roff(option.summary)]
        }
        lines.append(".SH EXIT STATUS")
        for code in ExitCode.allCases {
            lines += [".TP", ".B \(code.rawValue)", roff(code.meaning)]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Escapes what man(7) reads as markup.
    private static func roff(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "'": escaped += "\\(aq"
            case "`": escaped += "\\(ga"
            default: escaped.append(character)
            }
        }
        return escaped.hasPrefix(".") ? "\\&\(escaped)" : escaped
    }
}

extension String {
    /// The same with a capital first letter.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

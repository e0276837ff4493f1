// The help, made from the table of verbs.

/// Text for `--help`.
enum Help {
    /// What coffer is, every verb in a line, and the exit codes.
    static func overview() -> String {
        var lines = [
            "coffer \(CofferTool.version): an encrypted local vault for API keys and client"
                + " secrets",
            "", "usage: coffer COMMAND [OPTIONS]", "",
        ]
        for chapter in VerbTable.chapters {
            lines.append("\(chapter.title):")
            lines += table(chapter.verbs.map { ($0.words, $0.summary) })
            lines.append("")
        }
        lines.append("Options of every command:")
        lines += table(
            VerbTable.globalOptions.map { ($0.usage, $0.summary) }
                + [
                    ("--help", "show help, for the command it follows"),
                    ("--version", "show the version"),
                ])
        lines += ["", "Exit codes:"]
        lines += table(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) })
        lines += ["", "`coffer COMMAND --help` has the details and examples."]
        return lines.joined(separator: "\n") + "\n"
    }

    /// One verb: usage, words, options, examples.
    static func page(_ verb: Verb) -> String {
        var lines = ["coffer \(verb.words): \(verb.summary)", "", "usage: \(verb.usage)"]
        if !verb.details.isEmpty { lines += [""] + verb.details.flatMap { wrapped($0) } }
        if !verb.options.isEmpty {
            lines += ["", "Options:"] + table(verb.options.map { ($0.usage, $0.summary) })
        }
        lines += ["", "Options of every command:"]
        lines += table(VerbTable.globalOptions.map { ($0.usage, $0.summary) })
        if !verb.examples.isEmpty {
            lines += ["", "Examples:"]
            for example in verb.examples {
                lines += ["  \(example.line)", "      \(example.meaning)"]
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Two columns; a left side that is too long stands on a line of its own.
    private static func table(_ rows: [(String, String)]) -> [String] {
        let width = min(26, rows.map(\.0.count).max() ?? 0)
        return rows.flatMap { left, right in
            let gap = String(repeating: " ", count: max(0, width - left.count))
            return left.count > width
                ? ["  \(left)", "  \(String(repeating: " ", count: width))  \(right)"]
                : ["  \(left)\(gap)  \(right)"]
        }
    }

    /// A paragraph in lines of at most 88 columns.
    private static func wrapped(_ paragraph: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in paragraph.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > 88 {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return lines + [line]
    }
}

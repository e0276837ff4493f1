// Completion scripts for shells, made from the table of verbs.

/// The shells that are known.
enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

/// Scripts that complete verbs and options. Names of secrets are not completed: that would need
/// the vault to be open.
enum Completions {
    static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash()
        case .zsh: "#compdef coffer\nautoload -U +X bashcompinit && bashcompinit\n" + bash()
        case .fish: fish()
        }
    }

    private static var firstWords: [String] {
        var seen: [String] = []
        for verb in VerbTable.verbs {
            let word = String(verb.words.prefix { $0 != " " })
            if !seen.contains(word) { seen.append(word) }
        }
        return seen
    }

    private static func secondWords(of first: String) -> [String] {
        VerbTable.verbs.map(\.words).filter { $0.hasPrefix(first + " ") }
            .map { String($0.dropFirst(first.count + 1)) }
    }

    private static func words(of first: String) -> [String] {
        let options = VerbTable.verbs.filter {
            $0.words == first || $0.words.hasPrefix(first + " ")
        }
        .flatMap { $0.options.map(\.name) }
        var seen = secondWords(of: first)
        for name in options + VerbTable.globalOptions.map(\.name) + ["--help"]
        where !seen.contains(name) { seen.append(name) }
        return seen
    }

    /// Options after which a file is expected.
    private static var fileOptions: [String] {
        let all = VerbTable.verbs.flatMap(\.options) + VerbTable.globalOptions
        return Set(all.filter { $0.completion == .file }.map(\.name)).sorted()
    }

    private static func bash() -> String {
        var lines = [
            "_coffer() {",
            "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words",
            "    COMPREPLY=()",
            "    case $prev in",
            "        \(fileOptions.joined(separator: "|")))",
            "            COMPREPLY=($(compgen -f -- \"$cur\")); return ;;",
            "    esac",
            "    if [ \"$COMP_CWORD\" -eq 1 ]; then",
            "        words='\((firstWords + ["--help", "--version"]).joined(separator: " "))'",
            "    else",
            "        case ${COMP_WORDS[1]} in",
        ]
        for first in firstWords {
            lines.append(
                "            \(first)) words='\(words(of: first).joined(separator: " "))' ;;")
        }
        lines += [
            "        esac", "    fi", "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))", "}",
            "complete -o default -F _coffer coffer",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func fish() -> String {
        var lines: [String] = []
        for verb in VerbTable.verbs {
            let words = verb.words.split(separator: " ").map(String.init)
            let summary = verb.summary.filter { $0 != "'" }
            if words.count == 1 {
                lines.append(
                    "complete -c coffer -n __fish_use_subcommand -a \(words[0]) -d '\(summary)'")
            } else {
                lines.append("complete -c coffer -n __fish_use_subcommand -a \(words[0])")
                lines.append(
                    "complete -c coffer -n '__fish_seen_subcommand_from \(words[0])'"
                        + " -a \(words[1]) -d '\(summary)'")
            }
            for option in verb.options {
                lines.append(fish(option, "__fish_seen_subcommand_from \(words[0])"))
            }
        }
        for option in VerbTable.globalOptions { lines.append(fish(option, nil)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func fish(_ option: Option, _ condition: String?) -> String {
        let summary = option.summary.filter { $0 != "'" }
        let place = condition.map { " -n '\($0)'" } ?? ""
        let value = option.value == nil ? "" : option.completion == .file ? " -r -F" : " -x"
        return "complete -c coffer\(place) -l \(option.name.dropFirst(2))\(value) -d '\(summary)'"
    }
}

// Completion scripts for shells, made from the table of verbs.

internal import Issuers
internal import VaultModel

/// The shells that are known.
enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

/// Scripts that complete verbs, options and their values. Names of secrets are not completed: that
/// would need the vault to be open.
enum Completions {
    static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash()
        case .zsh: "#compdef coffer\nautoload -U +X bashcompinit && bashcompinit\n" + bash()
        case .fish: fish()
        }
    }

    fileprivate static var firstWords: [String] { distinct(VerbTable.verbs.map(\.firstWord)) }

    /// Verbs of two words, by their first.
    fileprivate static var families: [(first: String, seconds: [String])] {
        distinct(VerbTable.verbs.filter { $0.secondWord != nil }.map(\.firstWord)).map { first in
            (first, VerbTable.verbs.filter { $0.firstWord == first }.compactMap(\.secondWord))
        }
    }

    private static func distinct(_ words: [String]) -> [String] {
        words.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    fileprivate static var globalOptions: [Option] { VerbTable.globalOptions }

    /// What may follow: words to choose from.
    fileprivate static func words(of completion: Completion) -> [String] {
        switch completion {
        case .nothing, .file: []
        case .words(let words): words
        case .issuer:
            ProfileCatalog(userDirectory: nil).all(userFiles: []).map(\.id.text)
        }
    }
}

extension Verb {
    fileprivate var firstWord: String { String(words.prefix { $0 != " " }) }
    fileprivate var secondWord: String? {
        words.contains(" ") ? String(words.drop { $0 != " " }.dropFirst()) : nil
    }
}

// Bash, and zsh through its emulation.
extension Completions {
    fileprivate static func bash() -> String {
        """
        # What follows the option $2 of the verb $1: words, `:file`, or `:none` if nothing does.
        _coffer_value() {
            case "$1 $2" in
        \(values().joined(separator: "\n"))
                *) echo :none ;;
            esac
        }

        # What may stand as operand number $2 of the verb $1.
        _coffer_operand() {
            case "$1 $2" in
        \(operands().joined(separator: "\n"))
            esac
        }

        # The options of the verb $1.
        _coffer_options() {
            case $1 in
        \(options().joined(separator: "\n"))
            esac
            echo '\((globalOptions.map(\.name) + ["--help"]).joined(separator: " "))'
        }

        # Offers what $1 says: words, or files, whose names may hold blanks.
        _coffer_offer() {
            local IFS=$'\\n'
            if [ "$1" = :file ]; then
                compopt -o filenames 2>/dev/null
                COMPREPLY=($(compgen -f -- "$cur"))
            else
                COMPREPLY=($(IFS=$' \\n'; compgen -W "$1" -- "$cur"))
            fi
        }

        \(bashMain())
        complete -F _coffer coffer

        """
    }

    private static func bashMain() -> String {
        let pairs = families.flatMap { family in family.seconds.map { "'\(family.first) \($0)'" } }
        let first = (firstWords + ["--help", "--version"]).joined(separator: " ")
        let seconds = families.map { family in
            let words = family.seconds.joined(separator: " ")
            return "        \(family.first)) _coffer_offer '\(words) --help' ;;"
        }
        return """
            _coffer() {
                local cur=${COMP_WORDS[COMP_CWORD]} verb='' value=:none count=0 i=1 word
                COMPREPLY=()
                while [ "$i" -lt "$COMP_CWORD" ]; do
                    word=${COMP_WORDS[i]}
                    i=$((i + 1))
                    # `--option=value` comes in three words.
                    if [ "$word" = = ] && [ "$value" != :none ]; then continue; fi
                    if [ "$value" != :none ]; then value=:none; continue; fi
                    case $word in
                        --) _coffer_offer :file; return ;;
                        -?*) value=$(_coffer_value "$verb" "$word"); continue ;;
                    esac
                    case "$verb $word" in
                        \(pairs.joined(separator: "|"))) verb="$verb $word" ;;
                        ' '*) verb=$word ;;
                        *) count=$((count + 1)) ;;
                    esac
                done
                if [ "$value" != :none ]; then
                    if [ "$cur" = = ]; then cur=''; fi
                    _coffer_offer "$value"
                    return
                fi
                case $cur in
                    -*) _coffer_offer "$(_coffer_options "$verb")"; return ;;
                esac
                case $verb in
                    '') _coffer_offer '\(first)' ;;
            \(seconds.joined(separator: "\n"))
                    *)
                        word=$(_coffer_operand "$verb" "$count")
                        _coffer_offer "${word:-$(_coffer_options "$verb")}" ;;
                esac
            }
            """
    }

    private static func values() -> [String] {
        func line(_ pattern: String, _ option: Option) -> String {
            let offer =
                option.completion == .file
                ? ":file" : words(of: option.completion).joined(separator: " ")
            return "        \(pattern)) echo '\(offer)' ;;"
        }
        let own = VerbTable.verbs.flatMap { verb in
            verb.options.filter { $0.value != nil }.map { line("'\(verb.words) \($0.name)'", $0) }
        }
        return own
            + globalOptions.filter { $0.value != nil }.map { line("*' \($0.name)'", $0) }
    }

    private static func operands() -> [String] {
        VerbTable.verbs.flatMap { verb in
            verb.operands.enumerated().compactMap { place, operand in
                if operand.completion == .nothing { return nil }
                let offer =
                    operand.completion == .file
                    ? ":file" : words(of: operand.completion).joined(separator: " ")
                return "        '\(verb.words) \(place)') echo '\(offer)' ;;"
            }
        }
    }

    private static func options() -> [String] {
        VerbTable.verbs.filter { !$0.options.isEmpty }.map {
            "        '\($0.words)') echo '\($0.options.map(\.name).joined(separator: " "))' ;;"
        }
    }
}

// Fish.
extension Completions {
    fileprivate static func fish() -> String {
        var lines = [
            fishVerb(), "complete -c coffer -f",
            "complete -c coffer -n 'contains -- -- (commandline -opc)' -F",
        ]
        for first in firstWords {
            let verb = VerbTable.verbs.first { $0.words == first }
            let summary = verb.map { " -d \(quoted($0.summary))" } ?? ""
            lines.append("complete -c coffer -n '__coffer_verb \"\"' -a \(first)\(summary)")
        }
        for verb in VerbTable.verbs {
            if let second = verb.secondWord {
                lines.append(
                    "complete -c coffer -n '__coffer_verb \(verb.firstWord)' -a \(second)"
                        + " -d \(quoted(verb.summary))")
            }
            let place = " -n '__coffer_verb \(quoted(verb.words, "\""))'"
            for operand in verb.operands where operand.completion != .nothing {
                lines.append("complete -c coffer\(place)\(offer(operand.completion))")
            }
            for option in verb.options { lines.append(fish(option, place)) }
        }
        for option in globalOptions { lines.append(fish(option, "")) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A function that tells whether the verb of the command line is `$argv`.
    private static func fishVerb() -> String {
        let taking = globalOptions.filter { $0.value != nil }.map(\.name)
        let pairs = families.flatMap { family in family.seconds.map { "\"\(family.first) \($0)\"" }
        }
        return """
            function __coffer_verb
                set -l words (commandline -opc)[2..-1]
                while set -q words[1]; and string match -q -- '-*' $words[1]
                    contains -- $words[1] \(taking.joined(separator: " ")); and set -e words[1]
                    set -e words[1]
                end
                set -l verb "$words[1]"
                contains -- "$words[1] $words[2]" \(pairs.joined(separator: " "))
                and set verb "$words[1] $words[2]"
                test "$verb" = "$argv"
            end
            """
    }

    private static func fish(_ option: Option, _ place: String) -> String {
        let only = option.completion == .file ? " -r" : " -x"
        let value = option.value == nil ? "" : only + offer(option.completion)
        let short = option.short.map { " -s \($0.dropFirst())" } ?? ""
        return "complete -c coffer\(place)\(short) -l \(option.name.dropFirst(2))\(value)"
            + " -d \(quoted(option.summary))"
    }

    private static func offer(_ completion: Completion) -> String {
        if completion == .file { return " -F" }
        let words = words(of: completion)
        return words.isEmpty ? "" : " -a \(quoted(words.joined(separator: " ")))"
    }

    private static func quoted(_ text: String, _ quote: String = "'") -> String {
        quote + text.filter { $0 != "'" && $0 != "\"" } + quote
    }
}

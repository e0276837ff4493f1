// The table of verbs and what is made from it: help, reference, completions.

import Foundation
import Testing

@testable import CommandLineTool

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

private let verbs = VerbTable.verbs.map(\.words)

private func verb(_ words: String) throws -> Verb { try #require(VerbTable.verb(words)) }

@Suite("the table of verbs")
struct VerbTableTests {
    @Test("has the verbs of this release, each once")
    func complete() {
        let promised = [
            "init", "capture", "get", "run", "inject", "copy", "token", "import", "unlock", "lock",
            "status", "agent", "with-agent",
            "helper git", "helper docker", "helper aws",
            "helper kubernetes", "helper askpass", "deposit", "deposit-key", "inbox list",
            "inbox accept", "inbox show", "inbox retry", "inbox export", "inbox discard",
            "capsule import", "capsule show", "job add", "job list", "job remove", "deliver",
            "grant add", "grant list", "grant revoke",
            "list", "show", "edit", "rename",
            "enable",
            "disable", "rm", "undelete", "purge", "rotate", "compromised", "history", "rollback",
            "migrate",
            "audit log",
            "audit verify", "audit keys",
            "audit health", "audit report", "due", "audit receipt", "audit forward", "passphrase",
            "slot list", "slot add", "slot remove", "rekey", "slot export", "slot import",
            "recovery split", "backup", "restore",
            "export", "issuer list", "issuer show", "issuer check", "doctor", "completions",
            "reference",
        ]
        #expect(verbs == promised)
    }

    @Test("the fast way to a verb finds what the table has", arguments: verbs)
    func fast(_ words: String) throws {
        let fast = try verb(words)
        let slow = try #require(VerbTable.verbs.first { $0.words == words })
        #expect(fast.words == slow.words)
        #expect(fast.usage == slow.usage)
        #expect(fast.options == slow.options)
        #expect(fast.operands == slow.operands)
        #expect(fast.examples == slow.examples)
        #expect(Help.page(fast) == Help.page(slow))
    }

    @Test("the fast way finds nothing else")
    func nothingElse() {
        for words in ["", "gets", "Get", "slot", "slot lists", "get "] {
            #expect(VerbTable.verb(words) == nil, "\(words)")
        }
    }

    @Test("speaks in one voice: lower case, no full stop", arguments: verbs)
    func voice(_ words: String) throws {
        let verb = try verb(words)
        let options = verb.options + VerbTable.globalOptions
        for summary in [verb.summary] + options.map(\.summary) + verb.examples.map(\.meaning) {
            #expect(!summary.isEmpty && !summary.hasSuffix("."), "\(summary)")
        }
        #expect(verb.summary.first?.isLowercase == true)
        for paragraph in verb.details { #expect(paragraph.hasSuffix("."), "\(paragraph)") }
        for option in options {
            #expect(option.name.hasPrefix("--"))
            #expect(
                option.name.dropFirst(2).allSatisfy {
                    $0.isLowercase || $0.isNumber || $0 == "-"
                })
        }
        let names = options.map(\.name)
        #expect(names.count == Set(names).count)
    }

    @Test("shows examples that are command lines of the verb itself", arguments: verbs)
    func examples(_ words: String) throws {
        let verb = try verb(words)
        #expect(!verb.examples.isEmpty)
        for example in verb.examples {
            let part =
                example.line.components(separatedBy: " | ")
                .first { $0.hasPrefix("coffer ") } ?? ""
            let line = part.components(separatedBy: " > ")[0].dropFirst("coffer ".count)
            guard case .run(let found, _, _) = parsed(String(line)) else {
                Issue.record("\(example.line): \(parsed(String(line)))")
                continue
            }
            #expect(found == words, "\(example.line)")
        }
    }
}

@Suite("help")
struct HelpTests {
    @Test("of a verb has usage, options and examples", arguments: verbs)
    func page(_ words: String) throws {
        let verb = try verb(words)
        let page = Help.page(verb)
        #expect(page.hasPrefix("coffer \(words): \(verb.summary)\n\nusage: \(verb.usage)\n"))
        for option in verb.options + VerbTable.globalOptions {
            #expect(page.contains(option.usage))
        }
        for example in verb.examples { #expect(page.contains("  \(example.line)\n")) }
        #expect(page.contains("\nExamples:\n"))
        #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
    }

    @Test("over all has every verb and every exit code")
    func overview() {
        let lines = Help.overview().split(separator: "\n").map(String.init)
        for verb in VerbTable.verbs {
            #expect(
                lines.contains { $0.hasPrefix("  \(verb.words) ") && $0.hasSuffix(verb.summary) })
        }
        for code in ExitCode.allCases {
            #expect(
                lines.contains { $0.hasPrefix("  \(code.rawValue) ") && $0.hasSuffix(code.meaning) }
            )
        }
        #expect(lines.first?.hasPrefix("coffer \(CofferTool.version): ") == true)
    }

    @Test("docs/cli.md is what `coffer reference` prints")
    func reference() throws {
        let file = root.appendingPathComponent("docs/cli.md")
        #expect(try String(contentsOf: file, encoding: .utf8) == CommandReference.markdown())
    }

    @Test("the reference has every verb, option and exit code")
    func referenceContent() {
        let text = CommandReference.markdown()
        for verb in VerbTable.verbs {
            #expect(text.contains("### `coffer \(verb.words)`\n"))
            for option in verb.options { #expect(text.contains("- `\(option.usage)`: ")) }
        }
        for code in ExitCode.allCases {
            #expect(text.contains("| \(code.rawValue) | \(code.meaning) |\n"))
        }
    }

    @Test("the man page has every verb, and no line that begins like markup by accident")
    func man() {
        let lines = CommandReference.man().split(separator: "\n").map(String.init)
        let known = [".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi"]
        for line in lines where line.hasPrefix(".") {
            #expect(known.contains { line == $0 || line.hasPrefix("\($0) ") }, "\(line)")
        }
        #expect(!lines.contains { $0.hasPrefix("'") })
        #expect(lines.filter { $0.hasPrefix(".SS") }.count == verbs.count)
    }

    @Test("completions name every first word and every option", arguments: Shell.allCases)
    func completions(_ shell: Shell) {
        let script = Completions.script(for: shell)
        for verb in VerbTable.verbs {
            for word in verb.words.split(separator: " ") { #expect(script.contains(word)) }
            for option in verb.options { #expect(script.contains(option.name.dropFirst(2))) }
        }
        #expect(script.hasSuffix("\n"))
    }
}

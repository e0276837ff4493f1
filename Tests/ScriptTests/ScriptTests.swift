// The command line told as sessions: one test, a case a file of Tests/Scripts.

import Foundation
import TestSupport
import Testing

private let scriptFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts").path

private let scripts =
    (try? FileManager.default.contentsOfDirectory(atPath: scriptFolder))?
    .filter { $0.hasSuffix(".txt") }.sorted() ?? []

/// The program beside the tests.
private let program: String = {
    let products = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
        .map { ($0 as NSString).deletingLastPathComponent }
    let beside = (CommandLine.arguments[0] as NSString).deletingLastPathComponent
    return [products, beside].compactMap { $0 }.map { "\($0)/coffer" }
        .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "coffer"
}()

@Test("there are sessions")
func thereAreSessions() { #expect(scripts.count >= 10) }

@Test("a session goes as its script says", arguments: scripts)
func session(_ file: String) throws {
    let text = try String(contentsOfFile: "\(scriptFolder)/\(file)", encoding: .utf8)
    do {
        try ScriptRunner(SessionScript(text), program: program).run()
    } catch let failure as ScriptFailure {
        Issue.record("\(file), \(failure)")
    }
}

@Suite("the runner itself")
struct RunnerTests {
    private func fails(_ text: String) throws -> Bool {
        do {
            try ScriptRunner(SessionScript(text), program: program).run()
            return false
        } catch is ScriptFailure {
            return true
        }
    }

    @Test(
        "a step that does not come true fails",
        arguments: [
            "exec false", "! exec true", "exec true\nexit 1", "exec echo a\nstdout b",
            "exec echo a\n! stdout a", "exec echo a\ncmp stdout f\n-- f --\nb\n", "exists nowhere",
            "frobnicate", "tty d\nexec cat\n-- d --\nkey 04\nexpect never\n",
            "exec echo 'open", "! grep f x\n-- f --\nx\n",
        ])
    func failures(_ text: String) throws {
        #expect((try? fails(text)) ?? true)
    }

    @Test("a step that comes true passes")
    func success() throws {
        #expect(
            try !fails(
                """
                exec echo a
                stdout a
                cmp stdout f
                stdin f
                exec cat
                cmp stdout f
                tty d
                exec head -n1
                stdout b
                -- f --
                a
                -- d --
                send b
                expect b
                """))
    }
}

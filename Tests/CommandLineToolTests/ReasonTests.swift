// What a person gives as a reason for the audit log.

import Testing
import VaultModel

@testable import CommandLineTool

@Suite("a reason")
struct ReasonTests {
    private func reason(_ words: String...) throws -> String? {
        let parser = CommandLineParser(globalOptions: [Asker.reason])
        guard case .run(let call) = try parser.parse(["list"] + words) else { return nil }
        return try call.reason()
    }

    @Test("is taken as it is, unless it is empty or too long")
    func bounds() throws {
        let longest = String(repeating: "é", count: Attribution.longestReason / 2)
        #expect(try reason() == nil)
        for text in ["a", " a\u{1b}b ", "-", longest] {
            #expect(try reason("--reason", text) == text)
        }
        for text in ["", "  ", "\t\n", longest + "x"] {
            let found = complaint { try reason("--reason", text) }
            #expect(found?.code == .usage)
        }
    }
}

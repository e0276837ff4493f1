// What is said of a rotation: ids come from the issuer, and are shown as text and nothing else.

import Testing
import VaultModel

@testable import CommandLineTool

@Suite("the history of a secret, shown")
struct HistoryTextTests {
    private static let id = Identifier([UInt8](repeating: 7, count: 16))!
    private static let hostile = KeyID("k\u{1b}]52;c;eA==\u{7}")!

    private static func secret(_ change: (inout RotationJournal) -> Void) -> Metadata {
        var secret = Metadata(
            name: SecretName("aws/ci")!, created: Timestamp(milliseconds: 0))
        secret.versions = [
            VersionSummary(
                number: 1, state: .current, created: Timestamp(milliseconds: 0),
                fields: [.secret])
        ]
        secret.fields = [FieldName("key_id")!: "A"]
        var journal = RotationJournal(
            id: RotationID(id), mode: .inPlace, old: 1, grace: 60,
            begun: Timestamp(milliseconds: 0))
        change(&journal)
        secret.rotation = journal
        return secret
    }

    @Test("names what is left at the issuer, escaped, and not what a version holds")
    func strays() {
        let secret = Self.secret {
            ($0.state, $0.end, $0.attempts, $0.doubts) = (.abandoned, .valueLost, 1, 2)
            $0.strays = [KeyID("A")!, Self.hostile]
        }
        #expect(secret.strays == [Self.hostile])
        let text = HistoryText.lines(VersionHistory(metadata: secret, moves: []))
        #expect(text.contains("in-place, abandoned since 1970-01-01T00:00:00Z, value-lost"))
        #expect(text.contains("held by nothing: k"))
        #expect(text.contains("2: keys may be at the issuer unseen"))
        #expect(!text.contains("\u{1b}") && !text.contains("\u{7}"))
        let json = RotationText.json(secret).text
        #expect(json.contains("\"state\":\"abandoned\",\"end\":\"value-lost\""))
        #expect(!json.contains("\u{1b}"))
        #expect(ShowCommand.text(secret).contains("in-place, abandoned"))
    }

    @Test("has every member that the reference lists")
    func members() {
        for (table, json) in [
            ("A rotation", RotationText.json(Self.secret { _ in }).text),
            (
                "`history`",
                HistoryText.json(VersionHistory(metadata: Self.secret { _ in }, moves: []))
            ),
        ] {
            let listed = JSONReference.table(table)?.members.map(\.name) ?? []
            #expect(!listed.isEmpty)
            for name in listed { #expect(json.contains("\"\(name)\":"), "\(table): \(name)") }
        }
        var bare = Self.secret { _ in }
        bare.rotation = nil
        #expect(RotationText.json(bare).text == "null")
    }
}

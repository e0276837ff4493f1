// What is shown of secrets: columns, the tree of names, descriptions, receipts. Never a value.

import Foundation
import Testing
import VaultModel

@testable import CommandLineTool

private let created = Timestamp(milliseconds: 1_700_000_000_000)

private func secret(_ name: String, _ change: (inout Metadata) -> Void = { _ in }) throws
    -> Metadata
{
    var metadata = Metadata(name: try #require(SecretName(name)), created: created)
    metadata.versions = [
        VersionSummary(number: 1, state: .current, created: created, fields: [.secret])
    ]
    change(&metadata)
    return metadata
}

@Suite("listings")
struct ListingTests {
    @Test("columns are as wide as the longest word on the left")
    func columns() {
        #expect(Columns.text([]) == "")
        #expect(
            Columns.text([("a", "1"), ("long", "2"), ("é", "")])
                == "  a     1\n  long  2\n  é     \n")
    }

    @Test("names are a tree, a line a segment, each branch once")
    func tree() throws {
        let names = ["a", "a-b", "a/b", "a/b/c", "a/d", "z/y/x"]
        let tree = """
            ├── a
            │   ├── b
            │   │   └── c
            │   └── d
            ├── a-b
            └── z
                └── y
                    └── x

            """
        #expect(NameTree.text(try names.map { ListedName(try secret($0)) }) == tree)
        #expect(NameTree.text([]) == "")
    }

    @Test("behind a name stands what is unusual about it")
    func remarks() throws {
        let zpa = try #require(IssuerID("zpa"))
        let secrets = [
            try secret("a") { $0.issuer = zpa }, try secret("b") { $0.status = .disabled },
            try secret("c") {
                $0.issuer = zpa
                $0.status = .disabled
                $0.isManagedElsewhere = true
            },
        ]
        let found = NameTree.text(secrets.map(ListedName.init))
        #expect(
            found == "├── a  (zpa)\n├── b  (disabled)\n└── c  (zpa, disabled, managed elsewhere)\n")
    }

    @Test("a description escapes what a label, a field or a tag could do to the terminal")
    func hostileText() throws {
        let field = try #require(FieldName("owner"))
        let shown = ShowCommand.text(
            try secret("a") {
                $0.label = "\u{1b}]52;c;eA==\u{7}"
                $0.fields = [field: "x\u{202e}y\nforged  row"]
                $0.tags = ["t\u{9b}2J", "u\u{200b}"]
            })
        #expect(shown.contains("\\x1b]52;c;eA==\\x07"))
        #expect(shown.contains("x\\u{202e}y\\x0aforged  row"))
        #expect(shown.contains("t\\u{9b}2J, u\\u{200b}"))
        let lines = shown.split(separator: "\n")
        #expect(lines.allSatisfy { Escaped.text(String($0)) == $0 })
        #expect(!lines.contains { $0.hasPrefix("forged") })
    }

    @Test("a description has dates in words, an age in days, and every version")
    func description() throws {
        let text = ShowCommand.text(
            try secret("zpa/ci") {
                $0.expires = Timestamp(iso8601: "2027-03-31")
                $0.maximumAge = 90 * 86_400
                $0.removed = created
                $0.isManagedElsewhere = true
            })
        #expect(
            text == """
                zpa/ci
                  issuer       generic
                  status       enabled
                  created      2023-11-14T22:13:20Z
                  modified     2023-11-14T22:13:20Z
                  expires      2027-03-31T00:00:00Z
                  maximum age  90 days
                  managed      elsewhere, read-only here
                  removed      2023-11-14T22:13:20Z
                  version 1    current, 2023-11-14T22:13:20Z: secret

                """)
    }

    @Test("a description in JSON has the members that the reference lists, in their order")
    func json() throws {
        let text = MetadataJSON.object(
            try secret("a") {
                $0.removed = created
                $0.maximumAge = .max
            })
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let listed = JSONReference.tables[0].members.map(\.name)
        #expect(Set(object.keys) == Set(listed))
        let places = listed.map { text.range(of: "\"\($0)\":")?.lowerBound }
        for (earlier, later) in zip(places, places.dropFirst()) {
            #expect(try #require(earlier) < #require(later))
        }
        let version = try #require((object["versions"] as? [[String: Any]])?.first)
        #expect(Set(version.keys) == Set(JSONReference.tables[1].members.map(\.name)))
        #expect(object["expires"] is NSNull)
        #expect(text.hasSuffix("}\n"))
        #expect(MetadataJSON.array([]) == "[]\n")
    }

    @Test("a receipt shows four characters of a long value and none of a short one")
    func receipt() throws {
        let id = try #require(FieldName("client_id"))
        let key = try #require(FieldName("key"))
        var metadata = try secret("a") { $0.fields = [id: "c\u{1b}"] }
        metadata.label = "l"
        metadata.expires = Timestamp(iso8601: "2027-03-31T10:00:00Z")
        let version = VersionSummary(
            number: 2, state: .current, created: created, fields: [.secret, key])
        let receipt = Receipt(metadata: metadata, version: version, lastFour: [key: "WXYZ"])
        #expect(
            ReceiptText.lines(receipt) == """
                stored "a" version 2
                  issuer     generic
                  label      l
                  client_id  c\\x1b
                  secret     stored
                  key        …WXYZ
                  expires    2027-03-31

                """)
    }
}

// Descriptions as bytes: each attribute, at its bounds.

import Testing
import VaultModel

@testable import Sealing

@Suite("The bytes of a description")
struct MetadataCodingTests {
    private static func description(_ change: (inout Metadata) -> Void) -> Metadata {
        var metadata = Metadata(name: TestKeys.name, created: Timestamp(milliseconds: 0))
        change(&metadata)
        return metadata
    }

    private static func field(_ number: Int) -> FieldName { FieldName("f\(1_000 + number)")! }

    private static let time = Timestamp(milliseconds: 1_700_000_000_123)
    private static let version = VersionSummary(
        number: 1, state: .current, created: time, fields: [.secret])

    /// Each attribute alone, by its tag.
    static let attributes: [(tag: UInt16, metadata: Metadata)] = [
        (1, description { $0.issuer = IssuerID("aws-iam")! }),
        (2, description { $0.status = .disabled }),
        (3, description { $0.label = "Schlüssel für \u{1b}[2J \u{202e}" }),
        (4, description { $0.fields = [field(2): "b", field(1): ""] }),
        (5, description { $0.tags = ["a", "b"] }),
        (6, Metadata(name: TestKeys.name, created: time).with { $0.modified = time }),
        (7, description { $0.modified = time }),
        (8, description { $0.expires = time }),
        (9, description { $0.removed = time }),
        (10, description { $0.maximumAge = 7_776_000 }),
        (11, description { $0.isManagedElsewhere = true }),
        (12, description { $0.versions = [version] }),
    ]

    /// Two versions, and what the first of them has of its own.
    private static func owning(_ own: [FieldName: OwnField]) -> Metadata {
        description {
            $0.versions = [
                VersionSummary(number: 1, state: .previous, created: time, fields: [.secret]),
                VersionSummary(number: 2, state: .current, created: time, fields: [.secret]),
            ]
            $0.versions[0].ownFields = own
        }
    }

    @Test("hold what a version has of its own behind everything else")
    func ownFields() {
        let plain = MetadataCoding.encode(Self.owning([:]))
        let metadata = Self.owning([Self.field(2): .absent, Self.field(1): .text("b")])
        let encoded = MetadataCoding.encode(metadata)
        #expect(MetadataCoding.decode(encoded.span) == metadata)
        #expect(encoded.count == plain.count + 6 + 12 + 2 * (4 + 5 + 1) + 5)
        let tail: [UInt8] = [0, 16, 0, 0, 0, 37, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2]
        #expect(encoded.dropFirst(plain.count).starts(with: tail))
        for count in encoded.indices {
            #expect(MetadataCoding.decode(encoded.span.extracting(first: count)) == nil)
        }
    }

    @Test("hold as much of that as a secret may have, and no more")
    func ownFieldBounds() {
        func decodes(_ metadata: Metadata) -> Bool {
            MetadataCoding.decode(MetadataCoding.encode(metadata).span) == metadata
        }
        func texts(_ count: Int, _ length: Int) -> [FieldName: OwnField] {
            let text = String(repeating: "v", count: length)
            return Dictionary(
                uniqueKeysWithValues: (0..<count).map { (Self.field($0), .text(text)) })
        }
        let most = Metadata.longestOwnFields / Metadata.longestField
        #expect(decodes(Self.owning(texts(most, Metadata.longestField))))
        #expect(!decodes(Self.owning(texts(most + 1, Metadata.longestField))))
        #expect(!decodes(Self.owning(texts(1, Metadata.longestField + 1))))
        #expect(decodes(Self.owning(texts(2 * Metadata.mostEntries, 0))))
        #expect(!decodes(Self.owning(texts(2 * Metadata.mostEntries + 1, 0))))
        for state in [VersionState.current, .destroyed] {
            var metadata = Self.owning(texts(1, 1))
            metadata.versions[0].state = state
            #expect(!decodes(metadata))
        }
    }

    @Test("hold each attribute under its own tag, and give it back")
    func eachAttribute() {
        let name = Array(TestKeys.name.text.utf8)
        let frame: [UInt8] = [0, 0, 0, UInt8(name.count)] + name
        #expect(Self.attributes.map(\.tag) == Array(1...12))
        for (tag, metadata) in Self.attributes {
            let encoded = MetadataCoding.encode(metadata)
            #expect(encoded.starts(with: frame + [0, 0, 0, 1, 0, UInt8(tag)]))
            #expect(MetadataCoding.decode(encoded.span) == metadata, "\(tag)")
        }
    }

    @Test("hold nothing of what is as it is by default")
    func defaults() {
        let name = Array(TestKeys.name.text.utf8)
        let encoded = MetadataCoding.encode(Self.description { _ in })
        #expect(encoded == [0, 0, 0, UInt8(name.count)] + name + [0, 0, 0, 0])
    }

    @Test("hold everything at its bounds")
    func bounds() throws {
        let name = try #require(SecretName(String(repeating: "n", count: SecretName.longest)))
        var metadata = Metadata(name: name, created: Timestamp(milliseconds: .max))
        metadata.label = String(repeating: "é", count: Metadata.longestLabel / 2)
        let value = String(repeating: "v", count: Metadata.longestField)
        for number in 0..<Metadata.mostEntries { metadata.fields[Self.field(number)] = "" }
        metadata.fields[Self.field(0)] = value
        let longTag = String(repeating: "t", count: Metadata.longestTag)
        metadata.tags = (0..<Metadata.mostEntries - 1).map { "a\(1_000_000 + $0)" } + [longTag]
        metadata.versions = (1...Metadata.mostEntries).map { number in
            VersionSummary(
                number: UInt32(number), state: .retired, created: Timestamp(milliseconds: .max),
                fields: [.secret])
        }
        metadata.maximumAge = .max
        metadata.expires = Timestamp(milliseconds: .max)
        metadata.modified = Timestamp(milliseconds: 0)
        let encoded = MetadataCoding.encode(metadata)
        #expect(MetadataCoding.decode(encoded.span) == metadata)
    }

    @Test(
        "beyond a bound are not read",
        arguments: [
            description { $0.label = String(repeating: "l", count: Metadata.longestLabel + 1) },
            description {
                $0.fields = [.secret: String(repeating: "v", count: Metadata.longestField + 1)]
            },
            description { $0.tags = [String(repeating: "t", count: Metadata.longestTag + 1)] },
            description { $0.tags = [""] },
            description { $0.tags = ["b", "a"] },
            description { $0.tags = ["a", "a"] },
            description { $0.tags = (0...Metadata.mostEntries).map { "a\(1_000_000 + $0)" } },
            description {
                for number in 0...Metadata.mostEntries { $0.fields[field(number)] = "" }
            },
            description { $0.versions = [version, version] },
            description {
                $0.versions = [
                    VersionSummary(number: 0, state: .current, created: time, fields: [.secret])
                ]
            },
            description {
                $0.versions = [
                    VersionSummary(number: 1, state: .current, created: time, fields: [])
                ]
            },
        ])
    func beyond(metadata: Metadata) {
        #expect(MetadataCoding.decode(MetadataCoding.encode(metadata).span) == nil)
    }

    @Test("that end early are not read, wherever they end")
    func truncated() {
        var whole = Self.attributes[3].metadata
        whole.versions = [Self.version]
        whole.tags = ["a", "b"]
        whole.label = "l"
        let encoded = MetadataCoding.encode(whole)
        #expect(MetadataCoding.decode(encoded.span) == whole)
        for count in encoded.indices {
            #expect(MetadataCoding.decode(encoded.span.extracting(first: count)) == nil)
        }
        for byte in UInt8.min...UInt8.max {
            let longer = encoded + [byte]
            #expect(MetadataCoding.decode(longer.span) == nil)
        }
    }

    @Test("know each state of a version and no other")
    func states() {
        let encoded = MetadataCoding.encode(Self.attributes[11].metadata)
        // The state follows the list's count and the version's number, which end at this place.
        let place = encoded.count - (6 + 4 + 2 + 8) - 1
        for raw in UInt8.min...UInt8.max {
            var changed = encoded
            changed[place] = raw
            let state = MetadataCoding.decode(changed.span)?.versions.first?.state
            #expect(state == VersionState(rawValue: raw))
            #expect((state != nil) == (1...5).contains(raw))
        }
    }
}

extension Metadata {
    fileprivate func with(_ change: (inout Metadata) -> Void) -> Metadata {
        var changed = self
        change(&changed)
        return changed
    }
}

// How a description changes, and the bounds that it keeps.

import Testing
import VaultModel

@Suite("A description")
struct DescriptionRulesTests {
    private static let name = SecretName("zpa/prod/ci")!
    private static let client = FieldName("client_id")!
    private static let (early, late) = (
        Timestamp(milliseconds: 1_000), Timestamp(milliseconds: 2_000)
    )

    private static func version(_ number: UInt32, _ state: VersionState) -> VersionSummary {
        VersionSummary(number: number, state: state, created: early, fields: [.secret])
    }

    private static func metadata(_ change: (inout Metadata) -> Void = { _ in }) -> Metadata {
        var metadata = Metadata(name: name, created: early)
        metadata.versions = [version(1, .current)]
        change(&metadata)
        return metadata
    }

    private static func field(_ number: Int) -> FieldName { FieldName("f\(number)")! }

    /// What is thrown, and the description afterwards.
    private static func applying(
        _ change: DescriptionChange, to metadata: Metadata
    ) -> (after: Metadata, error: VaultError?) {
        var changed = metadata
        do throws(VaultError) {
            try changed.apply(change)
            return (changed, nil)
        } catch { return (changed, error) }
    }

    @Test("is bare when it is made")
    func bare() {
        let metadata = Metadata(name: Self.name, created: Self.early)
        #expect(metadata.issuer == .generic)
        #expect(metadata.status == .enabled)
        #expect(metadata.modified == Self.early)
        #expect(metadata.label.isEmpty && metadata.fields.isEmpty && metadata.tags.isEmpty)
        #expect(metadata.expires == nil && metadata.removed == nil && metadata.maximumAge == nil)
        #expect(!metadata.isManagedElsewhere)
        #expect(metadata.versions.isEmpty)
    }

    @Test(
        "takes a change",
        arguments: [
            (DescriptionChange.label("l"), metadata { $0.label = "l" }),
            (.label(""), metadata()),
            (.set(client, "x"), metadata { $0.fields[client] = "x" }),
            (.set(client, ""), metadata { $0.fields[client] = "" }),
            (.setOfCurrent(client, "x"), metadata { $0.fields[client] = "x" }),
            (.tag("t"), metadata { $0.tags = ["t"] }),
            (.untag("t"), metadata()),
            (.expires(late), metadata { $0.expires = late }),
            (.expires(nil), metadata()),
            (.maximumAge(60), metadata { $0.maximumAge = 60 }),
            (.managedElsewhere(true), metadata { $0.isManagedElsewhere = true }),
            (.requiresReason(true), metadata { $0.requiresReason = true }),
            (.requiresGrant(true), metadata { $0.requiresGrant = true }),
            (.status(.disabled), metadata { $0.status = .disabled }),
        ])
    func changes(change: DescriptionChange, expected: Metadata) {
        let result = Self.applying(change, to: Self.metadata())
        #expect(result.error == nil)
        #expect(result.after == expected)
    }

    @Test("gives a field to the current version alone; each other one keeps what it had, or none")
    func currentAlone() throws {
        let (id, other) = (Self.client, FieldName("cloud")!)
        for old in [nil, "old"] {
            var metadata = Self.metadata {
                $0.versions = [
                    Self.version(1, .retired), Self.version(2, .previous),
                    Self.version(3, .current), Self.version(4, .pending),
                ]
                $0.versions[0].ownFields[id] = .text("own")
                $0.fields = [other: "beta"]
                $0.fields[id] = old
            }
            try metadata.apply(.setOfCurrent(id, "new"))
            let found = metadata.versions.map { metadata.fields(of: $0)[id] }
            #expect(found == ["own", old, "new", old])
            #expect(metadata.versions.allSatisfy { metadata.fields(of: $0)[other] == "beta" })
        }
        var waiting = Self.metadata { $0.versions = [Self.version(1, .pending)] }
        #expect(throws: VaultError.versionMissing(Self.name, .current)) {
            try waiting.apply(.setOfCurrent(Self.client, "new"))
        }
    }

    @Test("keeps its tags sorted by their bytes, each once")
    func tags() throws {
        var metadata = Self.metadata()
        for tag in ["b", "a", "é", "Z", "b", "a"] { try metadata.apply(.tag(tag)) }
        #expect(metadata.tags == ["Z", "a", "b", "é"])
        try metadata.apply(.untag("b"))
        #expect(metadata.tags == ["Z", "a", "é"])
    }

    @Test("at its bounds takes a change that keeps them")
    func atBounds() {
        let longest = String(repeating: "é", count: Metadata.longestLabel / 2)
        let value = String(repeating: "v", count: Metadata.longestField)
        let tag = String(repeating: "t", count: Metadata.longestTag)
        for change in [DescriptionChange.label(longest), .set(Self.client, value), .tag(tag)] {
            #expect(Self.applying(change, to: Self.metadata()).error == nil)
        }
        let full = Self.metadata {
            for number in 1..<Metadata.mostEntries { $0.fields[Self.field(number)] = "" }
            $0.tags = (1..<Metadata.mostEntries).map { "a\(10_000 + $0)" }
        }
        #expect(Self.applying(.set(Self.client, ""), to: full).error == nil)
        #expect(Self.applying(.tag("z"), to: full).error == nil)
    }

    @Test(
        "does not take a change beyond its bounds, and stays as it was",
        arguments: [
            DescriptionChange.label(String(repeating: "é", count: 513)),
            .set(client, String(repeating: "v", count: Metadata.longestField + 1)),
            .tag(""), .tag(String(repeating: "t", count: Metadata.longestTag + 1)),
            .tag("one more"), .set(client, "one more"),
        ])
    func beyondBounds(change: DescriptionChange) {
        let full = Self.metadata {
            $0.label = "before"
            for number in 0..<Metadata.mostEntries { $0.fields[Self.field(number)] = "" }
            $0.tags = (0..<Metadata.mostEntries).map { "a\(10_000 + $0)" }
        }
        let result = Self.applying(change, to: full)
        #expect(result.error == .metadataTooLong)
        let isSame = result.after == full
        #expect(isSame)
    }

    @Test("does not take a public field under the name of a secret one, of whatever version")
    func secretFields() {
        let result = Self.applying(.set(.secret, "x"), to: Self.metadata())
        #expect(result.error == .fieldIsSecret(Self.name, .secret))
        #expect(result.after == Self.metadata())
        let old = Self.metadata { metadata in
            metadata.versions = [
                VersionSummary(
                    number: 1, state: .destroyed, created: Self.early, fields: [Self.client]),
                Self.version(2, .current),
            ]
        }
        let second = Self.applying(.set(Self.client, "x"), to: old)
        #expect(second.error == .fieldIsSecret(Self.name, Self.client))
    }

    @Test("gives up only a field that it has")
    func unset() {
        let one = Self.metadata { $0.fields[Self.client] = "x" }
        #expect(Self.applying(.unset(Self.client), to: one).after == Self.metadata())
        let result = Self.applying(.unset(Self.client), to: Self.metadata())
        #expect(result.error == .fieldMissing(Self.name, Self.client))
    }

    @Test("moves current to previous and previous to retired, and nothing else")
    func supersede() {
        var metadata = Self.metadata {
            $0.versions = [
                Self.version(1, .destroyed), Self.version(2, .retired), Self.version(3, .previous),
                Self.version(4, .current), Self.version(5, .pending),
            ]
        }
        let moved = metadata.supersede()
        #expect(
            metadata.versions.map(\.state)
                == [.destroyed, .retired, .retired, .previous, .pending])
        #expect(moved.map(\.state) == [.retired, .previous])
        #expect(moved.map(\.numbers) == [[3], [4]])
    }

    /// Three versions of which the second is current, with two fields.
    private static func three() -> Metadata {
        metadata {
            $0.versions = [
                version(1, .previous), version(2, .current), version(3, .pending),
                version(4, .destroyed),
            ]
            $0.fields = [client: "2", field(1): "shared"]
            $0.versions[0].ownFields = [client: .text("1")]
            $0.versions[2].ownFields = [client: .text("3"), field(2): .text("new")]
        }
    }

    private static func fields(of metadata: Metadata) -> [UInt32: [FieldName: String]] {
        var found: [UInt32: [FieldName: String]] = [:]
        for version in metadata.versions where version.state != .destroyed {
            found[version.number] = metadata.fields(of: version)
        }
        return found
    }

    @Test("says the public fields of each version, whichever becomes the current one")
    func fieldsOfVersions() throws {
        var metadata = Self.three()
        let before = Self.fields(of: metadata)
        #expect(before[1] == [Self.client: "1", Self.field(1): "shared"])
        #expect(
            before[3] == [Self.client: "3", Self.field(1): "shared", Self.field(2): "new"])
        for number: UInt32 in [3, 1, 2, 2, 1, 3, 9] {
            metadata.adoptFields(of: number)
            #expect(Self.fields(of: metadata) == before)
            guard let adopted = metadata.version(.number(number)) else { continue }
            #expect(adopted.ownFields.isEmpty)
            #expect(metadata.fields == before[number])
        }
        #expect(metadata.versions[3].ownFields.isEmpty)
        #expect(metadata.versions[1].ownFields[Self.field(2)] == .absent)
    }

    @Test("keeps the fields of older versions when a new one brings others, and when they change")
    func fieldsOfOlderVersions() throws {
        var metadata = Self.three()
        var draft = SecretDraft(name: Self.name)
        draft.fields = [Self.client: "5", Self.field(3): "x"]
        let before = Self.fields(of: metadata)
        _ = metadata.supersede()
        try metadata.take(draft, Self.version(5, .current), at: Self.late)
        for number: UInt32 in 1...3 { #expect(Self.fields(of: metadata)[number] == before[number]) }
        #expect(
            metadata.fields
                == [Self.client: "5", Self.field(1): "shared", Self.field(3): "x"])
        // An edit is about the secret, but for what a version has of its own.
        try metadata.apply(.set(Self.client, "1"))
        try metadata.apply(.set(Self.client, "6"))
        try metadata.apply(.set(Self.field(1), "all"))
        #expect(Self.fields(of: metadata)[1] == [Self.client: "1", Self.field(1): "all"])
        try metadata.apply(.unset(Self.field(1)))
        #expect(Self.fields(of: metadata)[1] == [Self.client: "1"])
    }

    @Test("gives a version that waits fields of its own, within the bounds")
    func fieldsOfWaiting() {
        func waiting(_ own: [FieldName: String]) -> (after: Metadata, error: VaultError?) {
            var metadata = Self.three()
            do throws(VaultError) {
                try metadata.wait(with: own, Self.version(5, .pending), at: Self.late)
                return (metadata, nil)
            } catch { return (metadata, error) }
        }
        let taken = waiting([Self.client: "5", Self.field(1): "shared"])
        #expect(taken.error == nil)
        #expect(taken.after.versions.last?.ownFields == [Self.client: .text("5")])
        #expect(taken.after.fields == Self.three().fields)
        // An empty text says that it has none; where there is none, it says nothing.
        let without = waiting([Self.client: "", Self.field(9): ""])
        #expect(without.after.versions.last?.ownFields == [Self.client: .absent])
        #expect(without.after.fields == Self.three().fields)
        let long = String(repeating: "v", count: Metadata.longestField + 1)
        let refused = waiting([Self.client: long])
        #expect(refused.error == .metadataTooLong)
        #expect(refused.after == Self.three())
    }

    @Test("gives a new version no field that is an empty text in the place of another")
    func forgottenField() throws {
        var metadata = Self.three()
        let before = Self.fields(of: metadata)
        var draft = SecretDraft(name: metadata.name)
        draft.fields = [Self.client: ""]
        try metadata.take(draft, Self.version(5, .current), at: Self.late)
        #expect(metadata.fields[Self.client] == nil)
        #expect(Self.fields(of: metadata)[5]?[Self.client] == nil)
        for number: UInt32 in 1...3 { #expect(Self.fields(of: metadata)[number] == before[number]) }
    }

    @Test("forgets the fields of a version whose value is gone")
    func lostFields() {
        var metadata = Self.three()
        metadata.lose([1])
        #expect(metadata.versions[0].state == .destroyed)
        #expect(metadata.versions[0].ownFields.isEmpty)
    }

    @Test("finds a version by what it is")
    func versions() {
        let metadata = Self.metadata {
            $0.versions = [
                Self.version(1, .previous), Self.version(2, .previous), Self.version(4, .current),
            ]
        }
        #expect(metadata.version(.current)?.number == 4)
        #expect(metadata.version(.previous)?.number == 2)
        #expect(metadata.version(.pending) == nil)
        #expect(metadata.version(.number(1))?.number == 1)
        #expect(metadata.version(.number(3)) == nil)
    }
}

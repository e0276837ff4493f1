// What a new capture changes in the description of a secret that was there before.

import Testing
import VaultModel

@Suite("A new capture")
struct CaptureRulesTests {
    private static let name = SecretName("zpa/prod/ci")!
    private static let (early, late) = (
        Timestamp(milliseconds: 1_000), Timestamp(milliseconds: 2_000)
    )
    private static let next = VersionSummary(
        number: 2, state: .current, created: late, fields: [.secret])

    private static func field(_ text: String) -> FieldName { FieldName(text)! }

    private static func before() -> Metadata {
        var metadata = Metadata(name: name, created: early)
        metadata.label = "label"
        metadata.fields = [field("a"): "1", field("b"): "2"]
        metadata.tags = ["m"]
        metadata.expires = late
        metadata.maximumAge = 60
        return metadata
    }

    @Test("adds its version and its time, and leaves what it does not mention")
    func silent() throws {
        var metadata = Self.before()
        try metadata.take(SecretDraft(name: Self.name), Self.next, at: Self.late)
        var expected = Self.before()
        expected.versions = [Self.next]
        expected.modified = Self.late
        // The new value has a life of its own: the old end is not its end.
        expected.expires = nil
        #expect(metadata == expected)
        #expect(metadata.created == Self.early)
    }

    @Test("replaces and adds what it mentions")
    func telling() throws {
        var draft = SecretDraft(name: Self.name, issuer: IssuerID("zpa")!)
        draft.status = .disabled
        draft.label = "new"
        draft.fields = [Self.field("b"): "3", Self.field("c"): "4"]
        draft.tags = ["z", "a", "m"]
        draft.expires = Self.early
        draft.maximumAge = 61
        draft.isManagedElsewhere = true
        var metadata = Self.before()
        try metadata.take(draft, Self.next, at: Self.late)
        #expect(metadata.issuer == IssuerID("zpa"))
        #expect(metadata.status == .disabled)
        #expect(metadata.label == "new")
        #expect(
            metadata.fields
                == [Self.field("a"): "1", Self.field("b"): "3", Self.field("c"): "4"])
        #expect(metadata.tags == ["a", "m", "z"])
        #expect(metadata.expires == Self.early)
        #expect(metadata.maximumAge == 61)
        #expect(metadata.isManagedElsewhere)
    }

    @Test("is refused where old and new together are beyond a bound, and nothing is changed")
    func together() {
        let half = Metadata.mostEntries / 2
        var metadata = Self.before()
        metadata.tags = (0..<half).map { "a\(10_000 + $0)" }
        metadata.fields = [:]
        for number in 0..<half { metadata.fields[Self.field("a\(number)")] = "" }
        var tags = SecretDraft(name: Self.name)
        tags.tags = (0...half).map { "b\(10_000 + $0)" }
        var fields = SecretDraft(name: Self.name)
        for number in 0...half { fields.fields[Self.field("b\(number)")] = "" }
        for draft in [tags, fields] {
            var changed = metadata
            do throws(VaultError) {
                try draft.checkBounds()
                try changed.take(draft, Self.next, at: Self.late)
                Issue.record("it was taken")
            } catch { #expect(error == .metadataTooLong) }
            let isSame = changed == metadata
            #expect(isSame)
        }
    }

    @Test("is refused where it is beyond a bound by itself")
    func alone() throws {
        func isTooLong(_ change: (inout SecretDraft) -> Void) -> Bool {
            var draft = SecretDraft(name: Self.name)
            change(&draft)
            do throws(VaultError) {
                try draft.checkBounds()
                return false
            } catch { return error == .metadataTooLong }
        }
        #expect(!isTooLong { _ in })
        #expect(!isTooLong { $0.label = String(repeating: "l", count: 1_024) })
        #expect(isTooLong { $0.label = String(repeating: "l", count: 1_025) })
        #expect(!isTooLong { $0.fields[.secret] = String(repeating: "v", count: 16_384) })
        #expect(isTooLong { $0.fields[.secret] = String(repeating: "v", count: 16_385) })
        #expect(!isTooLong { $0.tags = [String(repeating: "t", count: 128)] })
        #expect(isTooLong { $0.tags = [String(repeating: "t", count: 129)] })
        #expect(isTooLong { $0.tags = ["a", ""] })
        #expect(!isTooLong { $0.tags = (0..<1_024).map { "a\($0)" } })
        #expect(isTooLong { $0.tags = (0..<1_025).map { "a\($0)" } })
        #expect(isTooLong { for number in 0..<1_025 { $0.fields[Self.field("a\(number)")] = "" } })
    }
}

// References: NAME, NAME#field, NAME@version, and all of them behind coffer://.

import Testing
import VaultModel

@Suite("A reference")
struct ReferenceTests {
    struct Reading: Sendable, CustomTestStringConvertible {
        let text, name: String
        var field: String?
        var version = VersionSelector.current
        var testDescription: String { text }

        var reference: Reference {
            Reference(
                name: SecretName(name)!, field: field.map { FieldName($0)! }, version: version)
        }
    }

    static let readings: [Reading] = [
        Reading(text: "a", name: "a"),
        Reading(text: "coffer://a", name: "a"),
        Reading(text: "zpa/prod/ci", name: "zpa/prod/ci"),
        Reading(text: "a@current", name: "a"),
        Reading(text: "a@previous", name: "a", version: .previous),
        Reading(text: "a@pending", name: "a", version: .pending),
        Reading(text: "a@2", name: "a", version: .number(2)),
        Reading(text: "a@4294967295", name: "a", version: .number(.max)),
        Reading(text: "a#b", name: "a", field: "b"),
        Reading(text: "a#b@3", name: "a", field: "b", version: .number(3)),
        Reading(text: "coffer://a/b#c@previous", name: "a/b", field: "c", version: .previous),
        // What follows an @ is a version only if it can be one.
        Reading(text: "me@example.org", name: "me@example.org"),
        Reading(text: "a@0", name: "a@0"),
        Reading(text: "a@02", name: "a@02"),
        Reading(text: "a@+2", name: "a@+2"),
        Reading(text: "a@-2", name: "a@-2"),
        Reading(text: "a@4294967296", name: "a@4294967296"),
        Reading(text: "a@Current", name: "a@Current"),
        Reading(text: "a@", name: "a@"),
        Reading(text: "@", name: "@"),
        Reading(text: "a@2@current", name: "a@2"),
        Reading(text: "a@2@3", name: "a@2", version: .number(3)),
        Reading(
            text: "me@example.org#b@2", name: "me@example.org", field: "b", version: .number(2)),
        Reading(text: "a@2#b", name: "a@2", field: "b"),
        Reading(text: "coffer:a", name: "coffer:a"),
    ]

    @Test("is read", arguments: readings)
    func reading(_ reading: Reading) {
        #expect(Reference(reading.text) == reading.reference)
    }

    @Test("is written so that it is read again as itself", arguments: readings)
    func writing(_ reading: Reading) {
        let written = reading.reference.description
        #expect(Reference(written) == reading.reference, "\(written)")
        #expect(Reference("coffer://" + written) == reading.reference)
    }

    @Test(
        "is written as short as it may be",
        arguments: [
            ("a@current", "a"), ("coffer://a#b@current", "a#b"), ("a@2", "a@2"),
            ("a#b@previous", "a#b@previous"), ("me@example.org@current", "me@example.org"),
        ])
    func shortest(text: String, written: String) {
        #expect(Reference(text)?.description == written)
    }

    @Test(
        "is not read",
        arguments: [
            "", "#", "#b", "@2", "#b@2", "a#", "a#B", "a#b#c", "a#b@", "a#b@0", "a#b@02",
            "a#b@x", "a#@2", "a##b", "a#b@2@3", "a#b@3#c", "coffer://", "coffer:///a",
            "coffer://coffer://a", "Coffer://a", "http://a", "a//b", "a b", "-a", "a#b\n", "a@2\n",
            " a", "a/..#b", "a#b@\u{662}", "a\u{202e}", "a#secret@current@current",
        ])
    func refused(text: String) {
        #expect(Reference(text) == nil)
    }

    @Test("has a version by word or by number without sign or leading zeros")
    func versions() {
        for (text, selector) in [
            ("current", VersionSelector.current), ("previous", .previous), ("pending", .pending),
            ("1", .number(1)), ("4294967295", .number(.max)),
        ] {
            #expect(VersionSelector(text) == selector)
            #expect(selector.description == text)
        }
        for text in [
            "", "0", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "4294967296", "0x1", "retired",
            "destroyed", "Current", "\u{661}",
        ] {
            #expect(VersionSelector(text) == nil, "\(text)")
        }
    }
}

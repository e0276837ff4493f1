// A secret's versions: how they move, how each is asked for, how many there can be.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("versions")
struct VersionTests {
    private let name: SecretName = "a"

    private func versions(_ count: UInt8) throws -> (TestVault, OpenedVault) {
        let vault = try TestVault()
        let open = try vault.opened()
        for number in 1...count {
            try open.capture(name, [number], .addVersion, at: .later(UInt64(number)))
        }
        return (vault, open)
    }

    @Test("each is kept; the newest is current, the one before it previous, older ones retired")
    func states() throws {
        let (_, open) = try versions(4)
        let metadata = try open.vault.describe(name, at: TestVault.created)
        #expect(metadata.versions.map(\.number) == [1, 2, 3, 4])
        #expect(metadata.versions.map(\.state) == [.retired, .retired, .previous, .current])
        #expect(metadata.versions.map(\.created) == (1...4).map { Timestamp.later($0) })
        #expect(metadata.created == .later(1))
        #expect(metadata.modified == .later(4))
        let rid = try open.rid(of: name)
        for version in metadata.versions {
            let row = try #require(
                try open.vault.store.record(rid: rid, version: version.number))
            #expect(row.state == version.state)
        }
    }

    @Test("each is retrieved by its number or its state")
    func selectors() throws {
        let (_, open) = try versions(4)
        #expect(try open.value(name) == [4])
        #expect(try open.value(name, .previous) == [3])
        for number in UInt32(1)...4 {
            #expect(try open.value(name, .number(number)) == [UInt8(number)])
        }
        for selector in [VersionSelector.number(5), .number(0), .pending] {
            #expect(throws: VaultError.versionMissing(name, selector)) {
                try open.value(name, selector)
            }
        }
    }

    @Test("a first version has no previous one")
    func noPrevious() throws {
        let (_, open) = try versions(1)
        #expect(throws: VaultError.versionMissing(name, .previous)) {
            try open.value(name, .previous)
        }
    }

    @Test("a new one brings its own words, and keeps those it leaves out")
    func words() throws {
        let open = try TestVault().opened()
        var first = SecretDraft(name: name)
        first.label = "first"
        first.fields = ["client_id": "1", "owner": "me"]
        first.tags = ["x"]
        first.maximumAge = 60
        first.expires = .later(50)
        try open.capture(first, [(.secret, [1])])
        var second = SecretDraft(name: name, issuer: IssuerID("zpa")!)
        second.fields = ["client_id": "2"]
        second.tags = ["a"]
        try open.capture(second, [("client_secret", [2])], .addVersion)
        let metadata = try open.vault.describe(name, at: TestVault.created)
        #expect(metadata.label == "first")
        #expect(metadata.fields == ["client_id": "2", "owner": "me"])
        #expect(metadata.tags == ["a", "x"])
        #expect(metadata.maximumAge == 60)
        #expect(metadata.expires == nil)
        #expect(metadata.issuer.text == "zpa")
        #expect(metadata.versions.map(\.fields) == [["secret"], ["client_secret"]])
        #expect(try open.value(name, field: "client_secret") == [2])
        #expect(try open.value(name, .previous, field: "secret") == [1])
    }

    @Test("each is handed out with the public fields that belong to it, after a rekey too")
    func publicFields() throws {
        let vault = try TestVault(memory: true)
        let open = try vault.opened()
        for number in 1...3 {
            var draft = SecretDraft(name: name)
            draft.fields = ["key_id": "\(number)"]
            if number == 1 { draft.fields["cloud"] = "beta" }
            try open.capture(draft, [(.secret, [UInt8(number)])], .addVersion)
        }
        func fields(_ open: OpenedVault, _ version: VersionSelector) throws -> [FieldName: String] {
            try open.vault.fetch(name, version, disabled: .refuse, at: .later(4)).fields
        }
        #expect(try fields(open, .current) == ["key_id": "3", "cloud": "beta"])
        #expect(try fields(open, .previous) == ["key_id": "2", "cloud": "beta"])
        #expect(try fields(open, .number(1)) == ["key_id": "1", "cloud": "beta"])
        try vault.rekey()
        let again = try vault.opened()
        #expect(try fields(again, .previous) == ["key_id": "2", "cloud": "beta"])
        // What is deposited says nothing new, and is accepted with what was said when it came.
        _ = try vault.locked().deposit(
            SecretDraft(name: name), secretFields([(.secret, [4])]), at: .later(5))
        _ = try again.vault.drainInbox(thoroughly: true, at: .later(6))
        var draft = SecretDraft(name: name)
        draft.fields = ["key_id": "5"]
        try again.capture(draft, [(.secret, [5])], .addVersion)
        #expect(try fields(again, .pending)["key_id"] == "3")
        _ = try again.vault.accept(name, nil, at: .later(7))
        #expect(try fields(again, .current) == ["key_id": "3", "cloud": "beta"])
        #expect(try fields(again, .previous) == ["key_id": "5", "cloud": "beta"])
        #expect(try again.vault.describe(name, at: .later(8)).fields["key_id"] == "3")
    }

    @Test("a secret has at most 1,023; one more is refused and the others stay")
    func most() throws {
        let vault = try TestVault()
        let open = try vault.opened()
        _ = try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
            for number in 1...1_023 {
                let value = [UInt8(number & 255), UInt8(number >> 8)]
                try open.vault.storeInBatch(
                    SecretDraft(name: "a"), secretFields([(.secret, value)]), .addVersion,
                    at: TestVault.created)
            }
            return 1_023
        }
        #expect(throws: VaultError.tooManyVersions(name)) {
            try open.capture(name, [1], .addVersion)
        }
        #expect(try open.value(name) == [255, 3])
        #expect(try open.value(name, .number(1)) == [1, 0])
        #expect(
            try vault.opened().vault.describe(name, at: TestVault.created).versions.count == 1_023)
    }

    @Test("a new one never makes the description too large to be read again")
    func descriptionBounds() throws {
        let open = try TestVault().opened()
        var draft = SecretDraft(name: name)
        draft.tags = (0..<1_024).map { "tag\($0)" }
        try open.capture(draft, [(.secret, [1])])
        draft.tags = ["one more"]
        #expect(throws: VaultError.metadataTooLong) {
            try open.capture(draft, [(.secret, [2])], .addVersion)
        }
        draft.tags = []
        for number in 0..<1_024 { draft.fields[FieldName("f\(number)")!] = "" }
        try open.capture(draft, [(.secret, [3])], .addVersion)
        draft.fields = ["one_more": ""]
        #expect(throws: VaultError.metadataTooLong) {
            try open.capture(draft, [(.secret, [4])], .addVersion)
        }
        #expect(try open.value(name) == [3])
        #expect(try open.value(name, .previous) == [1])
    }
}

// The life of a secret, from its capture to its end.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("the life of a secret")
struct StoryTests {
    private let name: SecretName = "zpa/prod/ci"
    private let value = Array("s3cret value with 30 characters".utf8)

    private func vaultWithSecret() throws -> (TestVault, OpenedVault) {
        let vault = try TestVault()
        let open = try vault.opened()
        try open.capture(name, value)
        return (vault, open)
    }

    @Test("a new vault says what it is and holds nothing")
    func empty() throws {
        let vault = try TestVault(keys: [TestKey(), TestKey(passphrase: "correct horse")])
        let facts = try vault.locked().facts()
        #expect(facts.epoch == .first)
        #expect(facts.suite == .one)
        #expect(try vault.locked().secretCount() == 0)
        #expect(facts.slots.map(\.number) == [0, 1])
        #expect(facts.slots.map(\.kind) == [.rawKey, .passphrase])
        #expect(facts.slots.map(\.parameters) == [.none, TestKey.cheap])
        #expect(facts.slots.allSatisfy { !$0.hasDamagedCopy && $0.created == TestVault.created })
        #expect(try vault.opened().names() == [])
    }

    @Test("what was captured is retrieved, by this session and by the next one")
    func captured() throws {
        let (vault, open) = try vaultWithSecret()
        #expect(try open.value(name) == value)
        #expect(try vault.opened(.reading).value(name) == value)
        #expect(try vault.locked().secretCount() == 1)
    }

    @Test("the draft's words are in the description, and its fields beside the value")
    func draft() throws {
        let vault = try TestVault()
        var draft = SecretDraft(name: name, issuer: IssuerID("zpa")!)
        draft.label = "für 🔑\u{1b}[2J"
        draft.fields = ["client_id": "abc", "customer": "7"]
        draft.tags = ["b", "a", "b"]
        draft.expires = .later(9)
        draft.maximumAge = 86_400
        let receipt = try vault.opened().capture(
            draft, [("client_secret", value), ("second", [0])], at: .later(1))
        let described = try vault.opened().vault.describe(name, at: TestVault.created)
        #expect(described == receipt.metadata)
        #expect(described.issuer.text == "zpa")
        #expect(described.label == draft.label)
        #expect(described.fields == draft.fields)
        #expect(described.tags == ["a", "b"])
        #expect(described.expires == .later(9))
        #expect(described.maximumAge == 86_400)
        #expect(described.created == .later(1))
        #expect(described.modified == .later(1))
        #expect(described.status == .enabled)
        #expect(described.versions == [receipt.version])
        #expect(receipt.version.fields == ["client_secret", "second"])
        #expect(receipt.version.state == .current)
        let open = try vault.opened()
        #expect(try open.value(name, field: "client_secret") == value)
        #expect(try open.value(name, field: "second") == [0])
    }

    @Test("a receipt shows the last four characters only of more than sixteen printable ones")
    func receipt() throws {
        let open = try TestVault().opened()
        let receipt = try open.capture(
            SecretDraft(name: name),
            [
                ("sixteen", Array("0123456789abcdef".utf8)),
                ("seventeen", Array("0123456789abcdefg".utf8)),
                ("blank", Array("0123456789abcdef ".utf8)), ("newline", value + [10]),
                ("binary", [UInt8](repeating: 0xff, count: 40)),
            ])
        #expect(receipt.lastFour == ["seventeen": "defg"])
    }

    @Test("a name that is taken is refused, and the value under it stays")
    func taken() throws {
        let (_, open) = try vaultWithSecret()
        #expect(throws: VaultError.nameTaken(name)) { try open.capture(name, [1]) }
        #expect(throws: VaultError.nameTaken(name)) {
            try open.vault.preflight(name, .refuse, at: .later(1))
        }
        try open.vault.preflight(name, .addVersion, at: .later(1))
        try open.vault.preflight("other", .refuse, at: .later(1))
        #expect(try open.value(name) == value)
        #expect(try open.vault.describe(name, at: TestVault.created).versions.count == 1)
    }

    @Test("names differ by case and are not their own prefixes")
    func similarNames() throws {
        let open = try TestVault().opened()
        for (number, text) in ["a", "A", "a/b", "a/b/c", "ab", "a.b"].enumerated() {
            try open.capture(SecretName(text)!, [UInt8(number)])
        }
        #expect(try open.value("A") == [1])
        #expect(try open.value("a/b") == [2])
        #expect(try open.names() == ["A", "a", "a.b", "a/b", "a/b/c", "ab"])
        #expect(try open.names("a/b") == ["a/b", "a/b/c"])
        #expect(try open.names("nothing") == [])
    }

    @Test("a secret that is not there is missing to every question")
    func missing() throws {
        let (_, open) = try vaultWithSecret()
        let error = VaultError.secretMissing("other")
        #expect(throws: error) { try open.value("other") }
        #expect(throws: error) { try open.vault.describe("other", at: TestVault.created) }
        #expect(throws: error) { try open.vault.edit("other", [.label("x")], at: .later(1)) }
        #expect(throws: error) { try open.vault.rename("other", to: "new", at: .later(1)) }
        #expect(throws: error) { try open.vault.remove("other", at: .later(1)) }
        #expect(throws: error) { try open.vault.restore("other", at: .later(1)) }
        #expect(throws: error) { try open.vault.purge("other", at: .later(1)) }
    }

    @Test("a renamed secret keeps value and history, and frees its old name")
    func rename() throws {
        let (_, open) = try vaultWithSecret()
        let renamed = try open.vault.rename(name, to: "new/name", at: .later(5))
        #expect(renamed.name == "new/name")
        #expect(renamed.modified == .later(5))
        #expect(renamed.created == TestVault.created)
        #expect(try open.value("new/name") == value)
        #expect(throws: VaultError.secretMissing(name)) { try open.value(name) }
        try open.capture(name, [1])
        #expect(throws: VaultError.nameTaken(name)) {
            try open.vault.rename("new/name", to: name, at: .later(6))
        }
        #expect(throws: VaultError.nameTaken("new/name")) {
            try open.vault.rename("new/name", to: "new/name", at: .later(6))
        }
        #expect(try open.names() == ["new/name", "zpa/prod/ci"])
    }

    @Test("edits are made together or not at all, and the value stays")
    func edit() throws {
        let (_, open) = try vaultWithSecret()
        let edited = try open.vault.edit(
            name, [.label("l"), .set("client_id", "c"), .tag("t"), .maximumAge(5)], at: .later(2))
        #expect(edited.label == "l")
        #expect(edited.fields == ["client_id": "c"])
        #expect(edited.tags == ["t"])
        #expect(edited.maximumAge == 5)
        for (change, error) in [
            (DescriptionChange.unset("nothing"), VaultError.fieldMissing(name, "nothing")),
            (.set("secret", "public"), .fieldIsSecret(name, "secret")),
            (.label(String(repeating: "x", count: 1_025)), .metadataTooLong),
            (.tag(""), .metadataTooLong),
        ] {
            #expect(throws: error) {
                try open.vault.edit(name, [.label("other"), change], at: .later(3))
            }
        }
        #expect(try open.vault.describe(name, at: TestVault.created) == edited)
        #expect(try open.value(name) == value)
    }

    @Test("a disabled secret is refused unless it is asked for, until it is enabled")
    func disable() throws {
        let (_, open) = try vaultWithSecret()
        _ = try open.vault.edit(name, [.status(.disabled)], at: .later(1))
        #expect(throws: VaultError.disabled(name)) { try open.value(name) }
        #expect(try open.value(name, disabled: .allow) == value)
        #expect(try open.names() == [name.text])
        _ = try open.vault.edit(name, [.status(.enabled)], at: .later(2))
        #expect(try open.value(name) == value)
    }

    @Test("a removed secret is hidden and refused, keeps its name, and comes back")
    func removal() throws {
        let (_, open) = try vaultWithSecret()
        try open.capture("other", [2])
        try open.vault.remove(name, at: .later(1))
        let error = VaultError.removed(name)
        #expect(throws: error) { try open.value(name) }
        #expect(throws: error) { try open.value(name, disabled: .allow) }
        #expect(throws: error) { try open.vault.edit(name, [.label("x")], at: .later(2)) }
        #expect(throws: error) { try open.vault.rename(name, to: "new", at: .later(2)) }
        #expect(throws: error) { try open.vault.remove(name, at: .later(2)) }
        let taken = VaultError.nameTakenByRemoved(name)
        #expect(throws: taken) { try open.capture(name, [1]) }
        #expect(throws: taken) { try open.capture(name, [1], .addVersion) }
        #expect(throws: taken) { try open.vault.preflight(name, .addVersion, at: .later(1)) }
        #expect(throws: taken) { try open.vault.rename("other", to: name, at: .later(2)) }
        #expect(try open.names() == ["other"])
        #expect(try open.names("", .only) == [name.text])
        #expect(try open.vault.describe(name, at: TestVault.created).removed == .later(1))
        #expect(try open.vault.restore(name, at: .later(3)).removed == nil)
        #expect(try open.value(name) == value)
        #expect(throws: VaultError.notRemoved(name)) {
            try open.vault.restore(name, at: .later(4))
        }
    }

    @Test("a purged secret is gone, hidden or not, and its name is free", arguments: [true, false])
    func purge(hidden: Bool) throws {
        let (vault, open) = try vaultWithSecret()
        try open.capture(name, [2], .addVersion)
        let rid = try open.rid(of: name)
        let blob = try #require(try open.vault.store.record(rid: rid, version: 1)).blob
        if hidden { try open.vault.remove(name, at: .later(1)) }
        #expect(try open.vault.purge(name, at: .later(2)) == .gone)
        #expect(throws: VaultError.secretMissing(name)) { try open.value(name) }
        #expect(try open.vault.store.record(rid: rid, version: 1) == nil)
        #expect(try open.vault.store.record(rid: rid, version: 2) == nil)
        #expect(try open.names("", .only) == [])
        // Its tombstone names it; the rows are gone.
        #expect(!vault.file.holds(blob))
        #expect(!FileOnDisk(vault.path + "-wal").holds(blob))
        try open.capture(name, [7])
        #expect(try open.value(name) == [7])
        #expect(try open.rid(of: name) != rid)
    }

    @Test("a secret that another console manages takes no version from here")
    func managedElsewhere() throws {
        let (_, open) = try vaultWithSecret()
        _ = try open.vault.edit(name, [.managedElsewhere(true)], at: .later(1))
        let error = VaultError.managedElsewhere(name)
        #expect(throws: error) { try open.capture(name, [1], .addVersion) }
        #expect(throws: error) { try open.vault.preflight(name, .addVersion, at: .later(1)) }
        #expect(try open.value(name) == value)
    }

    @Test("nothing in a vault that is read changes but its log")
    func reading() throws {
        let (vault, _) = try vaultWithSecret()
        let before = try vault.rows()
        do {
            let open = try vault.opened(.reading)
            #expect(try open.value(name, at: .later(60)) == value)
            #expect(try open.names() == [name.text])
        }
        #expect(vault.folder.names == ["vault.db"])
        #expect(try vault.rows() == before)
    }

    @Test("neither names nor values nor words stand in the file")
    func nothingPlain() throws {
        let vault = try TestVault()
        var draft = SecretDraft(name: name)
        draft.label = "a label to find"
        draft.fields = ["client_id": "an identifier to find"]
        let open = try vault.opened()
        try open.capture(draft, [(.secret, value)])
        for suffix in ["", "-wal", "-shm"] {
            let file = FileOnDisk(vault.path + suffix)
            for text in [name.text, "a label to find", "an identifier to find", "client_id"] {
                #expect(!file.holds(Array(text.utf8)), "\(text) \(suffix)")
            }
            #expect(!file.holds(value))
        }
    }
}

// The names that an open vault keeps: read once, and true until the vault is changed.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import VaultCore

extension OpenedVault {
    /// What an agent would send, unpacked.
    fileprivate func kept(
        _ prefix: String = "", _ removed: RemovedListing = .hide
    ) throws(VaultError) -> [String] {
        let list = try vault.names(prefix: prefix, removed: removed, at: TestVault.created)
        guard list.damaged == 0, let names = ListedName.unpack(list.names.bytes) else {
            throw .tampered(.metadata(nil))
        }
        return names.map(\.name.text)
    }
}

@Suite("kept names")
struct NameIndexTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault()
        let open = try vault.opened()
        for name: SecretName in ["b/c", "b", "a", "b-c", "b/c/d", "bc", "c", "gone/x", "gone/y"] {
            try open.capture(name, Array("\(name)".utf8))
        }
        for name: SecretName in ["gone/x", "gone/y"] {
            try open.vault.remove(name, at: TestVault.created)
        }
    }

    @Test(
        "are those of a list, the first time and every time",
        arguments: ["", "a", "b", "b/", "b/c", "b/c/", "bc", "bcd", "c", "d", "B", "~", "é", "-"])
    func prefixes(prefix: String) throws {
        let open = try vault.opened(.reading)
        let wanted = try open.names(prefix)
        for _ in 0..<2 { #expect(try open.kept(prefix) == wanted) }
        for _ in 0..<2 { #expect(try open.kept("gone/", .only) == ["gone/x", "gone/y"]) }
        #expect(try open.kept("gone/") == [])
    }

    @Test("are read again when another process changed the vault")
    func changes() throws {
        let open = try vault.opened(.reading)
        #expect(try open.kept("n") == [])
        try vault.opened().capture("new", [1])
        #expect(try open.kept("n") == ["new"])
        try vault.opened().vault.remove("new", at: TestVault.created)
        #expect(try open.kept("n") == [])
        #expect(try open.kept("n", .only) == ["new"])
    }

    @Test("are those of the head although rows went since; whoever reads rows is told")
    func tampering() throws {
        let open = try vault.opened(.reading)
        let before = try open.kept()
        try vault.tamper("DELETE FROM metadata")
        #expect(try open.kept() == before)
        #expect(throws: VaultError.tampered(.state)) { try open.names() }
        #expect(throws: VaultError.tampered(.state)) { try vault.opened(.reading).kept() }
    }

    @Test("are not kept if one of them does not open")
    func damage() throws {
        try vault.tamper(
            "UPDATE metadata SET blob = zeroblob(length(blob)) WHERE rowid = 1")
        let open = try vault.opened(.reading)
        for _ in 0..<2 {
            #expect(throws: VaultError.tampered(.metadata(nil))) { try open.kept() }
        }
    }

    @Test("are entered in the log each time they are handed out")
    func entries() throws {
        let open = try vault.opened(.reading)
        _ = try open.kept()
        let before = open.vault.log.tip.entries
        for _ in 0..<3 { _ = try open.kept("b") }
        #expect(open.vault.log.tip.entries == before + 3)
    }
}

// What is remembered of a vault outside of its file is never ahead of what is in it.

import CSQLite
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("what is remembered")
struct SettlingTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault(memory: true)
        try vault.opened().capture("a", [1])
    }

    @Test("is nothing of a transaction that was not committed")
    func uncommitted() throws {
        let open = try vault.opened()
        try open.capture("b", [1])
        let handle = open.connection.rawHandle
        sqlite3_commit_hook(handle, { _ in 1 }, nil)
        #expect(throws: VaultError.self) { try open.capture("c", [1]) }
        #expect(throws: VaultError.self) { try open.value("a", at: .later(10)) }
        sqlite3_commit_hook(handle, nil, nil)
        open.vault.settle()
        #expect(try vault.opened().vault.anchorState == .fits)
        #expect(try vault.opened().names() == ["a", "b"])
    }

    @Test("stays what it was if the vault was tampered with meanwhile, and nothing crashes")
    func tampered() throws {
        do {
            let open = try vault.opened()
            try open.capture("b", [1])
            try vault.tamper("DELETE FROM audit_tip")
            #expect(throws: VaultError.tampered(.audit)) { try open.value("a") }
        }
        do {
            let open = try TestVault().opened()
            try open.capture("b", [1])
            try open.connection.run("DELETE FROM head")
            #expect(throws: VaultError.tampered(.head)) { try open.value("b") }
        }
    }
}

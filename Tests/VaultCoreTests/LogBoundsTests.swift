// Columns of the audit log that were edited to what no table takes: damage, and never a crash.

import TestSupport
import Testing
import VaultModel

@testable import VaultCore

@Suite("an audit log out of its bounds")
struct LogBoundsTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault(memory: true)
        try vault.opened().capture("a", Array("value".utf8))
    }

    /// What opening, a key that opens nothing, and storing say.
    private func use() throws -> [VaultError?] {
        let stranger = try TestKey()
        return [
            // So late that a seal is due.
            failure { () throws(VaultError) in
                _ = try vault.opened(.reading, at: .later(200)).value("a", at: .later(200))
            },
            failure { () throws(VaultError) in _ = try vault.opened(with: stranger) },
            failure { () throws(VaultError) in
                try vault.opened().capture("b", Array("value".utf8), .addVersion)
            },
        ]
    }

    private func failure(_ body: () throws(VaultError) -> Void) -> VaultError? {
        do throws(VaultError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "is damaged if a key, the tip, a seal, a link, an object or a detail has another length",
        arguments: [
            "audit_tip SET first_key = zeroblob(31)", "audit_tip SET first_key = zeroblob(1000)",
            "audit_tip SET tip = zeroblob(33)", "audit_tip SET first_key = x''",
            "audit_entry SET next_key = zeroblob(31)", "audit_entry SET signature = zeroblob(63)",
            "audit_entry SET next_key = NULL", "audit_entry SET signature = NULL",
            "audit_entry SET link = zeroblob(31)", "audit_entry SET object = zeroblob(17)",
            "audit_entry SET detail = zeroblob(65537)", "audit_entry SET operation = 256",
            "audit_entry SET time = -1", "audit_tip SET seals = -1",
        ])
    func lengths(edit: String) throws {
        try vault.tamper("UPDATE \(edit)")
        #expect(try use() == [.tampered(.container), .wrongKey, .tampered(.container)])
    }

    @Test("takes the largest numbers that a column can hold for what they are")
    func largest() throws {
        let most = Int64.max
        try vault.tamper("UPDATE audit_tip SET failures = \(most), failures_since = \(most)")
        #expect(try use() == [nil, .wrongKey, nil])
        try vault.tamper("UPDATE audit_tip SET seals = \(most)")
        #expect(try use()[1] == .wrongKey)
        try vault.tamper("UPDATE audit_tip SET sealed_entries = \(most), entries = \(most)")
        #expect(try use() == [.tampered(.audit), .wrongKey, .tampered(.audit)])
    }

    @Test(
        "of another number of seals is damaged: each seal to come would be one that nobody accepts")
    func seals() throws {
        // Two entries behind the head's, under one seal: as many as two could have.
        _ = try vault.opened(.reading).value("a")
        _ = try vault.opened(.reading, at: .later(60)).value("a", at: .later(60))
        let bytes = try vault.file.bytes()
        for edit in ["seals + 1", "seals + 2", "seals - 1", "0", "\(Int64.max)"] {
            try vault.restore(bytes)
            try vault.tamper("UPDATE audit_tip SET seals = \(edit)")
            // One fewer is less than what is remembered.
            let error: VaultError =
                edit == "seals - 1" ? .rolledBack(.forked) : .tampered(.audit)
            #expect(try use() == [error, .wrongKey, error], "\(edit)")
        }
        try vault.restore(bytes)
        #expect(try use() == [nil, .wrongKey, nil])
    }

    @Test("with a row behind all that it can hold is not opened")
    func lastRow() throws {
        try vault.tamper(
            """
            INSERT INTO audit_entry SELECT \(Int64.max), time, operation, outcome, user, process,
            object, detail, link, NULL, NULL FROM audit_entry WHERE number = 1
            """)
        #expect(try use() == [.tampered(.audit), .wrongKey, .tampered(.audit)])
    }

    @Test("ends where the numbers of entries end")
    func lastNumber() throws {
        let last = Int64.max - 1
        try vault.tamper(
            """
            UPDATE audit_entry SET number = \(last) WHERE number = 1;
            UPDATE audit_tip SET entries = \(Int64.max), sealed_entries = \(Int64.max)
            """)
        for error in try use() { #expect(error != nil) }
    }
}

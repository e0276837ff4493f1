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

    @Test("of glass that was broken stays until the entry about it is on disk")
    func unsynced() throws {
        let open = try vault.opened(.reading)
        // What begins the log is synced in any case.
        #expect(try open.value("a", at: .later(1)) == [1])
        let opened = try open.vault.fetchUnlogged(
            "a", .current, disabled: .refuse, at: .later(2))
        let isOpen = opened.secrets.contains(.secret)
        #expect(isOpen)
        let mark = try #require(open.vault.anchor.glass).path
        do {
            let failing = FailingSync(open.connection)
            #expect(try open.value("a", at: .later(3)) == [1])
            #expect(failing.isUsed)
        }
        #expect(FileOnDisk(mark).exists)
        #expect(try open.value("a", at: .later(4)) == [1])
        #expect(!FileOnDisk(mark).exists)
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

/// Lets no sync of a connection's log succeed, as long as it lives.
private final class FailingSync {
    private let log: UnsafeMutablePointer<sqlite3_file>
    private let methods: UnsafePointer<sqlite3_io_methods>
    private let failing = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    private nonisolated(unsafe) static var count = 0

    init(_ connection: Connection) {
        var log: UnsafeMutablePointer<sqlite3_file>?
        sqlite3_file_control(
            connection.rawHandle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
        self.log = log!
        methods = log!.pointee.pMethods
        failing.initialize(to: methods.pointee)
        failing.pointee.xSync = { _, _ in
            FailingSync.count += 1
            return SQLITE_IOERR
        }
        Self.count = 0
        log!.pointee.pMethods = UnsafePointer(failing)
    }

    deinit {
        log.pointee.pMethods = methods
        failing.deallocate()
    }

    var isUsed: Bool { Self.count > 0 }
}

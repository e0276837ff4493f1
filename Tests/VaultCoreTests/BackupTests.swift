// Backups, what becomes of them, and secrets handed out together.

import TestSupport
import Testing
import VaultModel

@testable import Sealing
@testable import Storage
@testable import VaultCore

private func silent(_: CopyStage, _: UInt64, _: UInt64) {}

@Suite("backups")
struct BackupTests {
    private let vault: TestVault
    private let backup: FileOnDisk

    init() throws {
        vault = try TestVault(memory: true)
        backup = FileOnDisk(vault.folder.file("backup.db"))
        try vault.opened().capture("a", [1], at: .later(1))
    }

    @discardableResult
    private func makeBackup(_ key: TestKey? = nil) throws -> CopiedRows {
        let locked = try vault.locked(.reading)
        try locked.enterBackup(at: .later(2))
        let key = try key.map { key throws(VaultError) in try key.unlockKey() }
        return try locked.backUp(to: backup.path, verifying: key, at: .later(2), progress: silent)
    }

    private func restoration(replacing: Bool = true) throws(VaultError) -> Restoration {
        try Restoration(of: backup.path, to: vault.path, replacing: replacing)
    }

    private func verify(
        _ restoration: Restoration, with key: TestKey? = nil
    ) throws(VaultError) -> RestoreFinding {
        try restoration.verify(
            with: (key ?? vault.keys[0]).unlockKey(), at: .later(9), by: .test,
            memory: vault.memory, progress: silent)
    }

    @Test("a locked vault enters that it was copied, for whoever opens it later")
    func entered() throws {
        try makeBackup()
        let open = try vault.opened(.reading)
        let newest = try #require(try open.vault.events(.newest, of: nil, atMost: 1).first)
        #expect(newest.operation == .backup && newest.outcome == .done)
        #expect(newest.detail?.attribution == Caller.test.attribution)
        #expect(open.vault.anchorState == .fits)
        _ = try open.value("a", at: .later(3))
    }

    @Test("the copy is the vault, to the last row, and has the entry too")
    func same() throws {
        try makeBackup(vault.keys[0])
        let copy = try Tamperer(backup.path).dump(except: [])
        #expect(try copy == Tamperer(vault.path).dump(except: []))
    }

    @Test("a vault that is damaged makes no backup", arguments: [true, false])
    func damaged(_ hasKey: Bool) throws {
        if hasKey {
            try vault.tamper("UPDATE record SET blob = zeroblob(length(blob))")
        } else {
            try vault.tamper("UPDATE audit_entry SET time = time + 1 WHERE number = 0")
        }
        let error: VaultError =
            hasKey ? .tampered(.record("a", version: 1)) : .logBroken(at: 0, .link)
        #expect(throws: error) { try makeBackup(hasKey ? vault.keys[0] : nil) }
        #expect(!backup.exists)
        #expect(!vault.folder.names.contains { $0.hasPrefix("backup") })
    }

    @Test("without a key, versions that do not fit their digests are counted")
    func misfits() throws {
        try vault.opened().capture("b", [2], at: .later(1))
        #expect(try makeBackup() == .compared(misfits: 0))
        backup.remove()
        try vault.tamper(
            """
            UPDATE record SET blob = zeroblob(length(blob))
            WHERE id = (SELECT max(id) FROM record)
            """)
        #expect(try makeBackup() == .compared(misfits: 1))
        #expect(backup.exists)
    }

    @Test("a key that opens nothing makes no backup")
    func wrongKey() throws {
        let key = try TestKey()
        #expect(throws: VaultError.wrongKey) { try makeBackup(key) }
        #expect(!backup.exists)
    }

    private func copies(at seconds: [UInt64], of sources: [TestVault]) throws -> [String] {
        try zip(seconds, sources).map { second, source in
            let locked = try source.locked(.reading)
            let path = locked.backupPath(in: folder, at: .later(second))
            _ = try locked.backUp(to: path, verifying: nil, at: .later(second), progress: silent)
            return path
        }
    }

    private var folder: String { vault.folder.file("copies") }

    @Test("only this vault's own backups are removed, the oldest first")
    func rotation() throws {
        let other = try TestVault()
        let paths = try copies(at: [1, 2, 3, 4], of: [vault, other, vault, vault])
        let locked = try vault.locked(.reading)
        #expect(try locked.rotate(folder, keeping: 3, of: paths[3]) == Rotation())
        let rotation = try locked.rotate(folder, keeping: 1, of: paths[3])
        #expect(rotation == Rotation(removed: [paths[0], paths[2]]))
        #expect(FileOnDisk(paths[1]).exists && FileOnDisk(paths[3]).exists)
    }

    @Test("the new backup stays, whatever the names of older ones say; those are told")
    func laterNames() throws {
        let paths = try copies(at: [1, 8, 9, 2], of: [vault, vault, vault, vault])
        let locked = try vault.locked(.reading)
        let first = try locked.rotate(folder, keeping: 3, of: paths[3])
        #expect(first == Rotation(removed: [paths[0]], later: [paths[1], paths[2]]))
        let second = try locked.rotate(folder, keeping: 1, of: paths[3])
        #expect(second == Rotation(removed: [paths[1], paths[2]]))
        #expect(FileOnDisk(paths[3]).exists)
    }

    @Test("a backup with nothing after it is no rollback; one with a change after it is")
    func age() throws {
        try makeBackup()
        #expect(try verify(restoration()).rollback == nil)
        try vault.opened().capture("b", [2], at: .later(3))
        let finding = try verify(restoration())
        #expect(finding.rollback == .generation(found: 2, seen: 3))
        #expect(finding.replaced == .sameVault)
        #expect(finding.rows == VerifiedRows(secrets: 1, versions: 1))
        _ = try vault.opened().value("b")
    }

    @Test("a restored vault is that of the backup, which stays as it was; the old one is kept")
    func restored() throws {
        try makeBackup()
        let before = try backup.bytes()
        try vault.opened().capture("b", [2], at: .later(3))
        let old = try vault.rows()
        let aside = vault.folder.file("aside.db")
        let restoration = try restoration()
        _ = try verify(restoration)
        #expect(try restoration.finish(keeping: aside, progress: silent) == .gone)
        #expect(throws: VaultError.rolledBack(.generation(found: 2, seen: 3))) {
            _ = try vault.opened()
        }
        let open = try vault.opened(at: .later(10), rollback: .accept)
        try open.vault.enterRestore(at: .later(10))
        #expect(try open.names() == ["a"])
        let events = try open.vault.events(.newest, of: nil, atMost: 9)
        #expect(
            events.map(\.operation)
                == [.list, .restore, .acceptRollback, .backup, .capture, .initialise])
        #expect(try vault.opened(.reading).vault.anchorState == .fits)
        #expect(try backup.bytes() == before)
        #expect(try Tamperer(aside).dump(except: ["audit_entry", "audit_tip"]) == old)
    }

    @Test("a damaged backup, or one for another key, never takes the place", arguments: [1, 2, 3])
    func refused(_ number: Int) throws {
        try makeBackup()
        var key: TestKey?
        let error: VaultError
        switch number {
        case 1:
            try Tamperer.edit(backup.path, "UPDATE record SET blob = zeroblob(length(blob))")
            error = .tampered(.record("a", version: 1))
        case 2:
            try Tamperer.edit(backup.path, "CREATE TABLE x (y)")
            error = .refusedFormat(path: backup.path, .schemaDiffers)
        default:
            key = try TestKey()
            error = .wrongKey
        }
        let rows = try vault.rows()
        #expect(throws: error) { _ = try verify(restoration(), with: key) }
        #expect(try vault.rows() == rows)
        #expect(!vault.folder.names.contains { $0.contains(".new-") })
    }

    @Test(
        "a vault of which no slot can be read is replaced, and told from the one backed up",
        arguments: ["randomblob(224)", "CAST('COFFSLT9' || substr(bytes, 9) AS BLOB)"])
    func slotless(_ bytes: String) throws {
        try makeBackup()
        for table in ["slot", "slot_copy"] {
            try vault.tamper("UPDATE \(table) SET bytes = \(bytes)")
        }
        let old = try vault.rows()
        let aside = vault.folder.file("aside.db")
        let restoration = try restoration()
        #expect(try verify(restoration).replaced == .nameless)
        #expect(try restoration.finish(keeping: aside, progress: silent) == .gone)
        #expect(try vault.opened().value("a") == [1])
        #expect(try Tamperer(aside).dump(except: ["audit_entry", "audit_tip"]) == old)
    }

    @Test("a vault that was made meanwhile where there was none stays")
    func madeMeanwhile() throws {
        try makeBackup()
        vault.file.remove()
        for replaces in [false, true] {
            let restoration = try restoration(replacing: replaces)
            _ = try verify(restoration)
            let other = try TestVault()
            let bytes = try other.file.bytes()
            try vault.file.write(bytes)
            #expect(throws: VaultError.vaultExists(path: vault.path)) {
                _ = try restoration.finish(
                    keeping: vault.folder.file("aside.db"), progress: silent)
            }
            #expect(try vault.file.bytes() == bytes)
            #expect(!FileOnDisk(vault.folder.file("aside.db")).exists)
            vault.file.remove()
        }
    }

    @Test("what a vault that is gone left beside it is kept with --replace")
    func remains() throws {
        try makeBackup()
        vault.file.remove()
        try FileOnDisk(vault.path + "-wal").write([1])
        let restoration = try restoration()
        #expect(try verify(restoration).replaced == .nothing)
        let aside = vault.folder.file("aside.db")
        #expect(try restoration.finish(keeping: aside, progress: silent) == .gone)
        #expect(try FileOnDisk(aside + "-wal").bytes() == [1])
        #expect(try vault.opened().value("a") == [1])
    }

    @Test("without being told to, nothing that is there is replaced")
    func existing() throws {
        try makeBackup()
        #expect(throws: VaultError.vaultExists(path: vault.path)) {
            _ = try restoration(replacing: false)
        }
        vault.file.remove()
        try FileOnDisk(vault.path + "-wal").write([1])
        #expect(throws: VaultError.unsafeFile(path: vault.path + "-wal", .leftOver)) {
            _ = try restoration(replacing: false)
        }
    }
}

@Suite("an export")
struct ExportTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault()
        let open = try vault.opened()
        for name: SecretName in ["z/b", "a", "z/a"] {
            try open.capture(name, Array(name.text.utf8))
        }
    }

    private func export(
        _ prefix: String = "", _ open: OpenedVault? = nil
    ) throws -> (names: [String], tally: ExportTally) {
        let open = try open ?? vault.opened(.reading)
        var names: [String] = []
        let tally = try open.vault.export(prefix: prefix, at: .later(5)) { opened in
            let value = opened.secrets.value(of: .secret)
            let text = value.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            #expect(text == opened.metadata.name.text)
            names.append(opened.metadata.name.text)
            return true
        }
        return (names, tally)
    }

    @Test("has the current version of each secret that begins so, by name; removed ones not")
    func order() throws {
        #expect(try export().names == ["a", "z/a", "z/b"])
        #expect(try export("z/").names == ["z/a", "z/b"])
        try vault.opened().vault.remove("z/a", at: .later(1))
        #expect(try export() == (["a", "z/b"], ExportTally(count: 2)))
    }

    @Test("is one entry, with how many, before the first value leaves")
    func entered() throws {
        let open = try vault.opened(.reading)
        var counts: [UInt64?] = []
        _ = try open.vault.export(prefix: "z", at: .later(5)) { _ in
            let reader = try? vault.opened(.reading)
            let newest = try? reader?.vault.events(.newest, of: nil, atMost: 1).first
            counts.append(newest?.operation == .exporting ? newest?.detail?.count : nil)
            return true
        }
        #expect(counts == [2, 2])
    }

    @Test("gives up when whoever takes it does")
    func abandoned() throws {
        let open = try vault.opened(.reading)
        var taken = 0
        #expect(throws: VaultError.abandoned) {
            _ = try open.vault.export(prefix: "", at: .later(5)) { _ in
                taken += 1
                return taken < 2
            }
        }
        #expect(taken == 2)
    }

    @Test("hands out what is whole and names what is not")
    func damaged() throws {
        let row = try vault.opened().records(of: "z/a")
        try vault.tamper("UPDATE record SET blob = zeroblob(length(blob)) WHERE \(row)")
        let (names, tally) = try export()
        #expect(names == ["a", "z/b"])
        #expect(tally.damaged == [.record("z/a", version: 1)])
    }

    @Test("hands out what is whole beside a description that does not open, or one that is gone")
    func damagedDescription() throws {
        let row = try vault.opened().row(of: "z/a")
        let before = try vault.file.bytes()
        try vault.tamper("UPDATE metadata SET blob = zeroblob(length(blob)) WHERE \(row)")
        #expect(try export() == (["a", "z/b"], ExportTally(count: 2, [.metadata(nil)])))
        try vault.restore(before)
        try vault.tamper("DELETE FROM metadata WHERE \(row)")
        #expect(try export() == (["a", "z/b"], ExportTally(count: 2, [.state])))
    }

    @Test("needs a reason if one of them does, and that is entered")
    func reason() throws {
        _ = try vault.opened().vault.edit("a", [.requiresReason(true)], at: .later(1))
        #expect(throws: VaultError.reasonMissing("a")) { _ = try export() }
        #expect(try export("z/").names == ["z/a", "z/b"])
        let events = try vault.opened().vault.events(.newest, of: nil, atMost: 2)
        #expect(events.map(\.operation) == [.exporting, .exporting])
        #expect(events.map(\.outcome) == [.done, .refused])
    }
}

extension ExportTally {
    fileprivate init(count: Int, _ damaged: [DamagedObject] = []) {
        self.init(damaged: damaged)
        self.count = count
    }
}

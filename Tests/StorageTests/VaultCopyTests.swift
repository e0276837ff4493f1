// Copies of a vault: one state, one file, never over another, and nothing left of a failed one.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("copies of a vault")
struct VaultCopyTests {
    private let vault: SampleVault
    private let target: FileOnDisk

    init() throws {
        vault = try SampleVault(secrets: 40)
        target = FileOnDisk(vault.folder.file("copy.db"))
    }

    private func copied() throws(VaultError) -> VaultCopy {
        let store = try Store.open(at: vault.path, .readOnly)
        return try store.read { () throws(VaultError) in try store.copy(for: target.path) }
    }

    @Test("a copy is one private file with all that was in the vault, in WAL mode")
    func complete() throws {
        let before = try vault.content()
        try copied().publish()
        #expect(target.mode == 0o600)
        #expect(try target.bytes()[18...19] == [2, 2])
        #expect(try SampleVault.Content(at: target.path) == before)
        #expect(vault.folder.names == ["copy.db", "vault.db"])
    }

    @Test("what another connection commits meanwhile is not in it")
    func oneState() throws {
        let before = try vault.content()
        let store = try Store.open(at: vault.path, .readOnly)
        let copy = try store.read { () throws(VaultError) -> VaultCopy in
            let copy = try store.copy(for: target.path) { done, _ in
                guard done < 2_000 else { return }
                let writer = try? Store.open(at: vault.path, .readWrite)
                try? writer?.write { () throws(VaultError) in
                    try SampleVault.insert(100, into: writer!)
                }
            }
            return copy
        }
        try copy.publish()
        #expect(try SampleVault.Content(at: target.path) == before)
        #expect(try vault.content().metadata.count == before.metadata.count + 1)
    }

    @Test("a copy that is not put in its place leaves nothing behind")
    func takenBack() throws {
        do {
            let copy = try copied()
            #expect(FileOnDisk(copy.path).exists)
            _ = try SampleVault.Content(at: copy.path)
        }
        #expect(vault.folder.names == ["vault.db"])
    }

    @Test(
        "whatever has the name, or lies beside it, stays as it is (C65)",
        arguments: ["", "-wal", "-shm", "-journal"])
    func neverOver(_ suffix: String) throws {
        let other = FileOnDisk(target.path + suffix)
        let copy = try copied()
        try other.write([1, 2, 3])
        let error: VaultError =
            suffix.isEmpty
            ? .vaultExists(path: target.path) : .unsafeFile(path: other.path, .leftOver)
        #expect(throws: error) { try copy.publish() }
        #expect(throws: error) { _ = try copied() }
        #expect(try other.bytes() == [1, 2, 3])
    }

    @Test("a vault that is in use gets another's content in one transaction, and is kept before")
    func overwritten() throws {
        let other = try SampleVault(secrets: 3)
        let (before, after) = (try vault.content(), try other.content())
        let reader = try Store.open(at: vault.path, .readOnly)
        try reader.read { () throws(VaultError) in
            #expect(try reader.metadataCount() == 40)
            let old = try Store.openAsItIs(at: vault.path, .readWrite)
            try old.takeContent(of: other.path, keeping: target.path)
            // Whoever is in a transaction still sees what was there.
            #expect(try reader.metadataCount() == 40)
        }
        #expect(try reader.metadataCount() == 3)
        #expect(try vault.content() == after)
        #expect(try SampleVault.Content(at: target.path) == before)
    }

    @Test("if the old content cannot be kept, nothing is changed")
    func notKept() throws {
        let other = try SampleVault(secrets: 3)
        let before = try vault.content()
        try target.write([7])
        #expect(throws: VaultError.vaultExists(path: target.path)) {
            try Store.openAsItIs(at: vault.path, .readWrite)
                .takeContent(of: other.path, keeping: target.path)
        }
        #expect(try vault.content() == before)
        #expect(try target.bytes() == [7])
    }

    @Test("nobody commits between the old content's being kept and its being replaced")
    func locked() throws {
        let other = try SampleVault(secrets: 3)
        let new = try Store.open(at: other.path, .readOnly)
        let old = try Store.openAsItIs(at: vault.path, .readWrite)
        let late = try Store.open(at: vault.path, .readWrite)
        try late.connection.neverWait()
        var refused: VaultError?
        try new.overwrite(old) { _, _ in
        } keeping: { _ throws(VaultError) in
            do throws(VaultError) {
                try late.write { () throws(VaultError) in try SampleVault.insert(50, into: late) }
            } catch { refused = error }
        }
        #expect(refused == .busy(path: vault.path))
        #expect(try vault.content() == other.content())
    }

    @Test("a file that is no vault any more is exchanged, with all that lies beside it")
    func exchanged() throws {
        let ruin = FileOnDisk(vault.folder.file("ruin.db"))
        let aside = FileOnDisk(vault.folder.file("aside.db"))
        for (number, suffix) in ["", "-wal", "-shm", "-journal"].enumerated() {
            try FileOnDisk(ruin.path + suffix).write([UInt8(number)])
        }
        let store = try Store.open(at: vault.path, .readOnly)
        let copy = try store.read { () throws(VaultError) in
            try store.copy(for: ruin.path, replacing: true)
        }
        try copy.exchange(keeping: aside.path)
        #expect(try SampleVault.Content(at: ruin.path) == vault.content())
        for (number, suffix) in ["", "-wal", "-shm", "-journal"].enumerated() {
            #expect(try FileOnDisk(aside.path + suffix).bytes() == [UInt8(number)])
        }
        #expect(!FileOnDisk(ruin.path + "-journal").exists)
    }
}

extension Store {
    fileprivate func takeContent(
        of path: String, keeping aside: String
    ) throws(VaultError) {
        let new = try Store.open(at: path, .readOnly)
        try new.overwrite(self) { _, _ in
        } keeping: { held throws(VaultError) in
            let copy = try held.read { () throws(VaultError) in try held.copy(for: aside) }
            try copy.publish()
        }
    }
}

@Suite("a folder of backups")
struct BackupFolderTests {
    private let folder: TemporaryFolder
    private let backups: BackupFolder

    init() throws {
        folder = try TemporaryFolder()
        backups = BackupFolder("\(folder.file("."))/", of: "/some/where/vault.db")
    }

    @Test("names are of a vault and a time, in the order of time")
    func names() throws {
        let times: [UInt64] = [0, 5, 999, 1_000, 1_700_000_000_123, 253_402_300_799_999]
        let names = times.map { time in
            backups.path(at: Timestamp(milliseconds: time)).split(separator: "/").last ?? ""
        }
        #expect(
            names == [
                "vault-19700101T000000.000Z.db", "vault-19700101T000000.005Z.db",
                "vault-19700101T000000.999Z.db", "vault-19700101T000001.000Z.db",
                "vault-20231114T221320.123Z.db", "vault-99991231T235959.999Z.db",
            ])
        #expect(BackupFolder.stem(of: "keys") == "keys")
    }

    @Test("only such names are backups")
    func strangers() throws {
        let own = ["vault-20231114T221320.123Z.db", "vault-20231114T221320.124Z.db"]
        let others = [
            "vault-20231114T221320.12Z.db", "vault-20231114T221320.123Z.db-wal", "vault.db",
            "vault-20231114t221320.123Z.db", "other-20231114T221320.123Z.db",
            "vault-20231114T221320.123Z", "vault-replaced-20231114T221320.123Z.db",
            "vault-20231114T221320.123Z.db.new-12",
        ]
        for name in own.reversed() + others { try FileOnDisk(folder.file(name)).write([]) }
        let found = try backups.backups()
        #expect(found.map { String($0.split(separator: "/").last ?? "") } == own)
        try backups.remove(found[0])
        #expect(try backups.backups() == [found[1]])
    }

    @Test("what a kill left there goes after a while, and nothing else does")
    func abandoned() throws {
        let drafts = [
            "vault-20231114T221320.123Z.db.new-12", "vault-20231114T221320.123Z.db.new-7xx-wal",
            "vault-replaced-20231114T221320.123Z.db.new-8",
        ]
        let others = [
            "vault-20231114T221320.123Z.db", "mine.db.new-12", "vault-20231114T221320.123Z.db.new-",
            "vault-20231114T221320.123Z.db.new-12-old", "vault-replaced-20231114T221320.123Z.db",
        ]
        for name in drafts + others {
            let file = FileOnDisk(folder.file(name))
            try file.write([])
            try file.setModified(1_000_000)
        }
        let young = FileOnDisk(folder.file("vault-20231114T221320.123Z.db.new-13"))
        try young.write([])
        backups.clearAbandoned()
        for name in drafts { #expect(!FileOnDisk(folder.file(name)).exists, "\(name)") }
        for name in others { #expect(FileOnDisk(folder.file(name)).exists, "\(name)") }
        #expect(young.exists)
    }
}

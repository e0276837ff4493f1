// A vault comes into being: complete, private, and never over something else.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("making a vault")
struct CreationTests {
    private func create(at path: String) throws(VaultError) {
        try Store.create(at: path) { store throws(VaultError) in
            try SampleVault.fill(store, secrets: 2)
        }
    }

    @Test("what was filled in is there, and nothing else lies in the folder")
    func complete() throws {
        let vault = try SampleVault(secrets: 2)
        let content = try vault.content()
        #expect(content.metadata == [SampleVault.metadata(0), SampleVault.metadata(1)])
        #expect(content.records == [SampleVault.record(0), SampleVault.record(1)])
        #expect(content.slots.map(\.number) == [0, 1])
        #expect(content.slots.allSatisfy { $0.first == $0.copy })
        #expect(vault.folder.names == ["vault.db"])
    }

    @Test("missing folders above it are made for their owner alone")
    func folders() throws {
        let folder = try TemporaryFolder()
        try create(at: folder.file("a/b/vault.db"))
        #expect(FileOnDisk(folder.file("a")).mode == 0o700)
        #expect(FileOnDisk(folder.file("a/b")).mode == 0o700)
    }

    enum Obstacle: String, CaseIterable {
        case file, emptyFile, vault, symbolicLink, danglingLink, folder, pipe
    }

    @Test("whatever has the name already stays as it is (F86)", arguments: Obstacle.allCases)
    func obstacles(_ obstacle: Obstacle) throws {
        let folder = try TemporaryFolder()
        let place = FileOnDisk(folder.file("vault.db"))
        let target = FileOnDisk(folder.file("target"))
        switch obstacle {
        case .file: try place.write(Array("mine".utf8))
        case .emptyFile: try place.write([])
        case .vault: try create(at: place.path)
        case .symbolicLink:
            try target.write(Array("mine".utf8))
            try place.makeLink(to: target.path)
        case .danglingLink: try place.makeLink(to: target.path)
        case .folder: try place.makeFolder()
        case .pipe: try place.makePipe()
        }
        let names = folder.names
        let hasBytes = [.file, .emptyFile, .vault, .symbolicLink].contains(obstacle)
        let before = hasBytes ? try place.bytes() : []
        #expect(throws: VaultError.vaultExists(path: place.path)) { try create(at: place.path) }
        #expect(folder.names == names)
        #expect(try !hasBytes || place.bytes() == before)
    }

    @Test(
        "a log, index or journal that waits for the vault is refused",
        arguments: ["-wal", "-shm", "-journal"])
    func plantedCompanions(_ suffix: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vault.db")
        try FileOnDisk(path + suffix).write([1, 2, 3])
        #expect(throws: VaultError.unsafeFile(path: path + suffix, .leftOver)) {
            try create(at: path)
        }
        #expect(folder.names == ["vault.db\(suffix)"])
    }

    @Test("a file that appears while the vault is being filled is not replaced")
    func race() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vault.db")
        #expect(throws: VaultError.vaultExists(path: path)) {
            try Store.create(at: path) { store throws(VaultError) in
                try SampleVault.fill(store, secrets: 1)
                try? FileOnDisk(path).write(Array("first".utf8))
            }
        }
        #expect(try FileOnDisk(path).bytes() == Array("first".utf8))
        #expect(folder.names == ["vault.db"])
    }

    @Test("when filling fails, its error is passed on and the draft is gone")
    func failure() throws {
        let folder = try TemporaryFolder()
        #expect(throws: VaultError.abandoned) {
            try Store.create(at: folder.file("vault.db")) { store throws(VaultError) in
                try SampleVault.fill(store, secrets: 1)
                throw .abandoned
            }
        }
        #expect(folder.names == [])
    }

    @Test("while it is filled there is a draft of mode 0600 and no vault")
    func draft() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vault.db")
        try Store.create(at: path) { store throws(VaultError) in
            try SampleVault.fill(store, secrets: 1)
            #expect(!FileOnDisk(path).exists)
            #expect(folder.names.first == "vault.db.new-\(getpid())")
            for name in folder.names { #expect(FileOnDisk(folder.file(name)).mode == 0o600) }
        }
        #expect(FileOnDisk(path).mode == 0o600)
    }

    @Test("a vault whose log could not be moved into the file is not published")
    func unfinishedLog() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vault.db")
        var reader: Tamperer?
        #expect(throws: VaultError.busy(path: path)) {
            try Store.create(at: path) { store throws(VaultError) in
                try store.connection.neverWait()
                try SampleVault.fill(store, secrets: 1)
                // Someone reads the draft as it was: the log cannot be emptied under them.
                reader = try? Tamperer(folder.file("vault.db.new-\(getpid())"))
                try? reader?.run("BEGIN; SELECT * FROM sqlite_schema")
            }
        }
        #expect(reader != nil)
        reader?.close()
        #expect(!FileOnDisk(path).exists)
        #expect(folder.names == [])
    }

    @Test("an old draft is cleared away, another file of much the same name is not")
    func oldDrafts() throws {
        let folder = try TemporaryFolder()
        let old = time(nil) - 3_600
        let drafts = ["vault.db.new-17", "vault.db.new-17x", "vault.db.new-17-wal"]
        let others = ["vault.db.new-backup-2025", "vault.db.new-17.bak", "vault.db.new-"]
        for name in drafts + others {
            try FileOnDisk(folder.file(name)).write([1])
            var times = [
                timeval(tv_sec: old, tv_usec: 0), timeval(tv_sec: old, tv_usec: 0),
            ]
            #expect(utimes(folder.file(name), &times) == 0)
        }
        try create(at: folder.file("vault.db"))
        #expect(folder.names == (["vault.db"] + others).sorted())
    }

    @Test("a young draft of the same process number is not in the way, and stays")
    func sameNumber() throws {
        let folder = try TemporaryFolder()
        let draft = FileOnDisk(folder.file("vault.db.new-\(getpid())"))
        try draft.write([1, 2, 3])
        try create(at: folder.file("vault.db"))
        #expect(try draft.bytes() == [1, 2, 3])
        #expect(folder.names == ["vault.db", "vault.db.new-\(getpid())"])
    }

    @Test("old drafts are cleared away, young ones and other files stay")
    func abandonedDrafts() throws {
        let folder = try TemporaryFolder()
        let now = Int(time(nil))
        for (name, age) in [
            ("vault.db.new-1", 601), ("vault.db.new-2-wal", 601), ("vault.db.new-3", 300),
            ("other.db.new-4", 601), ("vault.db.bak", 601),
        ] {
            try FileOnDisk(folder.file(name)).write([1])
            try FileOnDisk(folder.file(name)).setModified(now - age)
        }
        try create(at: folder.file("vault.db"))
        #expect(
            folder.names == ["other.db.new-4", "vault.db", "vault.db.bak", "vault.db.new-3"])
    }
}

@Suite("making a vault in a process of its own")
struct CreationProcessTests {
    @Test("under umask 000 every file is 0600 and every folder 0700 (F88)")
    func umaskZero() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            umask(0)
            let vault = "\(path)/sub/vault.db"
            func check(_ suffix: String, sourceLocation: SourceLocation = #_sourceLocation) {
                let mode = FileOnDisk(vault + suffix).mode
                #expect(mode == 0o600, "\(suffix)", sourceLocation: sourceLocation)
            }
            try Store.create(at: vault) { store throws(VaultError) in
                try SampleVault.fill(store, secrets: 1)
                for suffix in ["", "-wal", "-shm"] { check(".new-\(getpid())\(suffix)") }
            }
            check("")
            let store = try Store.open(at: vault, .readWrite)
            try store.write { () throws(VaultError) in try SampleVault.insert(7, into: store) }
            for suffix in ["", "-wal", "-shm"] { check(suffix) }
            #expect(FileOnDisk("\(path)/sub").mode == 0o700)
        }
    }

    @Test("killed before, while or after it is filled, there is no vault", arguments: [0, 1, 40])
    func killed(secrets: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vault.db")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, secrets = secrets as Int] in
            try Store.create(at: path) { store throws(VaultError) in
                if secrets > 0 { try SampleVault.fill(store, secrets: secrets) }
                kill(getpid(), SIGKILL)
            }
        }
        #expect(!FileOnDisk(path).exists)
        #expect(throws: VaultError.vaultMissing(path: path)) { try Store.open(at: path, .readOnly) }
        try Store.create(at: path) { store throws(VaultError) in
            try SampleVault.fill(store, secrets: 2)
        }
        #expect(try SampleVault.Content(at: path).metadata.count == 2)
    }
}

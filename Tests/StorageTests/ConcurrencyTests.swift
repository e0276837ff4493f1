// Several writers, and a writer that is in the way.

import Foundation
import Synchronization
import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("several at once")
struct ConcurrencyTests {
    private static func insert(_ numbers: Range<Int>, at path: String) throws(VaultError) {
        let store = try Store.open(at: path, .readWrite)
        for number in numbers {
            try store.write { () throws(VaultError) in try SampleVault.insert(number, into: store) }
        }
    }

    @Test("threads with a store each lose no row (D66)")
    func threads() throws {
        let vault = try SampleVault(secrets: 0)
        let errors = Mutex<[VaultError]>([])
        let path = vault.path
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            do throws(VaultError) {
                try Self.insert(thread * 40..<thread * 40 + 40, at: path)
            } catch {
                errors.withLock { $0.append(error) }
            }
        }
        #expect(errors.withLock { $0 } == [])
        let content = try vault.content()
        #expect(Set(content.metadata) == Set((0..<240).map { SampleVault.metadata($0) }))
        #expect(Set(content.records) == Set((0..<240).map { SampleVault.record($0) }))
        #expect(vault.folder.names == ["vault.db"])
    }

    @Test("processes with a store each lose no row (D66)")
    func processes() async throws {
        let vault = try SampleVault(secrets: 0)
        let path = vault.path
        await withTaskGroup { group in
            for process in 0..<4 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [path = path as String, process = process as Int] in
                        try ConcurrencyTests.insert(process * 40..<process * 40 + 40, at: path)
                    }
                }
            }
        }
        let content = try vault.content()
        #expect(Set(content.metadata) == Set((0..<160).map { SampleVault.metadata($0) }))
        #expect(content.records.count == 160)
    }

    @Test("a process killed in the middle of a change leaves the state before it and no lock")
    func killedWriter() async throws {
        let vault = try SampleVault(secrets: 3)
        let before = try vault.content()
        let path = vault.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try Store.open(at: path, .readWrite)
            try store.write { () throws(VaultError) in
                for number in 3..<300 { try SampleVault.insert(number, into: store) }
                kill(getpid(), SIGKILL)
            }
        }
        #expect(try vault.content() == before)
        let store = try Store.open(at: vault.path, .readWrite)
        try store.connection.neverWait()
        try store.write { () throws(VaultError) in try SampleVault.insert(3, into: store) }
        #expect(try store.metadataCount() == 4)
    }

    @Test("a process killed after a change leaves the change")
    func killedAfterCommit() async throws {
        let vault = try SampleVault(secrets: 3)
        let path = vault.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try Store.open(at: path, .readWrite)
            try store.write { () throws(VaultError) in try SampleVault.insert(3, into: store) }
            kill(getpid(), SIGKILL)
        }
        #expect(try vault.content().metadata.count == 4)
    }

    @Test("while another one changes the vault, a change is busy and reading goes on")
    func busy() throws {
        let vault = try SampleVault(secrets: 1)
        let writer = try Store.open(at: vault.path, .readWrite)
        let other = try Store.open(at: vault.path, .readWrite)
        try other.connection.neverWait()
        try writer.write { () throws(VaultError) in
            try SampleVault.insert(1, into: writer)
            #expect(throws: VaultError.busy(path: vault.path)) {
                try other.write { () throws(VaultError) in
                    try SampleVault.insert(2, into: other)
                }
            }
            #expect(throws: VaultError.busy(path: vault.path)) { try other.rehearse() }
            #expect(try other.metadataCount() == 1)
        }
        #expect(try other.metadataCount() == 2)
        try other.write { () throws(VaultError) in try SampleVault.insert(2, into: other) }
        #expect(try writer.metadataCount() == 3)
    }

    @Test("a reading sees one state, whatever is written meanwhile")
    func snapshot() throws {
        let vault = try SampleVault(secrets: 1)
        let writer = try Store.open(at: vault.path, .readWrite)
        let reader = try Store.open(at: vault.path, .readOnly)
        try reader.read { () throws(VaultError) in
            #expect(try reader.metadataCount() == 1)
            try writer.write { () throws(VaultError) in
                try SampleVault.insert(1, into: writer)
            }
            #expect(try reader.metadataCount() == 1)
        }
        #expect(try reader.metadataCount() == 2)
    }

    @Test("a change that throws is not made, and the next one works")
    func rollback() throws {
        let vault = try SampleVault(secrets: 1)
        let before = try vault.content()
        let store = try Store.open(at: vault.path, .readWrite)
        #expect(throws: VaultError.abandoned) {
            try store.write { () throws(VaultError) in
                try SampleVault.insert(1, into: store)
                try store.removeSlot(0)
                throw .abandoned
            }
        }
        #expect(store.connection.isIdle)
        #expect(try vault.content() == before)
        try store.write { () throws(VaultError) in try SampleVault.insert(1, into: store) }
        #expect(try store.metadataCount() == 2)
    }

    @Test("a rehearsal leaves nothing in the file")
    func rehearsal() throws {
        let vault = try SampleVault()
        let before = try vault.file.bytes()
        do {
            let store = try Store.open(at: vault.path, .readWrite)
            try store.rehearse()
            #expect(store.connection.isIdle)
            #expect(try store.metadataCount() == 3)
        }
        #expect(try vault.file.bytes() == before)
    }

    @Test("a file that may not grow is full: nothing is stored, and what is there stays")
    func full() throws {
        let vault = try SampleVault()
        let before = try vault.content()
        let store = try Store.open(at: vault.path, .readWrite)
        let pages = try store.connection.integer("PRAGMA page_count")
        try store.connection.run("PRAGMA max_page_count=\(pages)")
        #expect(throws: VaultError.diskFull(path: vault.path)) {
            try store.write { () throws(VaultError) in
                try store.insert(SampleVault.metadata(50))
                try store.insert(SampleVault.record(50, count: 50_000))
            }
        }
        #expect(store.connection.isIdle)
        #expect(try vault.content() == before)
    }
}

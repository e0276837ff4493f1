// Several sessions on one vault: nothing is lost, and no name or version is given twice.

import Foundation
import Synchronization
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("sessions at once")
struct ConcurrentSessionTests {
    /// Runs `body` in several threads with a session each; the errors they met.
    private func inThreads(
        _ vault: TestVault, _ count: Int,
        _ body: @Sendable (Int, OpenedVault) throws(VaultError) -> Void
    ) -> [VaultError] {
        let errors = Mutex<[VaultError]>([])
        DispatchQueue.concurrentPerform(iterations: count) { thread in
            do throws(VaultError) {
                try body(thread, try vault.opened())
            } catch {
                errors.withLock { $0.append(error) }
            }
        }
        return errors.withLock { $0 }
    }

    @Test("what is purged under a reader is said to stay in the log until it closes")
    func purgedUnderAReader() throws {
        let vault = try TestVault()
        let open = try vault.opened()
        try open.capture("a", [1])
        try open.connection.run("PRAGMA busy_timeout=0")
        let reader = try Tamperer(vault.path)
        try reader.run("BEGIN; SELECT * FROM metadata")
        #expect(try open.vault.purge("a", at: .later(2)) == .inTheLog)
        reader.close()
        try open.capture("b", [1])
        #expect(try open.vault.purge("b", at: .later(2)) == .gone)
    }

    @Test("each keeps what it stored (D66)")
    func manyNames() throws {
        let vault = try TestVault()
        let errors = inThreads(vault, 4) { thread, open throws(VaultError) in
            for number in 0..<25 {
                try open.capture(
                    SecretName("s/\(thread)/\(number)")!, [UInt8(thread), UInt8(number)])
            }
        }
        #expect(errors == [])
        let reader = try vault.opened(.reading)
        #expect(try reader.names().count == 100)
        for thread in 0..<4 {
            for number in 0..<25 {
                let name = SecretName("s/\(thread)/\(number)")!
                #expect(try reader.value(name) == [UInt8(thread), UInt8(number)])
            }
        }
    }

    @Test("of several that store under one name, one does; the others are told (D66)")
    func oneName() throws {
        let vault = try TestVault()
        let errors = inThreads(vault, 4) { thread, open throws(VaultError) in
            try open.capture("a", [UInt8(thread)])
        }
        #expect(errors == Array(repeating: .nameTaken("a"), count: 3))
        #expect(
            try vault.opened(.reading).vault.describe("a", at: TestVault.created).versions.count
                == 1)
    }

    @Test("versions that several add are counted through, each with its value (D66)")
    func versions() throws {
        let vault = try TestVault()
        let errors = inThreads(vault, 4) { thread, open throws(VaultError) in
            for number in 0..<10 {
                let value = [UInt8(thread), UInt8(number)]
                let receipt = try open.capture("a", value, .addVersion)
                let stored = try open.value("a", .number(receipt.version.number))
                #expect(stored == value)
            }
        }
        #expect(errors == [])
        let reader = try vault.opened(.reading)
        let metadata = try reader.vault.describe("a", at: TestVault.created)
        #expect(metadata.versions.map(\.number) == Array(1...40))
        #expect(metadata.versions.filter { $0.state == .current }.map(\.number) == [40])
        #expect(metadata.versions.filter { $0.state == .previous }.map(\.number) == [39])
        let values = try metadata.versions.map { try reader.value("a", .number($0.number)) }
        #expect(Set(values).count == 40)
    }

    @Test("what one session changes, another one that is open sees")
    func seen() throws {
        let vault = try TestVault()
        let (one, two) = (try vault.opened(), try vault.opened(.reading))
        try one.capture("a", [1])
        #expect(try two.value("a") == [1])
        try one.vault.remove("a", at: .later(1))
        #expect(throws: VaultError.removed("a")) { try two.value("a") }
        #expect(try one.vault.purge("a", at: .later(2)) == .gone)
        #expect(throws: VaultError.secretMissing("a")) { try two.value("a") }
    }
}

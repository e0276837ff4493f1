// The policy edited, cut, grown or put back by someone who can write the file (A23).

import Sealing
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("a tampered policy")
struct PolicyTamperingTests {
    private let vault: TestVault
    private let job: TestJob
    private let name: SecretName = "db/root"
    private let tampered = VaultError.tampered(.policy)

    /// One job, one delivery, one grant.
    init() throws {
        vault = try TestVault()
        let open = try vault.opened()
        try open.capture(name, [1])
        job = try TestJob("ci", in: open)
        try open.vault.deliver(name, to: "ci", until: nil, at: .later(1))
        let program = GrantedProgram(path: "/bin/a", digest: [UInt8](repeating: 7, count: 32))
        _ = try open.vault.addGrant(
            of: name, to: try #require(program), until: nil, note: "", at: .later(1))
    }

    private func expectRefused(_ words: String) {
        for purpose in [VaultPurpose.reading, .changing] {
            #expect(throws: VaultError.self, "\(words)") {
                do throws(VaultError) { _ = try vault.opened(purpose) } catch {
                    guard error == tampered || error == .tampered(.container) else { return }
                    throw error
                }
            }
        }
    }

    @Test("is refused on opening, whichever byte of whichever row is another")
    func flips() throws {
        let bytes = try vault.file.bytes()
        for row in try vault.policy() {
            let id = Tamperer.literal(row.columns.id.bytes)
            let place = "kind = \(row.columns.kind.rawValue) AND id = \(id)"
            for (column, old) in [
                ("id", row.columns.id.bytes), ("digest", row.columns.digest), ("blob", row.blob),
            ] {
                for index in old.indices {
                    var new = old
                    new[index] ^= index % 2 == 0 ? 1 : 0x80
                    try vault.restore(bytes)
                    try vault.tamper(
                        "UPDATE policy SET \(column) = \(Tamperer.literal(new)) WHERE \(place)")
                    #expect(throws: tampered, "\(column) \(index)") {
                        _ = try vault.opened(.reading)
                    }
                }
            }
        }
        try vault.restore(bytes)
        #expect(try vault.opened(.reading).value(name) == [1])
    }

    @Test(
        "is refused on opening when rows are edited together, added, dropped, doubled or moved",
        arguments: [
            "DELETE FROM policy", "DELETE FROM policy WHERE kind = 1",
            "DELETE FROM policy WHERE kind = 2", "DELETE FROM policy WHERE kind = 3",
            "UPDATE policy SET kind = 3 WHERE kind = 1",
            "UPDATE policy SET kind = 4 WHERE kind = 1",
            "UPDATE policy SET blob = zeroblob(128)",
            "UPDATE policy SET digest = zeroblob(32)",
            "INSERT INTO policy (kind, id, digest, blob) SELECT 1, zeroblob(16), digest, blob"
                + " FROM policy WHERE kind = 1",
            "INSERT INTO policy (kind, id, digest, blob) SELECT 2, id, digest, blob FROM policy"
                + " WHERE kind = 1",
        ])
    func rows(_ edit: String) throws {
        try vault.tamper(edit)
        expectRefused(edit)
    }

    @Test("is refused when the table is gone, as in a vault of an older release")
    func dropped() throws {
        try vault.tamper("DROP TABLE policy; PRAGMA user_version=2")
        #expect(throws: tampered) { _ = try vault.opened(.reading) }
        try vault.tamper("DROP TABLE policy")
        #expect(throws: VaultError.refusedFormat(path: vault.path, .schemaDiffers)) {
            _ = try vault.opened(.reading)
        }
    }

    @Test("that is an older one is refused by the open vault; a job is not told (threat model)")
    func rolledBack() throws {
        let old = try #require(try vault.policy().last)
        #expect(old.columns.kind == .delivery)
        try vault.opened().capture(name, [2], .addVersion)
        #expect(try job.value(name, of: vault) == [2])
        try vault.tamper(
            "UPDATE policy SET digest = \(Tamperer.literal(old.columns.digest)),"
                + " blob = \(Tamperer.literal(old.blob)) WHERE kind = 3")
        #expect(throws: tampered) { _ = try vault.opened(.reading) }
        #expect(try job.value(name, of: vault) == [1])
    }

    @Test("gives a job no value, whichever bit of its row is another")
    func jobs() throws {
        let row = try #require(try vault.policy().last)
        let tree = try vault.opened(.reading).vault.tree
        for index in row.blob.indices {
            let edited = flippedBlob(row.blob, index)
            let digest = tree.digest(of: edited)
            for fits in [true, false] {
                try vault.tamper(
                    "UPDATE policy SET blob = \(Tamperer.literal(edited))"
                        + (fits ? ", digest = \(Tamperer.literal(digest))" : "")
                        + " WHERE kind = 3")
                #expect(throws: VaultError.tampered(.delivery(name)), "byte \(index)") {
                    try job.value(name, of: vault)
                }
            }
        }
    }

    private func flippedBlob(_ blob: [UInt8], _ index: Int) -> [UInt8] {
        var blob = blob
        blob[index] ^= 0x40
        return blob
    }

    @Test("stops a change that was begun before, and nothing is taken over")
    func meanwhile() throws {
        let open = try vault.opened()
        try vault.tamper("DELETE FROM policy WHERE kind = 1")
        #expect(throws: tampered) { try open.capture("n", [1]) }
        #expect(throws: tampered) { _ = try open.vault.grants(at: .later(2)) }
        #expect(try open.value(name) == [1])
    }

    @Test("of a long delivery is found by a verification, and by its job")
    func longBlob() throws {
        let open = try vault.opened()
        try open.capture("long", [UInt8](repeating: 7, count: 100_000))
        try open.vault.deliver("long", to: "ci", until: nil, at: .later(1))
        try vault.tamper(
            "UPDATE policy SET blob = CAST(substr(blob, 1, 70000) || x'00' || substr(blob, 70002)"
                + " AS BLOB) WHERE length(blob) > 65536")
        let reopened = try vault.opened(.reading)
        #expect(throws: tampered) { _ = try reopened.vault.verifyRows { _, _ in } }
        #expect(throws: VaultError.tampered(.delivery("long"))) {
            try job.value("long", of: vault)
        }
    }
}

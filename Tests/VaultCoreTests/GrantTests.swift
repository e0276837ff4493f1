// Which programs may have which secrets.

import Sealing
import TestSupport
import Testing
import VaultModel

@testable import VaultCore

@Suite("a grant")
struct GrantTests {
    private let vault: TestVault
    private let open: OpenedVault
    private let name: SecretName = "db/root"

    init() throws {
        vault = try TestVault()
        open = try vault.opened()
        try open.capture(name, [1])
        try open.capture("other", [2])
        for secret in [name, "other"] {
            _ = try open.vault.edit(secret, [.requiresGrant(true)], at: .later(0))
        }
    }

    private func program(_ path: String = "/usr/bin/psql", _ byte: UInt8 = 7) -> GrantedProgram {
        GrantedProgram(path: path, digest: [UInt8](repeating: byte, count: 32))!
    }

    @discardableResult
    private func grant(
        _ secret: SecretName? = nil, _ other: GrantedProgram? = nil,
        until expires: Timestamp? = nil
    ) throws -> Grant {
        try open.vault.addGrant(
            of: secret ?? name, to: other ?? program(), until: expires, note: "é", at: .later(1))
    }

    /// What whoever asks for the secret is told of its grants.
    private func held(
        _ secret: SecretName, _ open: OpenedVault, at time: Timestamp
    ) throws -> [Grant] {
        var found: [Grant]?
        let question = FetchQuestion(
            secret, .current, disabled: .refuse, by: open.vault.log.caller
        ) { about, _, all in
            #expect(about.name == secret)
            found = all
        }
        var failure: VaultError?
        let count = try open.vault.fetchEach(
            [question], at: time, opened: { _ in }, failed: { failure = $0 })
        if let failure { throw failure }
        #expect(count == 1)
        return try #require(found)
    }

    private func granted(_ secret: SecretName, at time: Timestamp = .later(2)) throws -> [Grant] {
        let all = try held(secret, open, at: time)
        // What another process finds, which knows nothing yet.
        #expect(try held(secret, vault.opened(.reading), at: time) == all)
        return all
    }

    @Test("is of a secret, a program and its bytes, until a time")
    func added() throws {
        #expect(try granted(name) == [])
        let first = try grant(until: .later(9))
        #expect(try granted(name) == [first])
        #expect(try granted("other") == [])
        #expect(first.program == program() && first.note == "é" && first.name == name)
        let second = try grant(name, program("/usr/bin/psql", 8))
        #expect(Set(try granted(name)) == [first, second])
        #expect(try granted(name, at: .later(9)) == [second])
        #expect(try open.vault.grants(at: .later(2)).count == 2)
        // The same again takes its place.
        let third = try grant(until: .later(99))
        #expect(Set(try granted(name)) == [second, third])
        #expect(throws: VaultError.secretMissing("none")) { try grant("none") }
    }

    @Test("is no grant of a path that is not from the root, or of a digest of another size")
    func programs() {
        let digest = [UInt8](repeating: 1, count: 32)
        #expect(GrantedProgram(path: "bin/psql", digest: digest) == nil)
        #expect(
            GrantedProgram(path: "/" + String(repeating: "x", count: 4_096), digest: digest) == nil)
        #expect(GrantedProgram(path: "/a\0b", digest: digest) == nil)
        #expect(GrantedProgram(path: "/a", digest: [1]) == nil)
    }

    @Test("is revoked, and is in the log with its secret")
    func revoked() throws {
        let grant = try grant()
        try open.vault.revokeGrant(grant.id, at: .later(2))
        #expect(try granted(name) == [])
        #expect(throws: VaultError.grantMissing(grant.id)) {
            try open.vault.revokeGrant(grant.id, at: .later(2))
        }
        let events = try open.vault.events(.from(0), of: nil, atMost: 99)
            .filter { [.grantAdd, .grantRemove].contains($0.operation) }
        #expect(events.map(\.operation) == [.grantAdd, .grantRemove, .grantRemove])
        #expect(events.map(\.outcome) == [.done, .done, .missing])
        #expect(events.prefix(2).allSatisfy { $0.detail?.name == name })
        let rid = try open.rid(of: name)
        #expect(events.prefix(2).allSatisfy { $0.object == rid })
    }

    @Test("follows its secret's name, and goes with it or with its time")
    func follows() throws {
        try grant()
        try grant("other", until: .later(9))
        _ = try open.vault.rename(name, to: "db/admin", at: .later(2))
        #expect(throws: VaultError.secretMissing(name)) { try granted(name) }
        #expect(try granted("db/admin").map(\.name) == ["db/admin"])
        try open.vault.remove("db/admin", at: .later(3))
        #expect(try open.vault.grants(at: .later(3)).map(\.name) == ["other"])
        try open.capture("n", [1], at: .later(10))
        #expect(try open.vault.grants(at: .later(10)) == [])
        #expect(try vault.policy().isEmpty)
        _ = try open.vault.verifyRows { _, _ in }
    }

    @Test("outlasts new keys")
    func rekeyed() throws {
        let grant = try grant()
        try vault.rekey()
        #expect(try vault.opened(.reading).vault.grants(at: .later(3)) == [grant])
    }
}

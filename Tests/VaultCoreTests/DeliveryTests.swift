// Jobs open what is delivered to them, and nothing else, while the vault stays locked.

import Sealing
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("a delivery")
struct DeliveryTests {
    private let vault: TestVault
    private let open: OpenedVault
    private let job: TestJob
    private let name: SecretName = "db/root"

    init() throws {
        vault = try TestVault(memory: true)
        open = try vault.opened()
        try open.capture(name, [1, 0, 255])
        job = try TestJob("ci/deploy", in: open)
    }

    private func deliver(
        _ secret: SecretName? = nil, to other: TestJob? = nil, until expires: Timestamp? = nil
    ) throws {
        try open.vault.deliver(
            secret ?? name, to: (other ?? job).name, until: expires, at: .later(2))
    }

    private var missing: VaultError { .notDelivered(name, to: job.name) }

    @Test("opens to the same bytes as the open vault, and only once it is made")
    func same() throws {
        #expect(throws: missing) { try job.value(name, of: vault) }
        try deliver()
        #expect(try job.value(name, of: vault) == open.value(name))
        #expect(try job.value(name, .number(1), of: vault) == [1, 0, 255])
        #expect(throws: VaultError.versionMissing(name, .previous)) {
            try job.value(name, .previous, of: vault)
        }
        #expect(throws: VaultError.versionMissing(name, .number(2))) {
            try job.value(name, .number(2), of: vault)
        }
    }

    @Test("has all secret and public fields")
    func fields() throws {
        var draft = SecretDraft(name: "aws", issuer: IssuerID("aws-iam")!)
        draft.fields = ["region": "x"]
        try open.capture(draft, [("id", [7]), ("key", [8, 9])])
        try deliver("aws")
        #expect(
            try job.fields("aws", of: vault) == ["id": [7], "key": [8, 9], "region": [0x78]])
    }

    @Test("of the largest value opens")
    func largest() throws {
        let value = [UInt8](repeating: 5, count: Keyring.longestValue)
        try open.capture("long", value)
        try deliver("long")
        #expect(try job.value("long", of: vault) == value)
        _ = try open.vault.verifyRows { _, _ in }
    }

    @Test("is for one job: others find nothing under the name")
    func others() throws {
        let other = try TestJob("other", in: open)
        try deliver(to: other)
        #expect(throws: missing) { try job.value(name, of: vault) }
        #expect(try other.value(name, of: vault) == [1, 0, 255])
        let elsewhere = try TestVault()
        #expect(throws: VaultError.foreignIdentity) { try job.value(name, of: elsewhere) }
    }

    @Test("follows the current version, the name and the public fields")
    func follows() throws {
        try deliver()
        let first = try vault.policy()
        try open.capture(name, [2], .addVersion)
        #expect(try job.value(name, of: vault) == [2])
        #expect(throws: VaultError.versionMissing(name, .number(1))) {
            try job.value(name, .number(1), of: vault)
        }
        #expect(
            Set(try vault.policy()).intersection(first).count == 1, "the job's row is as it was")
        _ = try open.vault.edit(name, [.set("owner", "dba")], at: .later(3))
        #expect(try job.fields(name, of: vault)["owner"] == Array("dba".utf8))
        _ = try open.vault.rename(name, to: "db/admin", at: .later(3))
        #expect(throws: missing) { try job.value(name, of: vault) }
        #expect(try job.value("db/admin", of: vault) == [2])
        #expect(
            try open.vault.jobs(at: .later(4)).map { $0.deliveries.map(\.name) }
                == [["db/admin"]])
        #expect(try vault.count(.delivery) == 1)
        _ = try open.vault.verifyRows { _, _ in }
    }

    @Test("follows a pending version when that is put into use, and not before")
    func accepted() throws {
        try deliver()
        _ = try vault.locked().deposit(
            SecretDraft(name: name), secretFields([(.secret, [9])]), at: .later(2))
        let open = try vault.opened()
        _ = try open.vault.drainInbox(thoroughly: true, at: .later(3))
        #expect(try job.value(name, of: vault) == [1, 0, 255])
        _ = try open.vault.accept(name, nil, at: .later(3))
        #expect(try job.value(name, of: vault) == [9])
    }

    @Test("follows what an import stores")
    func imported() throws {
        try deliver()
        let stored = try open.vault.importing(at: .later(3)) { () throws(VaultError) in
            for other: SecretName in ["n/1", "n/2"] {
                try open.vault.storeInBatch(
                    SecretDraft(name: other), secretFields([(.secret, [3])]), .refuse,
                    at: .later(3))
            }
            try open.vault.storeInBatch(
                SecretDraft(name: name), secretFields([(.secret, [4])]), .addVersion,
                at: .later(3))
            return 3
        }
        #expect(stored == 3)
        #expect(try job.value(name, of: vault) == [4])
    }

    @Test("is taken out with the secret's use, and does not come back with it")
    func withdrawn() throws {
        for (change, undo) in [
            ("disable", "enable"), ("rm", "undelete"), ("purge", "capture"),
        ] {
            try deliver()
            #expect(try job.value(name, of: vault) != nil)
            switch change {
            case "disable":
                _ = try open.vault.edit(name, [.status(.disabled)], at: .later(3))
                #expect(throws: VaultError.disabled(name)) { try deliver() }
            case "rm":
                try open.vault.remove(name, at: .later(3))
                #expect(throws: VaultError.removed(name)) { try deliver() }
            default:
                _ = try open.vault.purge(name, at: .later(3))
                #expect(throws: VaultError.secretMissing(name)) { try deliver() }
            }
            #expect(throws: missing) { try job.value(name, of: vault) }
            #expect(try vault.count(.delivery) == 0)
            switch undo {
            case "enable": _ = try open.vault.edit(name, [.status(.enabled)], at: .later(4))
            case "undelete": _ = try open.vault.restore(name, at: .later(4))
            default: try open.capture(name, [5])
            }
            #expect(throws: missing) { try job.value(name, of: vault) }
            #expect(try open.vault.jobs(at: .later(4)).allSatisfy { $0.deliveries.isEmpty })
        }
        let revoked = try open.vault.events(.from(0), of: nil, atMost: 256)
            .filter { $0.operation == .revoke }
        #expect(revoked.count == 3)
        #expect(revoked.allSatisfy { $0.detail?.name == name })
        #expect(revoked.allSatisfy { $0.detail?.recipient == job.name })
    }

    @Test("is refused when its time is over, and taken out with the next change of anything")
    func expired() throws {
        try deliver(until: .later(10))
        #expect(try job.value(name, of: vault, at: .later(9)) == [1, 0, 255])
        #expect(throws: VaultError.deliveryExpired(name)) {
            try job.value(name, of: vault, at: .later(10))
        }
        try open.capture("unrelated", [1], at: .later(9))
        #expect(try vault.count(.delivery) == 1)
        try open.capture("unrelated", [2], .addVersion, at: .later(10))
        #expect(try vault.count(.delivery) == 0)
        #expect(throws: missing) { try job.value(name, of: vault, at: .later(11)) }
    }

    @Test("is revoked: its bytes leave the file, and so do those of a job that is removed")
    func revoked() throws {
        let other = try TestJob("other", in: open)
        try deliver()
        try deliver(to: other)
        let blobs = try vault.policy().filter { $0.columns.kind == .delivery }.map(\.blob)
        #expect(try open.vault.withdraw(name, from: job.name, at: .later(3)) == .gone)
        #expect(throws: missing) { try job.value(name, of: vault) }
        #expect(try other.value(name, of: vault) == [1, 0, 255])
        #expect(throws: missing) {
            _ = try open.vault.withdraw(name, from: job.name, at: .later(3))
        }
        #expect(try open.vault.removeJob(other.name, at: .later(4)) == .gone)
        #expect(try vault.policy().map(\.columns.kind) == [.job])
        #expect(throws: VaultError.jobMissing(other.name)) { try deliver(to: other) }
        let file = try vault.file.bytes()
        for blob in blobs { #expect(!file.contains(blob.suffix(40))) }
    }

    @Test("of a secret that is used only with a reason needs one, to be made and to be opened")
    func reason() throws {
        _ = try open.vault.edit(name, [.requiresReason(true)], at: .later(2))
        #expect(throws: VaultError.reasonMissing(name)) { try deliver() }
        open.vault.serve(.withReason)
        try deliver()
        #expect(throws: VaultError.reasonMissing(name)) { try job.value(name, of: vault) }
        let fields = try job.fields(name, of: vault, by: .withReason)
        #expect(fields["secret"] == [1, 0, 255])
    }

    @Test("keeps its job through new keys, sealed anew")
    func rekeyed() throws {
        try deliver()
        try open.capture("gone", [1])
        try deliver("gone", until: .later(2))
        let before = try vault.policy()
        try vault.rekey()
        #expect(try job.value(name, of: vault) == [1, 0, 255])
        let after = try vault.policy()
        #expect(after.map(\.columns.kind) == [.job, .delivery])
        #expect(Set(after.map(\.blob)).isDisjoint(with: before.map(\.blob)))
        let reopened = try vault.opened()
        #expect(try reopened.vault.jobs(at: .later(4)).map(\.name) == [job.name])
        try reopened.capture(name, [6], .addVersion)
        #expect(try job.value(name, of: vault) == [6])
        _ = try reopened.vault.verifyRows { _, _ in }
    }

    @Test("has bounds: so many of one job, and one job of a name")
    func bounds() throws {
        #expect(throws: VaultError.jobTaken(job.name)) { _ = try TestJob(job.name, in: open) }
        let names = (0...Job.mostDeliveries).map { SecretName("n/\($0)")! }
        _ = try open.vault.importing(at: .later(2)) { () throws(VaultError) in
            for name in names {
                try open.vault.storeInBatch(
                    SecretDraft(name: name), secretFields([(.secret, [1])]), .refuse,
                    at: .later(2))
            }
            return names.count
        }
        for name in names.dropLast() { try deliver(name) }
        #expect(throws: VaultError.policyFull) { try deliver(names.last) }
        #expect(try job.value(names[17], of: vault) == [1])
        #expect(try vault.opened().vault.jobs(at: .later(3)).first?.deliveries.count == 256)
    }
}

// What the log says of it.
extension DeliveryTests {
    @Test("is in the log before it is opened, with who asked, signed, and found by the secret")
    func logged() throws {
        try deliver()
        _ = try job.value(name, of: vault)
        #expect(throws: VaultError.notDelivered("x", to: job.name)) {
            try job.value("x", of: vault)
        }
        let found = try vault.locked().verifyLog(against: nil) { _, _ in }
        #expect(found.unsealed == 0)
        let events = try open.vault.events(.from(0), of: nil, atMost: 100)
        #expect(
            events.map(\.operation)
                == [.initialise, .capture, .jobAdd, .deliver, .collect, .collect])
        #expect(events.map(\.outcome).suffix(2) == [.done, .missing])
        for event in events.suffix(3) {
            #expect(event.detail?.recipient == job.name)
            #expect(event.detail?.attribution == Caller.test.attribution)
        }
        #expect(events[4].detail?.name == name && events[4].detail?.version == 1)
        #expect(events[4].object == (try open.rid(of: name)))
        #expect(events[3].object == events[4].object)
        #expect(events[5].detail?.name == "x")
        let locked = try vault.locked().events(.from(0), atMost: 100)
        #expect(locked.allSatisfy { $0.detail == nil })
    }

    @Test("goes in a rekey if its description is no longer the one that was delivered")
    func otherDescription() throws {
        try deliver()
        let old = vault.folder.file("old.db")
        _ = try vault.locked(.reading).backUp(
            to: old, verifying: nil, at: .later(1), progress: { _, _, _ in })
        _ = try open.vault.rename(name, to: "renamed", at: .later(1))
        #expect(try job.value("renamed", of: vault) == [1, 0, 255])
        try vault.tamper(
            """
            ATTACH '\(old)' AS old;
            DELETE FROM main.metadata;
            INSERT INTO main.metadata SELECT * FROM old.metadata;
            DETACH old
            """)
        _ = try vault.rekey(leavingOut: try vault.opened().vault.damage())
        for name in [name, "renamed"] {
            #expect(throws: VaultError.self) { try job.value(name, of: vault) }
        }
        #expect(try vault.policy().map(\.columns.kind) == [.job])
        _ = try vault.opened().vault.verifyRows { _, _ in }
    }

    @Test("of which no job knows is found by a verification")
    func orphan() throws {
        try deliver()
        let open = try vault.opened()
        _ = try open.vault.verifyRows { _, _ in }
        let columns = try #require(try vault.policy().first { $0.columns.kind == .delivery })
        let row = SealedPolicy(
            PolicyColumns(
                .delivery, Identifier([UInt8](repeating: 9, count: 16).span)!,
                digest: columns.columns.digest), blob: columns.blob)
        try open.vault.change(AuditNote(.edit), at: .later(2)) {
            (_: inout AuditNote) throws(VaultError) in try open.vault.policy.put(row)
        }
        #expect(throws: VaultError.tampered(.policy)) {
            _ = try vault.opened().vault.verifyRows { _, _ in }
        }
    }

    @Test("is not opened if that cannot be entered")
    func unlogged() throws {
        try deliver()
        try vault.tamper("UPDATE audit_tip SET signing_key = zeroblob(32)")
        #expect(throws: VaultError.tampered(.audit)) { try job.value(name, of: vault) }
        try vault.tamper("DELETE FROM audit_tip")
        #expect(throws: VaultError.tampered(.audit)) { try job.value(name, of: vault) }
    }
}

extension Caller {
    static let withReason = Caller(
        user: 1_000, process: 4_242, attribution: Attribution(reason: "the nightly run"))
}

// The log: everything is in it before it happens, and nobody who comes later can change it.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Sealing
@testable import Storage
@testable import VaultCore

@Suite("the audit log")
struct AuditLogTests {
    private let vault: TestVault

    init() throws {
        vault = try TestVault(memory: true)
        try vault.opened().capture("a", Array("value".utf8), at: .later(1))
    }

    private func events() throws(VaultError) -> [AuditEvent] {
        try vault.opened(.reading, at: .later(500)).vault.events(.newest, of: nil, atMost: 200)
            .reversed()
    }

    @discardableResult
    private func verify() throws(VaultError) -> AuditVerification {
        try vault.locked(.reading).verifyLog(against: nil) { _, _ in }
    }

    private func broken(at number: UInt64, _ defect: AuditDefect) -> VaultError {
        .logBroken(at: number, defect)
    }

    @Test("names every operation, its object, its version and who asked")
    func operations() throws {
        let open = try vault.opened()
        let rid = try open.rid(of: "a")
        _ = try open.value("a", at: .later(2))
        #expect(throws: VaultError.secretMissing("x")) { try open.value("x", at: .later(2)) }
        _ = try open.vault.describe("a", at: .later(2))
        _ = try open.vault.list(prefix: "a", removed: .hide, at: .later(2))
        _ = try open.vault.edit("a", [.status(.disabled)], at: .later(3))
        #expect(throws: VaultError.disabled("a")) { try open.value("a", at: .later(4)) }
        _ = try open.vault.edit("a", [.status(.enabled)], at: .later(4))
        _ = try open.vault.edit("a", [.label("x")], at: .later(4))
        _ = try open.vault.rename("a", to: "b", at: .later(5))
        try open.vault.remove("b", at: .later(6))
        _ = try open.vault.restore("b", at: .later(7))
        #expect(throws: VaultError.notRemoved("b")) { try open.vault.restore("b", at: .later(8)) }
        _ = try open.vault.purge("b", at: .later(9))
        let found = try events()
        #expect(
            found.map(\.operation) == [
                .initialise, .capture, .read, .read, .show, .list, .disable, .read, .enable, .edit,
                .rename, .remove, .undelete, .undelete, .purge,
            ])
        #expect(found.map(\.number) == Array(0..<15))
        #expect(
            found.map(\.outcome) == [
                .done, .done, .done, .missing, .done, .done, .done, .refused, .done, .done, .done,
                .done, .done, .missing, .done,
            ])
        #expect(found[2].object == rid && found[2].detail?.version == 1)
        #expect(found[3].object == nil && found[3].detail?.name == "x")
        #expect(found[5].detail?.prefix == "a")
        #expect(found[10].detail?.newName == "b" && found[10].object == rid)
        #expect(found.allSatisfy { $0.detail?.attribution == Caller.test.attribution })
        #expect(found.allSatisfy { $0.user == 1_000 && $0.process == 4_242 })
        let verified = try verify()
        #expect(verified.entries == 15 && verified.unsealed == 0)
    }

    @Test("is written before a value leaves: if it cannot be, none does (H121)")
    func failClosed() throws {
        let open = try vault.opened(.reading)
        try open.connection.run("PRAGMA query_only=ON")
        let error = VaultError.notLogged(path: vault.path, .readOnly)
        #expect(throws: error) { try open.value("a", at: .later(2)) }
        #expect(throws: error) { try open.names() }
        #expect(throws: error) { try open.vault.describe("a", at: .later(2)) }
        #expect(try vault.locked(.reading).facts().slots.count == 1)
        try open.connection.run("PRAGMA query_only=OFF")
        #expect(try open.value("a", at: .later(2)) == Array("value".utf8))
    }

    @Test("reports the glass that was broken, once, before the next entry")
    func brokenGlass() throws {
        do {
            let open = try vault.opened(.reading)
            for _ in 1...2 {
                let opened = try open.vault.fetchUnlogged(
                    "a", .current, disabled: .refuse, at: .later(2))
                let isOpen = opened.secrets.contains(.secret)
                #expect(isOpen)
            }
        }
        #expect(try events().map(\.operation) == [.initialise, .capture])
        _ = try vault.opened(.reading).value("a", at: .later(3))
        _ = try vault.opened(.reading).value("a", at: .later(3))
        let found = try events()
        #expect(found.map(\.operation) == [.initialise, .capture, .breakGlass, .read, .read])
        #expect(found[2].detail?.count == 2)
        // A mark that a power cut left empty is one all the same.
        let id = try vault.locked(.reading).facts().vault.identifier.hexadecimal
        try FileOnDisk("\(vault.memory!)/\(id).break-glass").write([])
        _ = try vault.opened(.reading).value("a", at: .later(4))
        let last = try events().suffix(2)
        #expect(last.map(\.operation) == [.breakGlass, .read])
        #expect(last.first?.detail?.count == 1)
        let blind = try TestVault()
        try blind.opened().capture("a", [1])
        #expect(throws: VaultError.self) {
            _ = try blind.opened(.reading).vault.fetchUnlogged(
                "a", .current, disabled: .refuse, at: .later(2))
        }
    }

    @Test("counts failed unlocks without growing, and shows them to whoever opens it (H122)")
    func flood() throws {
        for number: UInt64 in 0..<300 {
            let stranger = try TestKey().unlockKey()
            #expect(throws: VaultError.wrongKey) {
                _ = try vault.locked(.reading).opened(
                    with: stranger, at: Timestamp(milliseconds: 1_700_000_100_000 + number * 500))
            }
        }
        _ = try vault.opened(.reading).value("a", at: .later(400))
        let failed = try events().filter { $0.operation == .failedUnlock }
        // 150 seconds: three entries of their own, and one for those that were only counted.
        #expect(failed.count == 4)
        #expect(failed.compactMap { $0.detail?.count }.reduce(0, +) == 300)
        #expect(failed.allSatisfy { $0.outcome == .refused })
        try verify()
    }

    @Test("a secret that wants a reason is not used without one")
    func reasons() throws {
        let open = try vault.opened()
        _ = try open.vault.edit("a", [.requiresReason(true)], at: .later(2))
        #expect(throws: VaultError.reasonMissing("a")) { try open.value("a", at: .later(3)) }
        open.vault.log.caller.attribution.reason = "incident 7"
        #expect(try open.value("a", at: .later(3)) == Array("value".utf8))
        #expect(try events().last?.detail?.attribution.reason == "incident 7")
    }

    @Test("no file holds a signing key that was used (H120)")
    func erased() throws {
        var seeds: [[UInt8]] = []
        func note() throws {
            seeds.append(try Tamperer(vault.path).blob("SELECT signing_key FROM audit_tip"))
        }
        for number: UInt64 in 1...12 {
            try note()
            let open = try vault.opened(at: .later(number * 10))
            if number.isMultiple(of: 2) {
                try open.capture("a", [UInt8(number)], .addVersion, at: .later(number * 10))
            } else {
                _ = try open.value("a", at: .later(number * 10))
            }
        }
        #expect(Set(seeds).count == 12)
        for suffix in ["", "-wal", "-shm"] {
            let file = FileOnDisk(vault.path + suffix)
            for seed in seeds { #expect(!file.holds(seed)) }
        }
    }
}

// Attacks on a log that was closed, by someone with all keys of today.
extension AuditLogTests {
    /// Five entries, each sealed: init, capture, and three reads.
    private func readThrice() throws {
        for number: UInt64 in 1...3 {
            _ = try vault.opened(.reading).value("a", at: .later(number * 10))
        }
    }

    @Test(
        "an entry of which anything is another is named (H114)",
        arguments: [
            "time = time + 1", "operation = 5", "outcome = 2", "user = 0", "process = 1",
            "object = zeroblob(16)", "detail = x''", "link = zeroblob(32)",
        ])
    func edited(_ edit: String) throws {
        try readThrice()
        try vault.tamper("UPDATE audit_entry SET \(edit) WHERE number = 2")
        #expect(throws: broken(at: 2, .link)) { try verify() }
    }

    @Test("a seal that was edited, taken away or moved is named (H117, H118)")
    func seals() throws {
        try readThrice()
        let bytes = try vault.file.bytes()
        for (edit, number, defect) in [
            ("signature = zeroblob(64)", UInt64(2), AuditDefect.seal),
            ("next_key = zeroblob(32)", 2, .seal),
            ("signature = (SELECT signature FROM audit_entry WHERE number = 4)", 2, .seal),
        ] {
            try vault.restore(bytes)
            try vault.tamper("UPDATE audit_entry SET \(edit) WHERE number = 2")
            #expect(throws: broken(at: number, defect)) { try verify() }
        }
        try vault.restore(bytes)
        try vault.tamper(
            "UPDATE audit_entry SET next_key = NULL, signature = NULL WHERE number = 2")
        #expect(throws: VaultError.self) { try verify() }
    }

    @Test("entries that were removed, doubled or exchanged are a gap (H114, H118)")
    func gaps() throws {
        try readThrice()
        let bytes = try vault.file.bytes()
        for number in 0..<4 {
            try vault.restore(bytes)
            try vault.tamper("DELETE FROM audit_entry WHERE number = \(number)")
            #expect(throws: broken(at: UInt64(number), .gap)) { try verify() }
        }
        try vault.restore(bytes)
        try vault.tamper(
            """
            UPDATE audit_entry SET number = -1 WHERE number = 2;
            UPDATE audit_entry SET number = 2 WHERE number = 3;
            UPDATE audit_entry SET number = 3 WHERE number = -1
            """)
        #expect(throws: VaultError.self) { try verify() }
    }

    @Test("a log that was cut at the end is noticed, by use and by verification (H115)")
    func cut() throws {
        try readThrice()
        let bytes = try vault.file.bytes()
        for kept in 1...4 {
            try vault.restore(bytes)
            try vault.tamper("DELETE FROM audit_entry WHERE number >= \(kept)")
            #expect(throws: VaultError.self) { try verify() }
            #expect(throws: VaultError.tampered(.audit)) {
                try vault.opened(.reading).value("a", at: .later(60))
            }
        }
    }

    @Test("rows and head that were put back under a newer log are noticed before they are changed")
    func ahead() throws {
        let past = try TestVault(keys: vault.keys)
        try past.file.write(try vault.file.bytes())
        try vault.opened().capture("b", [2], at: .later(60))
        let editor = try Tamperer(vault.path)
        try editor.run("ATTACH '\(past.path)' AS past")
        for table in ["metadata", "record", "tree", "head"] {
            try editor.run("DELETE FROM \(table); INSERT INTO \(table) SELECT * FROM past.\(table)")
        }
        editor.close()
        try FileOnDisk(
            "\(vault.memory!)/\(vault.locked(.reading).facts().vault.identifier.hexadecimal)"
        ).remove()
        #expect(throws: broken(at: 2, .ahead)) { try verify() }
        let open = try vault.opened()
        #expect(throws: broken(at: 2, .ahead)) {
            try open.vault.preflight("c", .refuse, at: .later(1))
        }
        #expect(throws: broken(at: 2, .ahead)) { try open.capture("c", [3], at: .later(70)) }
    }

    @Test("an index that hides a secret's entries is noticed")
    func index() throws {
        try readThrice()
        try vault.tamper(
            """
            UPDATE audit_entry SET object = object;
            UPDATE sqlite_schema SET rootpage =
            (SELECT rootpage FROM sqlite_schema WHERE name = 'tombstone_by_rid')
            WHERE name = 'audit_entry_by_object'
            """)
        #expect(throws: VaultError.self) { try verify() }
    }

    @Test("whoever has every key of today changes no entry that was sealed before (H116)")
    func thief() throws {
        try readThrice()
        let memory = FileOnDisk(
            "\(vault.memory!)/\(try vault.locked(.reading).facts().vault.identifier.hexadecimal)")
        let seen = try memory.bytes()
        try forge(from: 2)
        // The anchor is gone too: the key that the last seal named is not the one that signed.
        memory.remove()
        #expect(throws: broken(at: 2, .seal)) { try verify() }
        try memory.write(seen)
        #expect(throws: VaultError.self) { try verify() }
    }

    /// Rewrites entry `number` and all links after it, and signs each with the key of today.
    private func forge(from number: UInt64) throws {
        let store = try Store.open(at: vault.path, .readWrite)
        let id = try vault.locked(.reading).facts().vault
        var tip = try #require(try store.auditTip())
        var seed = SecretBytes()
        try store.withSigningKey { bytes in seed = SecretBytes(copying: bytes) }
        let key = SigningKey(seed: seed)
        var chain = AuditChain(vault: id, firstKey: tip.firstKey)
        var rows: [AuditRow] = []
        try store.forEachAuditRow { row in rows.append(row) }
        let editor = try Tamperer(vault.path)
        for row in rows {
            var entry = row.entry
            if entry.number == number {
                entry = AuditEntry(
                    number: entry.number, time: entry.time, operation: entry.operation,
                    outcome: entry.outcome, user: 0, process: entry.process,
                    object: entry.object, detail: entry.detail)
                try editor.run("UPDATE audit_entry SET user = 0 WHERE number = \(number)")
            }
            chain.append(entry)
            try editor.run(
                """
                UPDATE audit_entry SET link = \(Tamperer.literal(chain.tip))
                WHERE number = \(entry.number)
                """)
            guard let seal = row.seal else { continue }
            guard entry.number >= number else {
                // Whose it is makes no difference to the tip.
                _ = chain.advance(by: seal, of: tip.firstKey)
                continue
            }
            let forged = chain.seal(with: key, next: key.publicKey)
            try editor.run(
                """
                UPDATE audit_entry SET next_key = \(Tamperer.literal(forged.nextKey)),
                signature = \(Tamperer.literal(forged.signature)) WHERE number = \(entry.number)
                """)
        }
        editor.close()
        tip.tip = chain.tip
        try store.write { () throws(VaultError) in try store.setAuditTip(tip) }
    }
}

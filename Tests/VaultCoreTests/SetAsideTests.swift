// What was set aside, and what waits to be accepted: tried again, shown, dropped.

import Sealing
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("what was set aside")
struct SetAsideTests {
    private let name: SecretName = "db/root"
    private let vault: TestVault

    init() throws { vault = try TestVault(memory: true) }

    @discardableResult
    private func deposit(
        _ value: [UInt8] = [7], _ change: (inout SecretDraft) -> Void = { _ in }
    ) throws -> DepositReceipt {
        var draft = SecretDraft(name: name)
        change(&draft)
        return try vault.locked().deposit(draft, secretFields([(.secret, value)]), at: .later(1))
    }

    private func drain(_ open: OpenedVault) throws -> [DepositNotice] {
        try open.vault.drainInbox(thoroughly: true, at: .later(2))
    }

    private func sealed(_ id: DepositID) throws -> SealedDeposit {
        try vault.locked().sealedDeposit(id)
    }

    /// Changes a byte of the ciphertext.
    private func damage(_ id: DepositID) throws {
        try vault.tamper(
            "UPDATE inbox SET bytes = CAST(substr(bytes, 1, 100) || x'00' || substr(bytes, 102)"
                + " AS BLOB) WHERE deposit = \(Tamperer.literal(id.bytes))")
    }

    private func pending(_ open: OpenedVault) throws -> [UInt32] {
        try open.vault.describe(name, at: .later(9)).versions.filter { $0.state == .pending }
            .map(\.number)
    }

    @Test("is tried again when it is asked for, and a good capsule takes a damaged row's place")
    func mended() throws {
        let receipt = try deposit()
        let good = try sealed(receipt.id)
        try damage(receipt.id)
        let open = try vault.opened()
        #expect(try drain(open) == [.quarantined(receipt.id)])
        #expect(try open.vault.retryDeposits(nil, at: .later(3)) == [.quarantined(receipt.id)])
        #expect(throws: VaultError.depositDiffers(receipt.id)) {
            _ = try vault.locked().lay(good, at: .later(3))
        }
        let taken = DepositNotice.taken(receipt.id, name, version: 1, wanted: name)
        #expect(try open.vault.takeIn(good, at: .later(3)) == [taken])
        #expect(try open.value(name, .pending) == [7])
        #expect(try vault.locked().waitingDeposits() == [])
        #expect(try open.vault.retryDeposits(nil, at: .later(3)) == [])
        _ = try open.vault.verifyRows { _, _ in }
        _ = try vault.locked().verifyLog(against: nil) { _, _ in }
    }

    @Test("is tried again under its number, and another deposit with that number is refused")
    func numbers() throws {
        let receipt = try deposit([1])
        let open = try vault.opened()
        _ = try drain(open)
        let other = DepositID(try Randomness.identifier())
        #expect(throws: VaultError.depositMissing(other)) {
            try open.vault.retryDeposits([other], at: .later(3))
        }
        #expect(throws: VaultError.depositMissing(receipt.id)) {
            _ = try vault.locked().sealedDeposit(receipt.id)
        }
    }

    @Test("a copy of what is stored stays aside; once its value is gone, asking takes it in")
    func copies() throws {
        let receipt = try deposit()
        let copy = try sealed(receipt.id)
        let open = try vault.opened()
        _ = try drain(open)
        #expect(try open.vault.takeIn(copy, at: .later(3)) == [.known(receipt.id)])
        #expect(try drain(open) == [])
        #expect(throws: VaultError.depositSetAside(receipt.id)) {
            _ = try vault.locked().lay(copy, at: .later(3))
        }
        #expect(try pending(open) == [1])
        _ = try open.vault.discard(name, 1, at: .later(4))
        #expect(throws: VaultError.secretMissing(name)) {
            try open.vault.describe(name, at: .later(4))
        }
        // Nobody asked: that the log tells of it is enough.
        #expect(try drain(open) == [])
        #expect(
            try open.vault.retryDeposits([receipt.id], at: .later(5))
                == [.taken(receipt.id, name, version: 1, wanted: name)])
    }

    @Test("can be dropped, which the log tells, and is not missed then")
    func discarded() throws {
        let damaged = try deposit([1])
        try damage(damaged.id)
        let open = try vault.opened()
        _ = try drain(open)
        let other = DepositID(try Randomness.identifier())
        #expect(throws: VaultError.depositMissing(other)) {
            _ = try open.vault.discardDeposits([damaged.id, other], at: .later(3))
        }
        #expect(try vault.locked().waitingDeposits().count == 1)
        _ = try open.vault.discardDeposits([damaged.id], at: .later(3))
        #expect(try vault.locked().waitingDeposits() == [])
        #expect(try drain(open) == [])
        let events = try open.vault.events(
            .newest, of: RecordID(damaged.id.identifier), atMost: 1)
        #expect(events.map(\.operation) == [.discard])
        let found = try vault.locked().verifyLog(against: nil) { _, _ in }
        #expect(found.unsealed == 0)
    }

    @Test("shows without a key that it waits, with one what it is")
    func facts() throws {
        let receipt = try deposit()
        let sealed = try sealed(receipt.id)
        #expect(try vault.locked().depositFacts(receipt.id).content == .sealed)
        let open = try vault.opened()
        let facts = try open.vault.depositFacts(sealed, at: .later(2))
        #expect(facts.content == .secret(name) && facts.receipt == receipt)
        try damage(receipt.id)
        #expect(
            try open.vault.depositFacts(self.sealed(receipt.id), at: .later(2)).content
                == .unopenable)
    }

    @Test("a pending version must be named if there are several, and tells its deposit")
    func several() throws {
        let long = Array("0123456789abcdefLAST".utf8)
        let receipts = [try deposit([1]), try deposit(long)]
        let open = try vault.opened()
        _ = try drain(open)
        #expect(throws: VaultError.pendingAmbiguous(name, [1, 2])) {
            _ = try open.vault.accept(name, nil, at: .later(3))
        }
        let shown = try open.vault.showPending(name, 2, at: .later(3))
        #expect(shown.deposit == receipts[1].id && shown.receipt.lastFour == [.secret: "LAST"])
        let accepted = try open.vault.accept(name, 1, at: .later(3))
        #expect(accepted.deposit == receipts[0].id)
        #expect(try open.value(name) == [1])
        #expect(try open.vault.accept(name, nil, at: .later(4)).receipt.version.number == 2)
        #expect(throws: VaultError.versionNotPending(name)) {
            _ = try open.vault.showPending(name, 2, at: .later(5))
        }
    }

    @Test("a pending version that does not open is not put into use")
    func unopenable() throws {
        let open = try vault.opened()
        try open.capture(name, [1])
        try deposit([2])
        _ = try drain(open)
        try vault.tamper("UPDATE record SET blob = zeroblob(length(blob)) WHERE version = 2")
        #expect(throws: VaultError.tampered(.record(name, version: 2))) {
            _ = try vault.opened().vault.accept(name, nil, at: .later(3))
        }
        #expect(try vault.opened().value(name) == [1])
    }

    @Test("pending versions that nobody wants make room, and no number is given twice")
    func room() throws {
        let open = try vault.opened()
        try open.capture(name, [1])
        for value in 2...4 { try deposit([UInt8(value)]) }
        _ = try drain(open)
        for number in [UInt32(4), 2] { _ = try open.vault.discard(name, number, at: .later(3)) }
        let described = try open.vault.describe(name, at: .later(3))
        #expect(described.versions.map(\.number) == [1, 3, 4])
        #expect(described.versions.map(\.state) == [.current, .pending, .destroyed])
        #expect(throws: VaultError.versionDestroyed(name, 4)) { try open.value(name, .number(4)) }
        #expect(throws: VaultError.versionNotPending(name)) {
            _ = try open.vault.discard(name, 1, at: .later(3))
        }
        try deposit([5])
        #expect(try drain(open).count == 1)
        #expect(try open.value(name, .number(5)) == [5])
        let rows = try open.vault.verifyRows { _, _ in }
        #expect(rows.versions == 3)
        let events = try open.vault.events(.newest, of: nil, atMost: 20)
        #expect(events.count { $0.operation == .discard && $0.outcome == .done } == 2)
        #expect(events.contains { $0.operation == .discard && $0.outcome == .failed } == false)
    }

    @Test("a stricter rule goes beside the secret, a laxer one changes nothing")
    func rules() throws {
        let open = try vault.opened()
        var draft = SecretDraft(name: name)
        draft.requiresReason = true
        draft.maximumAge = 100
        try open.capture(draft, [(.secret, [1])])
        try deposit([2])
        try deposit([3]) { $0.maximumAge = 200 }
        try deposit([4]) { $0.maximumAge = 50 }
        try deposit([5]) { $0.status = .disabled }
        try deposit([6]) { $0.isManagedElsewhere = true }
        let names = try drain(open).map { notice in
            guard case .taken(_, let name, _, wanted: _) = notice else { return "?" }
            return name.text
        }
        #expect(
            names == ["db/root", "db/root", "db/root+2", "db/root+3", "db/root+4"])
        _ = try open.vault.accept(name, 3, at: .later(3))
        let kept = try open.vault.describe(name, at: .later(4))
        #expect(kept.requiresReason && kept.maximumAge == 100)
        #expect(try open.vault.describe("db/root+2", at: .later(4)).maximumAge == 50)
        #expect(try open.vault.describe("db/root+3", at: .later(4)).status == .disabled)
    }

    @Test("an entry that was edited so that a deposit is not missed is told before a change")
    func edited() throws {
        try deposit()
        try vault.tamper("DELETE FROM inbox")
        try vault.tamper("UPDATE audit_entry SET operation = 22 WHERE operation = 23")
        let open = try vault.opened()
        #expect(try drain(open) == [.doubtful(entry: 1)])
    }

    @Test("what no deposit could be entered in is said before the secret is asked for")
    func preflight() throws {
        _ = try vault.locked().preflightDeposit()
        for edit in [
            "UPDATE audit_tip SET signing_key = randomblob(32)",
            "UPDATE audit_tip SET tip = randomblob(32)",
            "UPDATE audit_entry SET signature = randomblob(64)",
        ] {
            let other = try TestVault(memory: true)
            try other.tamper(edit)
            #expect(throws: VaultError.tampered(.audit), "\(edit)") {
                _ = try other.locked().preflightDeposit()
            }
        }
        let address = DepositAddress(
            vault: VaultID(.zero), epoch: .first, key: [UInt8](repeating: 0, count: 32))
        #expect(throws: VaultError.tampered(.depositKey)) { try address.rehearse() }
    }

    @Test("an entry that does not open does not keep the others back")
    func damagedEntries() throws {
        try deposit()
        let open = try vault.opened()
        _ = try drain(open)
        try vault.tamper(
            "UPDATE audit_entry SET detail = zeroblob(length(detail)) WHERE number = 1")
        let again = try vault.opened(.reading)
        #expect(throws: VaultError.tampered(.auditEntry(1))) {
            _ = try again.vault.events(.from(0), of: nil, atMost: 100)
        }
        var damaged: [UInt64] = []
        let events = try again.vault.events(.from(0), of: nil, atMost: 100) { damaged.append($0) }
        #expect(damaged == [1])
        #expect(events.map(\.number) == [0, 2, 3])
    }

    @Test(
        "deposits of a vault that is replaced by its backup go with it, as far as they open there")
    func carried() throws {
        let backup = vault.folder.file("backup.db")
        _ = try vault.locked(.reading).backUp(
            to: backup, verifying: nil, at: .later(1), progress: { _, _, _ in })
        let receipt = try deposit([3])
        let restoration = try Restoration(of: backup, to: vault.path, replacing: true)
        let finding = try restoration.verify(
            with: vault.keys[0].unlockKey(), at: .later(9), by: .test, memory: vault.memory,
            progress: { _, _, _ in })
        #expect(finding.waiting == 1 && finding.keys == .same)
        let aside = restoration.aside(at: .later(9))
        _ = try restoration.finish(keeping: aside, progress: { _, _, _ in })
        let tally = try restoration.carryDeposits(from: aside, by: .test, at: .later(9))
        #expect(tally.carried == 1 && tally.left == 0)
        let again = try restoration.carryDeposits(from: aside, by: .test, at: .later(9))
        #expect(again.carried == 0 && again.left == 0)
        let open = try vault.opened(rollback: .accept)
        #expect(try drain(open) == [.taken(receipt.id, name, version: 1, wanted: name)])
        #expect(try open.value(name, .pending) == [3])
    }

    @Test("what is sealed to newer keys than the backup has stays where it is")
    func newerKeys() throws {
        let backup = vault.folder.file("backup.db")
        _ = try vault.locked(.reading).backUp(
            to: backup, verifying: nil, at: .later(1), progress: { _, _, _ in })
        let locked = try vault.locked()
        _ = try locked.rekey(
            openedBy: vault.keys[0].unlockKey(), parameters: TestKey.cheap,
            RekeyConsent(slots: locked.slotCount()), at: .later(2), progress: { _, _ in })
        let receipt = try deposit([3])
        let sealed = try sealed(receipt.id)
        let restoration = try Restoration(of: backup, to: vault.path, replacing: true)
        let finding = try restoration.verify(
            with: vault.keys[0].unlockKey(), at: .later(9), by: .test, memory: vault.memory,
            progress: { _, _, _ in })
        #expect(finding.keys == .before(rekey: Epoch(2)) && finding.waiting == 1)
        let aside = restoration.aside(at: .later(9))
        _ = try restoration.finish(keeping: aside, progress: { _, _, _ in })
        let tally = try restoration.carryDeposits(from: aside, by: .test, at: .later(9))
        #expect(tally.carried == 0 && tally.left == 1)
        #expect(throws: VaultError.tampered(.deposit(receipt.id))) {
            _ = try vault.locked().lay(sealed, at: .later(9))
        }
    }
}

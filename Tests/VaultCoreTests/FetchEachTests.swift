// Several askers in one transaction.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import VaultCore

@Suite("several reads at once")
struct FetchEachTests {
    private let vault: TestVault
    private let open: OpenedVault

    init() throws {
        vault = try TestVault(memory: true)
        let changing = try vault.opened()
        for name: SecretName in ["a", "b", "ruled"] {
            try changing.capture(name, Array(name.text.utf8), at: .later(1))
        }
        _ = try changing.vault.edit("b", [.requiresReason(true)], at: .later(1))
        _ = try changing.vault.edit("ruled", [.requiresGrant(true)], at: .later(1))
        open = try vault.opened(.reading)
    }

    private func caller(_ process: UInt32, reason: String? = nil) -> Caller {
        var caller = Caller.test
        caller.process = process
        caller.attribution.reason = reason
        return caller
    }

    private func question(
        _ name: SecretName, by caller: Caller, check: @escaping GrantCheck = { _, _, _ in }
    ) -> FetchQuestion {
        FetchQuestion(name, .current, disabled: .refuse, by: caller, check: check)
    }

    /// How many were answered, and what each was told: a value, or why there is none.
    private func answers(
        _ questions: [FetchQuestion]
    ) throws -> (count: Int, told: [Result<[UInt8], VaultError>]) {
        var told: [Result<[UInt8], VaultError>] = []
        let count = try open.vault.fetchEach(
            questions[...], at: .later(2),
            opened: { opened in
                let value = opened.secrets.value(of: .secret)
                told.append(.success(value.withUnsafeBufferPointer { [UInt8]($0) }))
            }, failed: { told.append(.failure($0)) })
        return (count, told)
    }

    private func events() throws -> [AuditEvent] {
        try vault.opened(.reading, at: .later(9)).vault.events(.newest, of: nil, atMost: 200)
            .reversed()
    }

    @Test("are entered one by one, each as its asker's and with its own outcome")
    func entered() throws {
        let before = try events().count
        let (count, told) = try answers([
            question("a", by: caller(7)), question("none", by: caller(8)),
            question("b", by: caller(9)), question("b", by: caller(10, reason: "incident 7")),
        ])
        #expect(count == 4)
        #expect(
            told == [
                .success([0x61]), .failure(.secretMissing("none")), .failure(.reasonMissing("b")),
                .success([0x62]),
            ])
        let found = try events().dropFirst(before)
        #expect(found.map(\.process) == [7, 8, 9, 10])
        #expect(found.map(\.outcome) == [.done, .missing, .refused, .done])
        #expect(found.allSatisfy { $0.operation == .read })
        #expect(found.last?.detail?.attribution.reason == "incident 7")
    }

    @Test("end behind one that takes a grant: nothing stands between its check and its answer")
    func judged() throws {
        let refusal = VaultError.notGranted("ruled", .unknown)
        let ruled = question("ruled", by: caller(2)) { _, _, _ throws(VaultError) in throw refusal }
        let (count, told) = try answers([
            question("a", by: caller(1)), ruled, question("a", by: caller(3)),
        ])
        #expect(count == 2)
        #expect(told == [.success([0x61]), .failure(refusal)])
        #expect(try events().last?.process == 2)
    }

    @Test("are sealed together, however many they are")
    func sealed() throws {
        let many = (0..<100).map { question("a", by: caller(UInt32($0))) }
        #expect(try answers(many).count == 100)
        let verified = try vault.locked(.reading).verifyLog(against: nil) { _, _ in }
        #expect(verified.entries >= 100 && verified.unsealed == 0)
    }

    @Test("are told to nobody as answered if they cannot be entered")
    func unlogged() throws {
        try vault.tamper("UPDATE audit_tip SET entries = entries + 1")
        #expect(throws: VaultError.tampered(.audit)) {
            try answers([question("a", by: caller(1)), question("a", by: caller(2))])
        }
    }
}

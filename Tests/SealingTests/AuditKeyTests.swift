// The private part of an entry: its encoding and both of its forms, byte for byte.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("The private part of an entry")
struct AuditKeyTests {
    private let answers: KnownAnswers
    private let vault: VaultID
    private let epoch: Epoch

    init() throws {
        answers = try KnownAnswers.load()
        vault = VaultID(TestKeys.identifier(answers.vaultId.bytes))
        epoch = Epoch(answers.epoch)
    }

    private func key(
        vault: VaultID? = nil, epoch: Epoch? = nil, root: [UInt8]? = nil
    ) -> AuditKey {
        AuditKey(
            root: TestKeys.root(root ?? answers.rootKey.bytes), vault: vault ?? self.vault,
            epoch: epoch ?? self.epoch)
    }

    private var depositKey: [UInt8] {
        DepositKey.publicKey(
            of: TestKeys.root(answers.rootKey.bytes), vault: vault, epoch: epoch)
    }

    private func start(_ label: StaticString) -> CanonicalBytes {
        var start = CanonicalBytes(domain: label)
        start.add(vault.bytes)
        start.add(epoch.number)
        return start
    }

    @Test("is encoded, sealed in both forms and opened as it is known")
    func known() throws {
        let key = key()
        let cobblestone = answers.subkey(.audit)
        #expect(answers.auditDetails.count == 6)
        for expected in answers.auditDetails {
            let detail = expected.told.detail
            let encoded = AuditDetailCoding.encode(detail)
            #expect(encoded == expected.encoded.bytes)
            #expect(AuditDetailCoding.decode(encoded.span) == detail)
            let padded = Padding.pad(encoded.span)

            var context = start("audit")
            context.add(expected.number)
            let sealed = cobblestone.seal(
                padded.bytes, context: context.bytes, salt: expected.salt.bytes)
            #expect([1, 0, 0, 0, 7] + sealed == expected.open.bytes)
            #expect(try key.open(expected.open.bytes, number: expected.number) == detail)

            var number = CanonicalBytes()
            number.add(expected.number)
            let ephemeral = HPKE.privateKey(from: expected.ikmE.bytes.span)
            let made = HPKE.seal(
                padded.bytes, to: depositKey, info: start("audit-locked").bytes,
                authenticating: number.bytes, ephemeral: ephemeral.bytes)
            let locked = try #require(made)
            #expect([2, 0, 0, 0, 7] + locked.enc + locked.ciphertext == expected.locked.bytes)
            #expect(try key.open(expected.locked.bytes, number: expected.number) == detail)
        }
    }

    @Test("opens with the number, vault, epoch and key that it was sealed for, and no other")
    func places() throws {
        let detail = answers.auditDetails[3].told.detail
        let key = key()
        let forms = [
            try key.seal(detail, number: 9),
            try AuditKey.seal(detail, number: 9, to: depositKey, vault: vault, epoch: epoch),
        ]
        for sealed in forms {
            #expect(sealed.count <= AuditEntry.longestDetail)
            #expect(try key.open(sealed, number: 9) == detail)
            #expect(throws: VaultError.tampered(.auditEntry(8))) {
                try key.open(sealed, number: 8)
            }
            let others = [
                self.vault(VaultID(TestKeys.identifier(Array(1...16))), opens: sealed),
                opens(sealed, epoch: Epoch(8)),
                opens(sealed, root: [UInt8](repeating: 1, count: 32)),
                opens([sealed[0], 0, 0, 0, 8] + sealed.dropFirst(5), epoch: Epoch(8)),
            ]
            #expect(others == [false, false, false, false])
        }
    }

    private func vault(_ other: VaultID, opens sealed: [UInt8]) -> Bool {
        let key = key(vault: other)
        return (try? key.open(sealed, number: 9)) != nil
    }

    private func opens(_ sealed: [UInt8], epoch: Epoch? = nil, root: [UInt8]? = nil) -> Bool {
        let key = key(epoch: epoch, root: root)
        return (try? key.open(sealed, number: 9)) != nil
    }

    @Test("does not open if any bit of it is another, or with a byte less or more")
    func edited() throws {
        let key = key()
        for sealed in [answers.auditDetails[1].open.bytes, answers.auditDetails[1].locked.bytes] {
            for index in sealed.indices {
                #expect(throws: VaultError.tampered(.auditEntry(1))) {
                    try key.open(flipped(sealed, at: index), number: 1)
                }
            }
            for count in 1..<sealed.count {
                #expect(throws: VaultError.tampered(.auditEntry(1))) {
                    try key.open(Array(sealed.prefix(count)), number: 1)
                }
            }
            #expect(throws: VaultError.tampered(.auditEntry(1))) {
                try key.open(sealed + [0], number: 1)
            }
        }
    }

    @Test("is nothing if nothing was said")
    func nothing() throws {
        let key = key()
        #expect(try key.open([], number: 3) == nil)
        let detail = AuditDetail(Attribution())
        #expect(try key.open(try key.seal(detail, number: 3), number: 3) == detail)
    }

    @Test("is not sealed to a key on which everybody agrees")
    func smallOrder() throws {
        for point in X25519Tests.smallOrder {
            #expect(throws: VaultError.tampered(.head)) {
                try AuditKey.seal(
                    AuditDetail(Attribution()), number: 0, to: point, vault: vault, epoch: epoch)
            }
        }
    }

    @Test("keeps the end of a text that is too long, and the processes next to the one that asked")
    func longest() throws {
        let text = String(repeating: "é", count: 600)
        let process = ActingProcess(pid: 1, path: text + "x", executable: .replaced)
        var detail = AuditDetail(
            Attribution(
                chain: Array(repeating: process, count: 20), terminal: text, unit: text,
                workingDirectory: text, job: text, reason: text))
        detail.name = SecretName(String(repeating: "n", count: 128))
        detail.newName = detail.name
        detail.prefix = text
        let key = key()
        let sealed = try key.seal(detail, number: 0)
        #expect(sealed.count <= AuditEntry.longestDetail)
        let opened = try #require(try key.open(sealed, number: 0))
        #expect(opened.attribution.chain.count == Attribution.longestChain)
        #expect(opened.attribution.reason == String(repeating: "é", count: 512))
        // Half a character is left out.
        #expect(opened.attribution.chain[0].path == String(repeating: "é", count: 511) + "x")
    }
}

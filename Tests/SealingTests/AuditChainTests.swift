// The chain of the audit log, byte for byte, and every way to edit it.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("The chain of the audit log")
struct AuditChainTests {
    /// The entries of the worked example.
    private static func entry(_ number: UInt64) -> AuditEntry {
        AuditEntry(
            number: number, time: Timestamp(milliseconds: 1_700_000_000_000 + number),
            operation: UInt8(1 + number), outcome: 0, user: 1_000, process: 4_242,
            object: TestKeys.identifier(TestKeys.ridBytes), detail: [])
    }

    @Test("of the worked example is the known one", arguments: WorkedExample.Source.there)
    func worked(source: WorkedExample.Source) throws {
        let example = try source.load()
        let expected = example.audit
        var keys = 0 as UInt32
        var written = AuditChain(
            vault: example.vault, firstKey: WorkedExample.signingKey(0).publicKey)
        var read = AuditChain(vault: example.vault, firstKey: expected.pk0.bytes)
        #expect(written == read)
        #expect(written.tip == expected.start.bytes)
        var nextKey = expected.pk0.bytes
        for step in expected.steps {
            if let bytes = step.entry?.bytes {
                let entry = Self.entry(written.entries)
                #expect(entry.bytes == bytes)
                written.append(entry)
                read.append(entry)
            } else {
                #expect(written.seals == step.seal)
                #expect(written.entries == step.entries)
                let following = WorkedExample.signingKey(keys + 1).publicKey
                let seal = written.seal(with: WorkedExample.signingKey(keys), next: following)
                #expect(seal.nextKey == step.pkNext?.bytes)
                #expect(seal.signature == step.signature?.bytes)
                let isAccepted = read.advance(by: seal, of: nextKey)?.isGenuine == true
                #expect(isAccepted)
                nextKey = seal.nextKey
                keys += 1
            }
            #expect(written.tip == step.tip.bytes)
            #expect(read == written)
        }
        #expect(keys == 2)
        let head = try #require(StateHead(parsing: example.head.bytes.bytes))
        #expect(head.auditTip == written.tip)
        #expect(head.entries == written.entries)
        #expect(head.seals == written.seals)
    }

    /// A chain of so many entries, none of them sealed.
    private func chain(
        _ count: UInt64, vault: VaultID = TestKeys.vault, firstKey: UInt32 = 0
    ) -> AuditChain {
        var chain = AuditChain(
            vault: vault, firstKey: WorkedExample.signingKey(firstKey).publicKey)
        for number in 0..<count { chain.append(Self.entry(number)) }
        return chain
    }

    private let first = WorkedExample.signingKey(0).publicKey
    private let second = WorkedExample.signingKey(1).publicKey

    private func accepts(_ chain: AuditChain, _ seal: AuditSeal, by key: [UInt8]) -> Bool {
        var chain = chain
        return chain.advance(by: seal, of: key)?.isGenuine == true
    }

    @Test("has another tip if any part of an entry is another")
    func parts() {
        let plain = AuditEntry(
            number: 0, time: Timestamp(milliseconds: 2), operation: 3, outcome: 1, user: 5,
            process: 6, object: TestKeys.identifier(TestKeys.ridBytes), detail: [7, 8])
        func tip(_ entry: AuditEntry) -> [UInt8] {
            var chain = chain(0)
            chain.append(entry)
            return chain.tip
        }
        func entry(
            time: UInt64 = 2, operation: UInt8 = 3, outcome: UInt8 = 1, user: UInt32 = 5,
            process: UInt32 = 6, object: Identifier = TestKeys.identifier(TestKeys.ridBytes),
            detail: [UInt8] = [7, 8]
        ) -> AuditEntry {
            AuditEntry(
                number: 0, time: Timestamp(milliseconds: time), operation: operation,
                outcome: outcome, user: user, process: process, object: object, detail: detail)
        }
        #expect(entry() == plain)
        let others = [
            entry(time: 3), entry(operation: 4), entry(outcome: 2), entry(user: 6),
            entry(process: 5), entry(object: .zero), entry(detail: [7]), entry(detail: [7, 8, 0]),
            entry(detail: []), entry(detail: [8, 7]),
        ]
        #expect(Set(([plain] + others).map(tip)).count == others.count + 1)
    }

    @Test("takes a seal of its own, by the key whose turn it is")
    func seals() {
        var chain = chain(2)
        let plain = chain
        let seal = chain.seal(with: WorkedExample.signingKey(0), next: second)
        #expect(accepts(plain, seal, by: first))
        #expect(chain.seals == 1 && chain.sealedEntries == 2)
        #expect(AuditRow(entry: Self.entry(1), link: plain.tip, seal: seal).tip == chain.tip)
        #expect(AuditRow(entry: Self.entry(1), link: plain.tip, seal: nil).tip == plain.tip)
        // By another key, over fewer or more entries, of another vault or another first key.
        #expect(!accepts(plain, seal, by: second))
        #expect(!accepts(self.chain(1), seal, by: first))
        #expect(!accepts(self.chain(3), seal, by: first))
        let other = VaultID(TestKeys.identifier(Array(1...16)))
        #expect(!accepts(self.chain(2, vault: other), seal, by: first))
        #expect(!accepts(self.chain(2, firstKey: 9), seal, by: first))
    }

    @Test("takes no seal of which any bit is another, and no key or signature of another size")
    func editedSeals() {
        let plain = chain(2)
        var chain = plain
        let seal = chain.seal(with: WorkedExample.signingKey(0), next: second)
        for index in 0..<32 {
            let edited = AuditSeal(
                nextKey: flipped(seal.nextKey, at: index), signature: seal.signature)
            #expect(!accepts(plain, edited, by: first))
            #expect(!accepts(plain, seal, by: flipped(first, at: index)))
        }
        for index in 0..<64 {
            let edited = AuditSeal(
                nextKey: seal.nextKey, signature: flipped(seal.signature, at: index))
            #expect(!accepts(plain, edited, by: first))
        }
        for count in [0, 31, 33] {
            let key = Array((second + second).prefix(count))
            var longer = plain
            let signed = longer.seal(with: WorkedExample.signingKey(0), next: key)
            #expect(!accepts(plain, signed, by: first))
            #expect(!accepts(plain, seal, by: key))
        }
        for signature in [[], Array(seal.signature.dropLast()), seal.signature + [0]] {
            let edited = AuditSeal(nextKey: seal.nextKey, signature: signature)
            #expect(!accepts(plain, edited, by: first))
        }
    }

    @Test("takes no seal over nothing new, and none a second time")
    func emptySeals() {
        var chain = chain(0)
        #expect(!accepts(chain, signed(chain, by: 0), by: first))
        chain = self.chain(1)
        let seal = chain.seal(with: WorkedExample.signingKey(0), next: second)
        #expect(!accepts(chain, seal, by: first))
        #expect(!accepts(chain, signed(chain, by: 1), by: second))
    }

    /// A seal that a chain does not make of itself.
    private func signed(_ chain: AuditChain, by key: UInt32) -> AuditSeal {
        var message = CanonicalBytes(domain: "audit-seal")
        message.add(chain.vault.bytes)
        message.add(chain.seals)
        message.add(chain.entries)
        message.add(chain.tip)
        let next = WorkedExample.signingKey(key + 1).publicKey
        message.add(next)
        let signature = WorkedExample.signingKey(key).sign(message.bytes.span)
        return AuditSeal(nextKey: next, signature: signature)
    }

    @Test("takes no old entries that were signed again with the newest key")
    func newestKey() {
        var chain = chain(1)
        _ = chain.seal(with: WorkedExample.signingKey(0), next: second)
        // Whoever has the key of seal 1 makes the first entry anew.
        let forged = self.chain(1)
        #expect(accepts(forged, signed(forged, by: 0), by: first))
        #expect(!accepts(forged, signed(forged, by: 1), by: first))
    }

    @Test("goes on from where it stood as if it had never stopped")
    func resumed() {
        var whole = chain(1)
        _ = whole.seal(with: WorkedExample.signingKey(0), next: second)
        whole.append(Self.entry(1))
        let place = AuditTip(
            firstKey: first, entries: whole.entries, seals: whole.seals, tip: whole.tip,
            sealedEntries: whole.sealedEntries, sealed: Timestamp(milliseconds: 0), failures: 0,
            failuresSince: Timestamp(milliseconds: 0))
        var resumed = AuditChain(vault: TestKeys.vault, resuming: place)
        #expect(resumed == whole)
        let third = WorkedExample.signingKey(2).publicKey
        let seal = resumed.seal(with: WorkedExample.signingKey(1), next: third)
        #expect(accepts(whole, seal, by: second))
    }

    @Test("ends the program if an entry is out of its turn")
    func gap() async {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            var chain = AuditChain(
                vault: TestKeys.vault, firstKey: [UInt8](repeating: 1, count: 32))
            chain.append(
                AuditEntry(
                    number: 1, time: Timestamp(milliseconds: 0), operation: 1, outcome: 0, user: 0,
                    process: 0, object: .zero, detail: []))
        }
        #expect(result?.isEnd("sealing: entries are numbered without gaps") == true)
    }
}

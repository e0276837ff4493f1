// The state tree and its head, byte for byte, and what is told apart by them.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("The state tree")
struct StateTreeTests {
    private func key(
        _ example: WorkedExample, epoch: Epoch? = nil, root: [UInt8]? = nil
    ) -> StateKey {
        StateKey(
            root: TestKeys.root(root ?? example.rootKey.bytes), vault: example.vault,
            epoch: epoch ?? Epoch(example.epoch))
    }

    private func record(
        _ example: WorkedExample, _ key: borrowing StateKey
    ) throws -> StateLeaf {
        let row = example.record
        return key.leaf(
            RecordColumns(
                rid: RecordID(TestKeys.identifier(row.rid.bytes)), version: row.version,
                epoch: Epoch(example.epoch),
                state: try #require(VersionState(rawValue: row.state)),
                digest: key.digest(of: row.blob.bytes.span)))
    }

    private func description(_ example: WorkedExample, _ key: borrowing StateKey) -> StateLeaf {
        key.leaf(
            SealedMetadata(
                index: BlindIndexValue(TestKeys.identifier(example.meta.blindIndex.bytes)),
                rid: RecordID(TestKeys.identifier(example.record.rid.bytes)),
                revision: example.meta.mver, epoch: Epoch(example.epoch),
                blob: example.meta.blob.bytes))
    }

    @Test("of the worked example is the known one", arguments: WorkedExample.Source.there)
    func worked(source: WorkedExample.Source) throws {
        let example = try source.load()
        let key = key(example)
        let leaves = [try record(example, key), description(example, key)]
        #expect(copy(leaves[0].hash.span) == example.record.leaf.bytes)
        #expect(copy(leaves[1].hash.span) == example.meta.leaf.bytes)
        #expect(leaves.map(\.bucket) == [example.record.bucket, example.meta.bucket])
        var nodes = CodeRow()
        for leaf in leaves {
            let code = key.code(ofBucket: leaf.bucket, [leaf])
            #expect(code == example.tree.buckets["\(leaf.bucket)"]?.bytes)
            let node = UInt8(leaf.bucket >> 8)
            var buckets = CodeRow()
            buckets[UInt8(leaf.bucket & 0xff)] = code
            nodes[node] = key.code(ofNode: node, buckets)
            #expect(nodes[node] == example.tree.nodes["\(node)"]?.bytes)
        }
        #expect(nodes.root == example.tree.root.bytes)
    }

    @Test("with many rows in a bucket, in any order, has the known codes")
    func trees() throws {
        let answers = try KnownAnswers.load()
        let key = StateKey(
            root: TestKeys.root(answers.rootKey.bytes),
            vault: VaultID(TestKeys.identifier(answers.vaultId.bytes)), epoch: Epoch(answers.epoch))
        #expect(answers.trees.map(\.rows.count) == [0, 1, 40])
        for expected in answers.trees {
            let leaves = try expected.rows.map { try leaf($0, key, Epoch(answers.epoch)) }
            #expect(leaves.map { copy($0.hash.span) } == expected.leaves.map(\.bytes))
            var rows: [UInt8: CodeRow] = [:]
            for bucket in Set(leaves.map(\.bucket)) {
                let code = key.code(
                    ofBucket: bucket, leaves.filter { $0.bucket == bucket }.sorted()[...])
                #expect(code == expected.buckets["\(bucket)"]?.bytes)
                rows[UInt8(bucket >> 8), default: CodeRow()][UInt8(bucket & 0xff)] = code
            }
            var nodes = CodeRow()
            for (node, row) in rows { nodes[node] = key.code(ofNode: node, row) }
            #expect(nodes.packed == expected.packed["256"]?.bytes)
            #expect(expected.packed.count == (rows.isEmpty ? 0 : rows.count + 1))
            for (node, row) in rows { #expect(row.packed == expected.packed["\(node)"]?.bytes) }
            #expect(rows.count == expected.nodes.count)
            for (node, code) in expected.nodes { #expect(nodes[UInt8(node)!] == code.bytes) }
            #expect(nodes.root == expected.root.bytes)
        }
    }

    private func leaf(
        _ row: KnownAnswers.Tree.Row, _ key: borrowing StateKey, _ epoch: Epoch
    ) throws -> StateLeaf {
        let rid = RecordID(TestKeys.identifier(row.rid.bytes))
        switch try #require(StateLeaf.Table(rawValue: row.table)) {
        case .record:
            return key.leaf(
                RecordColumns(
                    rid: rid, version: UInt32(row.version), epoch: epoch,
                    state: try #require(VersionState(rawValue: row.state)),
                    digest: key.digest(of: row.blob.bytes.span)))
        case .metadata:
            return key.leaf(
                SealedMetadata(
                    index: BlindIndexValue(TestKeys.identifier(row.index.bytes)), rid: rid,
                    revision: row.version, epoch: epoch, blob: row.blob.bytes))
        case .tombstone:
            return key.leaf(Tombstone(rid: rid, version: UInt32(row.version), epoch: epoch))
        }
    }

    @Test("gives no code to a bucket or a node with nothing in it")
    func nothing() throws {
        let key = key(try WorkedExample.Source.own.load())
        #expect(key.code(ofBucket: 7, []) == nil)
        #expect(key.code(ofNode: 7, CodeRow()) == nil)
        #expect(CodeRow()[7] == nil)
    }

    @Test("has other codes for another bucket, node, vault, epoch or key, and another order")
    func places() throws {
        let example = try WorkedExample.Source.own.load()
        let key = key(example)
        let leaf = try record(example, key)
        let other = description(example, key)
        let code = key.code(ofBucket: 1, [leaf])
        #expect(code != key.code(ofBucket: 2, [leaf]))
        #expect(code != key.code(ofBucket: 1, [leaf, leaf]))
        #expect(key.code(ofBucket: 1, [leaf, other]) != key.code(ofBucket: 1, [other, leaf]))
        var row = CodeRow()
        row[0] = code
        #expect(key.code(ofNode: 1, row) != key.code(ofNode: 2, row))
        let later = self.key(example, epoch: Epoch(2))
        #expect(code != later.code(ofBucket: 1, [leaf]))
        #expect(key.code(ofNode: 1, row) != later.code(ofNode: 1, row))
        let foreign = self.key(example, root: [UInt8](repeating: 1, count: 32))
        #expect(code != foreign.code(ofBucket: 1, [leaf]))
    }

    @Test(
        "has a head of the known bytes, with the known code", arguments: WorkedExample.Source.there)
    func head(source: WorkedExample.Source) throws {
        let example = try source.load()
        let key = key(example)
        let sealed = SealedHead(bytes: example.head.bytes.bytes, code: example.head.mac.bytes)
        let head = try key.open(sealed)
        #expect(sealed.bytes.count == StateHead.byteCount)
        #expect(head.bytes == sealed.bytes)
        #expect(key.seal(head) == sealed)
        #expect(head.generation == example.head.generation)
        #expect(head.records == 1)
        #expect(head.descriptions == 1)
        #expect(head.root == example.tree.root.bytes)
        let slots = try [example.slotPassphrase.record, example.slotRaw.record].map {
            try KeySlot(parsing: $0.bytes)
        }
        #expect(head.slots == StateHead.digest(of: slots))
        #expect(head.depositKey == example.deposit.pk.bytes)
        #expect(head.time == Timestamp(milliseconds: 1_700_000_000_000))
        let tip = AuditTip(
            firstKey: example.audit.pk0.bytes, entries: head.entries, seals: head.seals,
            tip: head.auditTip, sealedEntries: head.entries, sealed: head.time, failures: 0,
            failuresSince: head.time)
        let root = TestKeys.root(example.rootKey.bytes)
        let made = StateHead(
            newVault: example.vault,
            depositKey: StateHead.depositKey(
                of: root, vault: example.vault, epoch: Epoch(example.epoch)),
            slots: slots, audit: tip, at: head.time)
        #expect(made.generation == 1)
        #expect(made.records == 0 && made.descriptions == 0)
        #expect(made.seals == 2 && made.entries == 3)
        #expect(made.root == CodeRow().root)
        #expect(made.slots == head.slots)
        #expect(made.policy == head.policy)
        #expect(made.auditTip == head.auditTip)
        #expect(made.depositKey == head.depositKey)
    }

    @Test("names the known key for deposits", arguments: WorkedExample.Source.there)
    func deposit(source: WorkedExample.Source) throws {
        let example = try source.load()
        let root = TestKeys.root(example.rootKey.bytes)
        let epoch = Epoch(example.epoch)
        let privateKey = DepositKey.privateKey(of: root, vault: example.vault, epoch: epoch)
        #expect(copy(privateKey.bytes) == example.deposit.sk.bytes)
        let publicKey = DepositKey.publicKey(of: root, vault: example.vault, epoch: epoch)
        #expect(publicKey == example.deposit.pk.bytes)
    }

    @Test("refuses a head of which any bit is another, or that is of another vault, epoch or key")
    func editedHead() throws {
        let example = try WorkedExample.Source.own.load()
        let key = key(example)
        let sealed = SealedHead(bytes: example.head.bytes.bytes, code: example.head.mac.bytes)
        for index in sealed.bytes.indices {
            let edited = SealedHead(bytes: flipped(sealed.bytes, at: index), code: sealed.code)
            #expect(throws: VaultError.tampered(.head)) { try key.open(edited) }
        }
        for index in sealed.code.indices {
            let edited = SealedHead(bytes: sealed.bytes, code: flipped(sealed.code, at: index))
            #expect(throws: VaultError.tampered(.head)) { try key.open(edited) }
        }
        for other in [SealedHead(bytes: [], code: []), SealedHead(bytes: sealed.bytes, code: [])] {
            #expect(throws: VaultError.tampered(.head)) { try key.open(other) }
        }
        let later = self.key(example, epoch: Epoch(2))
        #expect(throws: VaultError.tampered(.head)) { try later.open(sealed) }
        let foreign = self.key(example, root: [UInt8](repeating: 1, count: 32))
        #expect(throws: VaultError.tampered(.head)) { try foreign.open(sealed) }
    }

    @Test("refuses a head that has the right code and says what nobody writes")
    func impossibleHead() throws {
        let example = try WorkedExample.Source.own.load()
        let key = key(example)
        var mac = CanonicalBytes()
        mac.add(example.head.bytes.bytes)
        // Domain, suite, vault, epoch; a byte too few and one too many.
        var edits = [0, 14, 15, 34].map { flipped(mac.bytes, at: $0) }
        edits += [Array(mac.bytes.dropLast()), mac.bytes + [0]]
        let code = HMAC(.sha256, key: example.subkeys.state.bytes.span)
        for edit in edits {
            code.begin()
            code.update(edit.span)
            var bytes = [UInt8](repeating: 0, count: 32)
            var span = bytes.mutableSpan
            code.finish(into: &span)
            let sealed = SealedHead(bytes: edit, code: bytes)
            #expect(throws: VaultError.tampered(.head)) { try key.open(sealed) }
        }
    }
}

// The worked example of the format, reproduced byte for byte.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("The worked example")
struct WorkedExampleTests {
    @Test(
        "is run in the published telling too",
        .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
    func published() {
        #expect(WorkedExample.Source.there == [.own, .published])
    }

    @Test("gives the passphrase slot", arguments: WorkedExample.Source.there)
    func passphraseSlot(source: WorkedExample.Source) throws {
        let example = try source.load()
        let expected = example.slotPassphrase
        let typed = Array(example.passphrase.utf8)
        let hash = try Argon2.hash(typed.span, salt: expected.salt.bytes, expected.parameters)
        #expect(copy(hash.bytes) == expected.argon2id.bytes)

        let key = UnlockKey.passphrase(try Passphrase(typed.span))
        let slot = try KeySlot.seal(
            TestKeys.root(example.rootKey.bytes), with: key, number: 0, vault: example.vault,
            epoch: Epoch(example.epoch), parameters: expected.parameters,
            created: Timestamp(milliseconds: 1_700_000_000_000), salt: expected.salt.bytes,
            sealSalt: expected.sealSalt.bytes)
        #expect(slot.header == expected.header.bytes)
        #expect(slot.bytes == expected.record.bytes)
        let opened = try KeySlot(parsing: expected.record.bytes).open(with: key)
        #expect(copy(opened.bytes.bytes) == example.rootKey.bytes)
    }

    @Test("gives the raw key's slot", arguments: WorkedExample.Source.there)
    func rawSlot(source: WorkedExample.Source) throws {
        let example = try source.load()
        let expected = example.slotRaw
        let parsed = try KeySlot(parsing: expected.record.bytes)
        let key = UnlockKey.rawKey(TestKeys.rawKey(expected.rawKey.bytes))
        let encryptionKey = try key.keyEncryptionKey(salt: parsed.salt, parameters: .none)
        #expect(copy(encryptionKey.bytes) == expected.kek.bytes)

        // The parameters of a passphrase are asked for, and left out.
        let slot = try KeySlot.seal(
            TestKeys.root(example.rootKey.bytes), with: key, number: 1, vault: example.vault,
            epoch: Epoch(example.epoch), parameters: .standard,
            created: Timestamp(milliseconds: 1_700_000_001_999), salt: parsed.salt,
            sealSalt: expected.sealSalt.bytes)
        #expect(slot.header == expected.header.bytes)
        #expect(slot.bytes == expected.record.bytes)
        let opened = try parsed.open(with: key)
        #expect(copy(opened.bytes.bytes) == example.rootKey.bytes)
    }

    @Test("gives the fields of both slots", arguments: WorkedExample.Source.there)
    func slotFields(source: WorkedExample.Source) throws {
        let example = try source.load()
        let first = try KeySlot(parsing: example.slotPassphrase.record.bytes)
        #expect(first.number == 0)
        #expect(first.kind == .passphrase)
        #expect(first.vault == example.vault)
        #expect(first.epoch == Epoch(example.epoch))
        #expect(first.parameters == example.slotPassphrase.parameters)
        #expect(first.created == Timestamp(milliseconds: 1_700_000_000_000))
        let second = try KeySlot(parsing: example.slotRaw.record.bytes)
        #expect(second.number == 1)
        #expect(second.kind == .rawKey)
        #expect(second.parameters == KDFParameters.none)
        #expect(second.created == Timestamp(milliseconds: 1_700_000_001_000))
    }

    @Test("gives the subkeys", arguments: WorkedExample.Source.there)
    func subkeys(source: WorkedExample.Source) throws {
        let example = try source.load()
        let root = TestKeys.root(example.rootKey.bytes)
        for (purpose, expected) in [
            (SubkeyPurpose.records, example.subkeys.rec),
            (.metadata, example.subkeys.meta), (.nameIndex, example.subkeys.idx),
            (.state, example.subkeys.state), (.audit, example.subkeys.audit),
            (.deposit, example.subkeys.deposit),
        ] {
            let key = root.subkey(purpose, vault: example.vault, epoch: Epoch(example.epoch))
            #expect(copy(key.bytes) == expected.bytes, "\(purpose)")
        }
    }

    @Test("gives the record", arguments: WorkedExample.Source.there)
    func record(source: WorkedExample.Source) throws {
        let example = try source.load()
        let expected = example.record
        let padded = Padding.pad(expected.value.bytes.span)
        #expect(copy(padded.bytes) == expected.padded.bytes)
        let cobblestone = Cobblestone(key: example.subkeys.rec.bytes.span)
        let blob = cobblestone.seal(
            padded.bytes, context: expected.context.bytes, salt: expected.salt.bytes)
        #expect(blob == expected.blob.bytes)

        // That it opens shows that the keyring's own context is the expected one.
        let keyring = try TestKeys.keyring(
            root: example.rootKey.bytes, vault: example.vault, epoch: Epoch(example.epoch))
        let value = try keyring.open(
            record: expected.blob.bytes.span,
            rid: RecordID(TestKeys.identifier(expected.rid.bytes)), version: expected.version,
            kind: try #require(RecordKind(rawValue: expected.kind)), naming: TestKeys.object)
        #expect(copy(value.bytes) == expected.value.bytes)
    }

    @Test("gives the metadata and the blind index", arguments: WorkedExample.Source.there)
    func metadata(source: WorkedExample.Source) throws {
        let example = try source.load()
        let expected = example.meta
        let name = try #require(SecretName(expected.name))
        let described = Metadata(name: name, created: Timestamp(milliseconds: 0))
        let padded = Padding.pad(MetadataCoding.encode(described).span)
        #expect(copy(padded.bytes) == expected.padded.bytes)
        let cobblestone = Cobblestone(key: example.subkeys.meta.bytes.span)
        let blob = cobblestone.seal(
            padded.bytes, context: expected.context.bytes, salt: expected.salt.bytes)
        #expect(blob == expected.blob.bytes)

        let keyring = try TestKeys.keyring(
            root: example.rootKey.bytes, vault: example.vault, epoch: Epoch(example.epoch))
        let opened = try keyring.open(
            metadata: expected.blob.bytes.span,
            rid: RecordID(TestKeys.identifier(example.record.rid.bytes)),
            revision: expected.mver, naming: .metadata(name))
        #expect(opened == described)
        #expect(keyring.blindIndex(of: name).bytes == expected.blindIndex.bytes)
    }

    @Test("gives the sizes of padding", arguments: WorkedExample.Source.there)
    func padding(source: WorkedExample.Source) throws {
        let example = try source.load()
        #expect(!example.padding.isEmpty)
        for (count, bucket) in example.padding {
            #expect(Padding.bucket(try #require(Int(count))) == bucket)
        }
    }
}

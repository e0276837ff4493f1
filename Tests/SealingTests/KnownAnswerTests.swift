// What an independent implementation computed, reproduced byte for byte.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Known answers")
struct KnownAnswerTests {
    let answers: KnownAnswers

    init() throws { answers = try KnownAnswers.load() }

    @Test("values on every padding and chunk edge are sealed byte for byte, and open")
    func records() throws {
        let cobblestone = answers.subkey(.records)
        let keyring = try answers.keyring()
        #expect(answers.records.count == 23)
        for expected in answers.records {
            let value = TestKeys.pattern(expected.pattern)
            let padded = Padding.pad(value.span)
            #expect(padded.count == expected.paddedCount)
            var context = CanonicalBytes(domain: "rec")
            context.add(answers.vaultId.bytes)
            context.add(answers.epoch)
            context.add(expected.rid.bytes)
            context.add(expected.version)
            context.add(UInt8(1))
            let blob = cobblestone.seal(
                padded.bytes, context: context.bytes, salt: expected.salt.bytes)
            #expect(blob.count == expected.blobCount)
            #expect(SHA256.digest(blob.span) == expected.blobSha256.bytes)
            let opened = try keyring.open(
                record: blob.span, rid: RecordID(TestKeys.identifier(expected.rid.bytes)),
                version: expected.version, kind: .single, naming: TestKeys.object)
            #expect(copy(opened.bytes) == value)
        }
    }

    @Test("fields are packed byte for byte, and unpacked")
    func packings() throws {
        #expect(answers.packings.count == 4)
        for expected in answers.packings {
            var fields = SecretFields()
            for field in expected.fields {
                let isNew = fields.add(try #require(FieldName(field.name)), field.value.bytes.span)
                #expect(isNew)
            }
            let packed = FieldPacking.pack(fields)
            let kind = packed.kind
            #expect(kind.rawValue == expected.kind)
            #expect(copy(packed.bytes.bytes) == expected.packed.bytes)
            let names = fields.names
            let unpacked = try FieldPacking.unpack(
                expected.packed.bytes.span, kind: kind, names: names, naming: TestKeys.object)
            #expect(unpacked.names == names)
            for field in expected.fields {
                let value = unpacked.value(of: try #require(FieldName(field.name)))
                #expect(copy(value) == field.value.bytes)
            }
        }
    }

    @Test("descriptions are encoded and sealed byte for byte, and open")
    func descriptions() throws {
        let cobblestone = answers.subkey(.metadata)
        let keyring = try answers.keyring()
        let rid = RecordID(TestKeys.identifier(answers.rid.bytes))
        #expect(answers.descriptions.count == 8)
        for expected in answers.descriptions {
            let described = expected.described.metadata
            let encoded = MetadataCoding.encode(described)
            #expect(encoded == expected.encoded.bytes)
            #expect(MetadataCoding.decode(encoded.span) == described)
            var context = CanonicalBytes(domain: "meta")
            context.add(answers.vaultId.bytes)
            context.add(answers.epoch)
            context.add(answers.rid.bytes)
            context.add(expected.revision)
            let padded = Padding.pad(encoded.span)
            let blob = cobblestone.seal(
                padded.bytes, context: context.bytes, salt: expected.salt.bytes)
            #expect(blob == expected.blob.bytes)
            let opened = try keyring.open(
                metadata: blob.span, rid: rid, revision: expected.revision,
                naming: .metadata(nil))
            #expect(opened == described)
        }
    }

    @Test("names have the known blind indexes")
    func blindIndexes() throws {
        let keyring = try answers.keyring()
        #expect(answers.blindIndexes.count == 4)
        for expected in answers.blindIndexes {
            let index = keyring.blindIndex(of: try #require(SecretName(expected.name)))
            #expect(index.bytes == expected.index.bytes)
        }
    }

    @Test("raw keys have the known texts, and are read from them")
    func rawKeys() throws {
        #expect(answers.rawKeys.count == 4)
        for expected in answers.rawKeys {
            let key = TestKeys.rawKey(expected.key.bytes)
            let code = key.recoveryCode()
            #expect(copy(code.bytes) == Array(expected.recoveryCode.utf8))
            let file = key.keyFile()
            #expect(copy(file.bytes) == Array(expected.keyFile.utf8))
            for text in [expected.recoveryCode, expected.keyFile] {
                let read = RawKeyText.read(text)
                #expect(read == expected.key.bytes)
            }
        }
    }

    @Test("passphrases are composed to the known bytes")
    func passphrases() throws {
        #expect(answers.passphrases.count == 13)
        for expected in answers.passphrases {
            let passphrase = try Passphrase(expected.typed.bytes.span)
            #expect(copy(passphrase.bytes.bytes) == expected.hashed.bytes)
        }
    }

    @Test("Argon2id gives the known hashes, below the bounds of slots too")
    func argon2() throws {
        #expect(answers.argon2id.count == 5)
        for expected in answers.argon2id {
            let hash = try Argon2.hash(
                expected.passphrase.bytes.span, salt: expected.salt.bytes, expected.parameters)
            #expect(copy(hash.bytes) == expected.hash.bytes)
        }
    }

    @Test("sizes are padded to the known buckets")
    func padding() throws {
        #expect(answers.padding.count == 23)
        for (count, bucket) in answers.padding {
            #expect(Padding.bucket(try #require(Int(count))) == bucket)
        }
    }
}

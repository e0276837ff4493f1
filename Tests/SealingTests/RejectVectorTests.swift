// Every vector of `Tests/Vectors/reject` is refused, by the layer that it names.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("What must be refused")
struct RejectVectorTests {
    @Test("no folder of vectors is empty, and none is unknown")
    func folders() throws {
        #expect(try RejectVector.rooms() == RejectVector.Room.allCases.map(\.rawValue).sorted())
        for room in RejectVector.Room.allCases {
            #expect(RejectVector.all(of: room).count >= 15, "\(room)")
        }
    }

    @Test("a slot", arguments: RejectVector.all(of: .slot))
    func slot(vector: RejectVector) throws {
        let expected: KeySlotDefect? =
            switch vector.expect {
            case "damaged": .damaged
            case "suite": .refused(.unknownSuite)
            case "kind": .refused(.unknownSlotKind)
            case "flags": .refused(.unknownFlags)
            case "bounds": .refused(.kdfOutOfBounds)
            default: nil
            }
        let defect = failure { () throws(KeySlotDefect) in _ = try KeySlot(parsing: vector.bytes) }
        #expect(defect == expected)
        guard vector.expect == "key" else { return #expect(expected != nil) }

        let slot = try KeySlot(parsing: vector.bytes)
        let key = try Self.key(of: vector)
        let error = failure { () throws(VaultError) in _ = try slot.open(with: key) }
        #expect(error == .wrongKey)
    }

    private static func key(of vector: RejectVector) throws -> UnlockKey {
        if let digits = vector.header["raw-key"] {
            return .rawKey(TestKeys.rawKey(try #require(HexBytes(digits)).bytes))
        }
        let digits = try #require(vector.header["passphrase"])
        let typed = try #require(HexBytes(digits)).bytes
        return .passphrase(try Passphrase(typed.span))
    }

    @Test("a record", arguments: RejectVector.all(of: .record))
    func record(vector: RejectVector) throws {
        let version = try #require(UInt32(vector.header["version"] ?? ""))
        let number = try #require(UInt8(vector.header["kind"] ?? ""))
        let kind = try #require(RecordKind(rawValue: number))
        let words = try #require(vector.header["fields"]).split(separator: " ").map(String.init)
        let names = words.compactMap { FieldName($0) }
        #expect(names.count == words.count)

        var context = CanonicalBytes(domain: "rec")
        context.add(TestKeys.vaultBytes)
        context.add(UInt32(1))
        context.add(TestKeys.ridBytes)
        context.add(version)
        context.add(kind.rawValue)
        let subkey = TestKeys.root().subkey(.records, vault: TestKeys.vault, epoch: .first)
        let layer = SealedLayer.refusing(vector.bytes, key: subkey, context: context.bytes)
        #expect(layer.rawValue == (vector.expect == "fields" ? "content" : vector.expect))

        let keyring = try TestKeys.keyring()
        let error = failure { () throws(VaultError) in
            let plaintext = try keyring.open(
                record: vector.bytes.span, rid: TestKeys.rid, version: version, kind: kind,
                naming: TestKeys.object)
            _ = try FieldPacking.unpack(
                plaintext.bytes, kind: kind, names: names, naming: TestKeys.object)
        }
        #expect(error == .tampered(TestKeys.object))
    }

    @Test("a description", arguments: RejectVector.all(of: .metadata))
    func metadata(vector: RejectVector) throws {
        let revision = try #require(UInt64(vector.header["revision"] ?? ""))
        var context = CanonicalBytes(domain: "meta")
        context.add(TestKeys.vaultBytes)
        context.add(UInt32(1))
        context.add(TestKeys.ridBytes)
        context.add(revision)
        let subkey = TestKeys.root().subkey(.metadata, vault: TestKeys.vault, epoch: .first)
        let layer = SealedLayer.refusing(vector.bytes, key: subkey, context: context.bytes)
        #expect(layer.rawValue == (vector.expect == "attributes" ? "content" : vector.expect))

        let keyring = try TestKeys.keyring()
        let error = failure { () throws(VaultError) in
            _ = try keyring.open(
                metadata: vector.bytes.span, rid: TestKeys.rid, revision: revision,
                naming: .metadata(TestKeys.name))
        }
        #expect(error == .tampered(.metadata(TestKeys.name)))
    }

    @Test("the private part of an entry", arguments: RejectVector.all(of: .audit))
    func audit(vector: RejectVector) throws {
        let number = try #require(UInt64(vector.header["number"] ?? ""))
        #expect(DetailLayer.refusing(vector.bytes, number: number).rawValue == vector.expect)
        let key = AuditKey(root: TestKeys.root(), vault: TestKeys.vault, epoch: .first)
        #expect(throws: VaultError.tampered(.auditEntry(number))) {
            try key.open(vector.bytes, number: number)
        }
    }

    @Test("a row of codes", arguments: RejectVector.all(of: .codes))
    func codes(vector: RejectVector) {
        #expect(vector.expect == "codes")
        #expect(CodeRow(packed: vector.bytes) == nil)
    }

    @Test("the text of a raw key", arguments: RejectVector.all(of: .rawKey))
    func rawKey(vector: RejectVector) {
        #expect(vector.expect == "text")
        #expect(RawKeyText.read(vector.bytes) == nil)
    }

    @Test("a passphrase", arguments: RejectVector.all(of: .passphrase))
    func passphrase(vector: RejectVector) {
        let expected: PassphraseDefect? =
            switch vector.expect {
            case "empty": .empty
            case "length": .tooLong
            case "nul": .holdsNUL
            case "utf8": .invalidUTF8
            default: nil
            }
        let error = failure { () throws(VaultError) in _ = try Passphrase(vector.bytes.span) }
        #expect(error == expected.map { .unusablePassphrase($0) })
        #expect(expected != nil)
    }
}

// The keyring: what each blob is bound to, and how long one may be.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("The keyring")
struct KeyringTests {
    private static let otherVault = VaultID(TestKeys.identifier(Array(1...16)))
    private static let otherRID = RecordID(TestKeys.identifier(Array(0x81..<0x91)))
    private static let described: Metadata = {
        var described = Metadata(name: TestKeys.name, created: Timestamp(milliseconds: 5))
        described.label = "for the tests"
        return described
    }()

    private static func open(
        _ blob: [UInt8], with keyring: borrowing Keyring, rid: RecordID = TestKeys.rid,
        version: UInt32 = 1, kind: RecordKind = .single
    ) -> Result<[UInt8], VaultError> {
        do throws(VaultError) {
            let value = try keyring.open(
                record: blob.span, rid: rid, version: version, kind: kind,
                naming: TestKeys.object)
            return .success(copy(value.bytes))
        } catch { return .failure(error) }
    }

    private static func seal(_ value: [UInt8], _ kind: RecordKind = .single) throws -> [UInt8] {
        try TestKeys.keyring().seal(record: value.span, rid: TestKeys.rid, version: 1, kind: kind)
    }

    @Test("a record opens only in its vault, epoch, secret, version and kind, under its root key")
    func recordContext() throws {
        let value: [UInt8] = [1, 2, 3]
        let blob = try Self.seal(value)
        let keyring = try TestKeys.keyring()
        let refused = Result<[UInt8], VaultError>.failure(.tampered(TestKeys.object))
        #expect(Self.open(blob, with: keyring) == .success(value))
        #expect(Self.open(blob, with: keyring, rid: Self.otherRID) == refused)
        for version: UInt32 in [0, 2, 257, .max] {
            #expect(Self.open(blob, with: keyring, version: version) == refused)
        }
        #expect(Self.open(blob, with: keyring, kind: .several) == refused)
        let elsewhere = try TestKeys.keyring(vault: Self.otherVault)
        #expect(Self.open(blob, with: elsewhere) == refused)
        for epoch: UInt32 in [0, 2, .max] {
            let later = try TestKeys.keyring(epoch: Epoch(epoch))
            #expect(Self.open(blob, with: later) == refused)
        }
        let other = try TestKeys.keyring(root: flipped(TestKeys.rootBytes, at: 31))
        #expect(Self.open(blob, with: other) == refused)
    }

    @Test("a description opens only in its vault, epoch, secret and revision, under its root key")
    func metadataContext() throws {
        let keyring = try TestKeys.keyring()
        let blob = try keyring.seal(metadata: Self.described, rid: TestKeys.rid, revision: 9)
        func open(
            _ keyring: borrowing Keyring, rid: RecordID = TestKeys.rid, revision: UInt64 = 9
        ) -> Result<Metadata, VaultError> {
            do throws(VaultError) {
                return .success(
                    try keyring.open(
                        metadata: blob.span, rid: rid, revision: revision,
                        naming: .metadata(nil)))
            } catch { return .failure(error) }
        }
        let refused = Result<Metadata, VaultError>.failure(.tampered(.metadata(nil)))
        #expect(open(keyring) == .success(Self.described))
        #expect(open(keyring, rid: Self.otherRID) == refused)
        for revision: UInt64 in [0, 8, 10, 9 + 1 << 32, .max] {
            #expect(open(keyring, revision: revision) == refused)
        }
        #expect(open(try TestKeys.keyring(vault: Self.otherVault)) == refused)
        #expect(open(try TestKeys.keyring(epoch: Epoch(2))) == refused)
        let other = flipped(TestKeys.rootBytes, at: 0)
        #expect(open(try TestKeys.keyring(root: other)) == refused)
    }

    @Test("the error names the object that the caller asked for")
    func naming() throws {
        let keyring = try TestKeys.keyring()
        let nothing: [UInt8] = []
        let object = DamagedObject.record(TestKeys.name, version: 77)
        let error = failure { () throws(VaultError) in
            _ = try keyring.open(
                record: nothing.span, rid: TestKeys.rid, version: 1, kind: .single, naming: object)
        }
        #expect(error == .tampered(object))
    }

    @Test("a name has one blind index, another in another vault, epoch or case")
    func blindIndex() throws {
        let keyring = try TestKeys.keyring()
        let index = keyring.blindIndex(of: TestKeys.name)
        #expect(keyring.blindIndex(of: TestKeys.name) == index)
        #expect(try TestKeys.keyring().blindIndex(of: TestKeys.name) == index)
        let upper = try #require(SecretName("ZPA/prod/ci"))
        var seen: Set = [index, keyring.blindIndex(of: upper)]
        seen.insert(try TestKeys.keyring(vault: Self.otherVault).blindIndex(of: TestKeys.name))
        seen.insert(try TestKeys.keyring(epoch: Epoch(2)).blindIndex(of: TestKeys.name))
        let other = flipped(TestKeys.rootBytes, at: 7)
        seen.insert(try TestKeys.keyring(root: other).blindIndex(of: TestKeys.name))
        #expect(seen.count == 5)
    }

    @Test("a value of 16 MiB is sealed and opens; one byte more is refused, never cut")
    func longestValue() throws {
        let value = TestKeys.pattern(Keyring.longestValue)
        let blob = try Self.seal(value)
        let keyring = try TestKeys.keyring()
        #expect(Self.open(blob, with: keyring) == .success(value))
        let longer = value + [0]
        let error = failure { () throws(VaultError) in
            _ = try keyring.seal(
                record: longer.span, rid: TestKeys.rid, version: 1, kind: .single)
        }
        #expect(error == .valueTooLong)
    }

    @Test("several fields may take 64 KiB more; one byte beyond that is refused")
    func longestRecord() throws {
        let record = [UInt8](repeating: 1, count: Keyring.longestRecord)
        let blob = try Self.seal(record, .several)
        let keyring = try TestKeys.keyring()
        #expect(Self.open(blob, with: keyring, kind: .several) == .success(record))
        let longer = record + [0]
        let error = failure { () throws(VaultError) in
            _ = try keyring.seal(
                record: longer.span, rid: TestKeys.rid, version: 1, kind: .several)
        }
        #expect(error == .valueTooLong)
    }

    @Test(
        "what is longer than a record may be is not opened, though it was made with the key",
        arguments: [
            (RecordKind.single, Keyring.longestValue + 1), (.several, Keyring.longestRecord + 1),
            (.single, 65 << 20),
        ])
    func overlong(kind: RecordKind, count: Int) throws {
        var context = CanonicalBytes(domain: "rec")
        context.add(TestKeys.vaultBytes)
        context.add(UInt32(1))
        context.add(TestKeys.ridBytes)
        context.add(UInt32(1))
        context.add(kind.rawValue)
        let key = TestKeys.root().subkey(.records, vault: TestKeys.vault, epoch: .first)
        let cobblestone = Cobblestone(key: key.bytes)
        let value = [UInt8](repeating: 1, count: count)
        let padded = Padding.pad(value.span)
        let blob = try cobblestone.seal(padded.bytes, context: context.bytes)
        let keyring = try TestKeys.keyring()
        let opened = Self.open(blob, with: keyring, kind: kind)
        let isRefused = opened == .failure(.tampered(TestKeys.object))
        #expect(isRefused)
    }
}

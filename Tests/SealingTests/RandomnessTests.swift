// Random bytes: each is given out once, and none at all when there are none.

import COpenSSL
import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Random bytes")
struct RandomnessTests {
    @Test("come in the number asked for, from 1 to 64")
    func counts() throws {
        for count in 1...64 { #expect(try Randomness.bytes(count).count == count) }
    }

    @Test("of the pool are given out once, also where it is filled again")
    func once() throws {
        var seen: Set<ArraySlice<UInt8>> = []
        for round in 0..<50_000 {
            let bytes = try Randomness.bytes(16 + round % 17)
            seen.insert(bytes.prefix(8))
            seen.insert(bytes.suffix(8))
        }
        #expect(seen.count == 100_000)
    }

    @Test("are no identifier twice, whoever else draws")
    func concurrently() async throws {
        let identifiers = try await withThrowingTaskGroup(of: [Identifier].self) { group in
            for _ in 0..<8 {
                group.addTask { try (0..<12_500).map { _ in try Randomness.identifier() } }
            }
            return try await group.reduce(into: Set<Identifier>()) { $0.formUnion($1) }
        }
        #expect(identifiers.count == 100_000)
    }

    @Test("take many values at every place of a salt, so none of it stays unfilled")
    func everyPlace() throws {
        var values = [Set<UInt8>](repeating: [], count: Cobblestone.saltCount)
        for _ in 0..<4_096 {
            for (place, byte) in try Randomness.bytes(Cobblestone.saltCount).enumerated() {
                values[place].insert(byte)
            }
        }
        // Fewer than 240 of 256 values in 4,096 draws happens once in more than 10^30 runs.
        for place in values { #expect(place.count >= 240) }
    }

    @Test("that cannot be had stop every sealing before it begins")
    func absent() async {
        await #expect(processExitsWith: .success) {
            _ = OpenSSL.shared
            let keyring = try TestKeys.keyring()
            // From here on libcrypto finds no generator: nothing has drawn from one before.
            try #require(EVP_set_default_properties(nil, "provider=none") == 1)
            let value: [UInt8] = [1, 2, 3]
            let name = TestKeys.name
            let errors = [
                failure { () throws(VaultError) in _ = try Randomness.bytes(24) },
                failure { () throws(VaultError) in _ = try Randomness.bytes(24) },
                failure { () throws(VaultError) in _ = try Randomness.identifier() },
                failure { () throws(VaultError) in _ = try RootKey() },
                failure { () throws(VaultError) in _ = try RawKey() },
                failure { () throws(VaultError) in _ = try SigningKey() },
                failure { () throws(VaultError) in
                    _ = try HPKE.seal(value.span, to: value, info: [], authenticating: [])
                },
                failure { () throws(VaultError) in
                    _ = try keyring.seal(
                        record: value.span, rid: TestKeys.rid, version: 1, kind: .single)
                },
                failure { () throws(VaultError) in
                    _ = try keyring.seal(
                        metadata: Metadata(name: name, created: Timestamp(milliseconds: 0)),
                        rid: TestKeys.rid, revision: 1)
                },
                failure { () throws(VaultError) in
                    _ = try KeySlot.seal(
                        TestKeys.root(), with: .rawKey(TestKeys.rawKey()), number: 0,
                        vault: TestKeys.vault, epoch: .first, parameters: .standard,
                        created: Timestamp(milliseconds: 0))
                },
            ]
            #expect(errors == Array(repeating: .noRandomness, count: 10))
        }
    }
}

// Key slots: what they bind, what they cost, what they forgive.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("A key slot")
struct KeySlotTests {
    /// The least that is accepted, so that the tests are quick.
    private static let cheap = KDFParameters(memory: 19_456, passes: 1, lanes: 1)

    private static func slot(
        _ key: borrowing UnlockKey, number: UInt8 = 0, created: UInt64 = 1_000
    ) throws -> KeySlot {
        try KeySlot.seal(
            TestKeys.root(), with: key, number: number, vault: TestKeys.vault, epoch: .first,
            parameters: cheap, created: Timestamp(milliseconds: created))
    }

    private static func passphrase(_ text: String) throws -> UnlockKey {
        let typed = Array(text.utf8)
        return .passphrase(try Passphrase(typed.span))
    }

    private static func open(
        _ slot: KeySlot, with key: borrowing UnlockKey
    ) -> Result<[UInt8], VaultError> {
        do throws(VaultError) {
            let root = try slot.open(with: key)
            return .success(copy(root.bytes.bytes))
        } catch { return .failure(error) }
    }

    @Test("opens with its passphrase, however that was composed, and with no other")
    func passphrases() throws {
        let slot = try Self.slot(try Self.passphrase("Grüße \u{e9}"))
        #expect(slot.bytes.count == KeySlot.byteCount)
        #expect(
            Self.open(slot, with: try Self.passphrase("Gru\u{308}ße e\u{301}"))
                == .success(TestKeys.rootBytes))
        for other in ["Grüße é ", "grüße é", "Grüsse é", "Grüße é\n"] {
            #expect(Self.open(slot, with: try Self.passphrase(other)) == .failure(.wrongKey))
        }
        #expect(Self.open(slot, with: .rawKey(TestKeys.rawKey())) == .failure(.wrongKey))
    }

    @Test("opens with its raw key and with no other")
    func rawKeys() throws {
        let slot = try Self.slot(.rawKey(TestKeys.rawKey()))
        #expect(Self.open(slot, with: .rawKey(TestKeys.rawKey())) == .success(TestKeys.rootBytes))
        for place in TestKeys.rawKeyBytes.indices {
            let other = TestKeys.rawKey(flipped(TestKeys.rawKeyBytes, at: place))
            #expect(Self.open(slot, with: .rawKey(other)) == .failure(.wrongKey))
        }
    }

    @Test("of the same key twice shares no salt, no seal and no checksum")
    func fresh() throws {
        let first = try Self.slot(.rawKey(TestKeys.rawKey()))
        let second = try Self.slot(.rawKey(TestKeys.rawKey()))
        #expect(first.salt != second.salt)
        #expect(first.sealed.prefix(24) != second.sealed.prefix(24))
        #expect(first.sealed[24..<56] != second.sealed[24..<56])
        #expect(first.sealed[56..<88] != second.sealed[56..<88])
        #expect(first.bytes.suffix(32) != second.bytes.suffix(32))
    }

    @Test("of which any bit is another is damaged")
    func bits() throws {
        let bytes = try Self.slot(.rawKey(TestKeys.rawKey())).bytes
        for place in bytes.indices {
            for bit in 0..<8 {
                let changed = flipped(bytes, at: place, mask: 1 << UInt8(bit))
                let defect = failure { () throws(KeySlotDefect) in
                    _ = try KeySlot(parsing: changed)
                }
                #expect(defect == .damaged)
            }
        }
    }

    @Test("of which any bit is another under a right checksum opens no more")
    func forgedBits() throws {
        let body = Array(try Self.slot(.rawKey(TestKeys.rawKey())).bytes.prefix(192))
        for place in body.indices {
            for bit in 0..<8 {
                let changed = flipped(body, at: place, mask: 1 << UInt8(bit))
                do throws(KeySlotDefect) {
                    let slot = try KeySlot(parsing: changed + SHA256.digest(changed.span))
                    let opened = Self.open(slot, with: .rawKey(TestKeys.rawKey()))
                    #expect(opened == .failure(.wrongKey))
                } catch {
                    // Magic, number, epoch and time are bounded; the rest is refused.
                    #expect(place < KeySlot.headerCount)
                }
            }
        }
    }

    @Test("may have the numbers 0 to 7 and is made in whole seconds")
    func numbers() throws {
        for number: UInt8 in 0..<8 {
            let slot = try Self.slot(
                .rawKey(TestKeys.rawKey()), number: number, created: 253_402_300_799_999)
            #expect(slot.number == number)
            #expect(slot.created == Timestamp(milliseconds: 253_402_300_799_000))
        }
    }

    @Test("asks for at most half of this machine's memory, and for no more than 4 GiB")
    func ceiling() throws {
        let most = min(Argon2.memoryCeiling, 4 * 1_024 * 1_024)
        #expect(Argon2.memoryCeiling > 0)
        for (memory, isTaken) in [(most, true), (most + 1, false)] {
            let header = KeySlot.header(
                number: 0, kind: .passphrase, vault: TestKeys.vault, epoch: .first,
                parameters: KDFParameters(memory: UInt32(memory), passes: 1, lanes: 1),
                salt: [UInt8](repeating: 0, count: 32), created: Timestamp(milliseconds: 0))
            let body = header + [UInt8](repeating: 0, count: 104)
            let defect = failure { () throws(KeySlotDefect) in
                _ = try KeySlot(parsing: body + SHA256.digest(body.span))
            }
            #expect(defect == (isTaken ? nil : .refused(.kdfOutOfBounds)))
        }
    }

    @Test("of several defects names the one that a newer program would understand first")
    func order() throws {
        var body = Array(try Self.slot(.rawKey(TestKeys.rawKey())).bytes.prefix(192))
        func defect() -> KeySlotDefect? {
            failure { () throws(KeySlotDefect) in
                _ = try KeySlot(parsing: body + SHA256.digest(body.span))
            }
        }
        body[87] = 1
        #expect(defect() == .refused(.unknownFlags))
        body[5] = 9
        #expect(defect() == .refused(.unknownSlotKind))
        body[7] = 2
        #expect(defect() == .refused(.unknownSuite))
    }
}

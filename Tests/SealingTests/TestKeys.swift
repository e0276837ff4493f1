// The vault, the keys and the bytes that the tests of this room share.

import SecretMemory
import VaultModel

@testable import Sealing

/// A vault whose identifiers and root key are known.
enum TestKeys {
    static let vaultBytes: [UInt8] = Array(0..<16)
    static let rootBytes: [UInt8] = Array(0x20..<0x40)
    static let ridBytes: [UInt8] = Array(0x80..<0x90)
    static let rawKeyBytes: [UInt8] = Array(0x11..<0x31)

    static let vault = VaultID(identifier(vaultBytes))
    static let rid = RecordID(identifier(ridBytes))
    static let name = SecretName("zpa/prod/ci")!
    static let field = FieldName.secret
    static let object = DamagedObject.record(name, version: 1)

    static func identifier(_ bytes: [UInt8]) -> Identifier { Identifier(bytes)! }
    static func root(_ bytes: [UInt8] = rootBytes) -> RootKey { RootKey(secret(bytes)) }
    static func rawKey(_ bytes: [UInt8] = rawKeyBytes) -> RawKey { RawKey(secret(bytes)) }
    static func secret(_ bytes: [UInt8]) -> SecretBytes { SecretBytes(copying: bytes.span) }

    static func keyring(
        root: [UInt8] = rootBytes, vault: VaultID = vault, epoch: Epoch = .first
    ) throws -> Keyring {
        try Keyring(root: Self.root(root), vault: vault, epoch: epoch)
    }

    /// Bytes that repeat only after 251 of them.
    static func pattern(_ count: Int) -> [UInt8] {
        // The library writes to the one empty array, which ThreadSanitizer takes for a race.
        guard count > 0 else { return [] }
        return Array(unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count { buffer[index] = UInt8(index % 251) }
            filled = count
        }
    }
}

/// The bytes of a secret as an array: in tests they are no secret.
func copy(_ bytes: Span<UInt8>) -> [UInt8] { bytes.withUnsafeBufferPointer { Array($0) } }

/// What `body` throws, or nil.
func failure<Failure: Error>(_ body: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// `bytes` with one of them changed.
func flipped(_ bytes: [UInt8], at index: Int, mask: UInt8 = 1) -> [UInt8] {
    var changed = bytes
    changed[index] ^= mask
    return changed
}

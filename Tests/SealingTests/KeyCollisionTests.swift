// One sealed text, two passphrases: why the format commits to its key (partitioning oracles).

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

/// A text of plain AES-256-GCM that opens under the Argon2id keys of two passphrases.
struct KeyCollision: Decodable {
    struct Cost: Decodable {
        let t, mKib, p: UInt32
        let salt: HexBytes
        var parameters: KDFParameters { KDFParameters(memory: mKib, passes: t, lanes: p) }
    }
    let argon2id: Cost
    let passphrases: [String]
    let keys, plaintexts: [HexBytes]
    let nonce, ctTag: HexBytes
}

@Suite(
    "A text that opens under two keys",
    .enabled(if: VectorFolder.isPublishedThere, VectorFolder.absence))
struct KeyCollisionTests {
    let collision: KeyCollision

    init() throws {
        collision = try VectorFolder.json(
            VectorFolder.published.appending(path: "gcm/two_key_collision.json"),
            as: KeyCollision.self)
    }

    @Test("is accepted by plain AES-GCM under the keys of both passphrases")
    func plain() throws {
        let cipher = AESGCM()
        for (number, passphrase) in collision.passphrases.enumerated() {
            let typed = Array(passphrase.utf8)
            let hash = try Argon2.hash(
                typed.span, salt: collision.argon2id.salt.bytes, collision.argon2id.parameters)
            #expect(copy(hash.bytes) == collision.keys[number].bytes)
            var opened = [UInt8](repeating: 0, count: 32)
            var span = opened.mutableSpan
            let isGenuine = cipher.open(
                collision.ctTag.bytes.span, key: hash.bytes, nonce: collision.nonce.bytes.span,
                into: &span)
            #expect(isGenuine)
            #expect(opened == collision.plaintexts[number].bytes)
        }
    }

    @Test("is refused by a slot under both passphrases, whichever commitment it carries")
    func slot() throws {
        let header = KeySlot.header(
            number: 0, kind: .passphrase, vault: TestKeys.vault, epoch: .first,
            parameters: collision.argon2id.parameters, salt: collision.argon2id.salt.bytes,
            created: Timestamp(milliseconds: 0))
        let salt = [UInt8](repeating: 7, count: Cobblestone.saltCount)
        let root = TestKeys.rootBytes
        for committed in collision.keys {
            var context = CanonicalBytes(domain: "slot")
            context.add(header)
            let cobblestone = Cobblestone(key: committed.bytes.span)
            let made = cobblestone.seal(
                root.span, context: context.bytes, salt: salt)
            let body = header + made.prefix(56) + collision.ctTag.bytes
            let slot = try KeySlot(parsing: body + SHA256.digest(body.span))
            for passphrase in collision.passphrases {
                let typed = Array(passphrase.utf8)
                let key = UnlockKey.passphrase(try Passphrase(typed.span))
                let error = failure { () throws(VaultError) in _ = try slot.open(with: key) }
                #expect(error == .wrongKey)
            }
        }
    }

    @Test("is refused by Cobblestone under both keys")
    func cobblestone() {
        let salt = [UInt8](repeating: 7, count: Cobblestone.saltCount)
        let root = TestKeys.rootBytes
        for committed in collision.keys {
            let cobblestone = Cobblestone(key: committed.bytes.span)
            let made = cobblestone.seal(root.span, context: [], salt: salt)
            let planted = made.prefix(56) + collision.ctTag.bytes
            for key in collision.keys {
                let sealed = Array(planted)
                let other = Cobblestone(key: key.bytes.span)
                let isOpen = other.open(sealed.span, context: []) != nil
                #expect(!isOpen)
            }
        }
    }
}

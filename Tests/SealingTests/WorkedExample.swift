// One vault with every intermediate value, as a vector file tells it.

import Foundation
import VaultModel

@testable import Sealing

struct WorkedExample: Decodable {
    struct PassphraseSlot: Decodable {
        let t, mKib, p: UInt32
        let salt, argon2id, header, sealSalt, record: HexBytes
        var parameters: KDFParameters { KDFParameters(memory: mKib, passes: t, lanes: p) }
    }
    struct RawSlot: Decodable {
        let rawKey, kek, header, sealSalt, record: HexBytes
    }
    struct Subkeys: Decodable {
        let rec, meta, idx, state, audit, deposit: HexBytes
    }
    struct Record: Decodable {
        let rid: HexBytes
        let version: UInt32
        let kind: UInt8
        let state: UInt8
        let value, salt, context, padded, blob, leaf: HexBytes
        let bucket: UInt16
    }
    struct Description: Decodable {
        let name: String
        let mver: UInt64
        let salt, context, padded, blob, blindIndex, leaf: HexBytes
        let bucket: UInt16
    }
    struct Tree: Decodable {
        let buckets, nodes: [String: HexBytes]
        let root: HexBytes
    }
    struct Audit: Decodable {
        /// An entry, or a seal over all entries before it.
        struct Step: Decodable {
            let entry, pkNext, signature: HexBytes?
            let seal, entries: UInt64?
            let tip: HexBytes
        }
        let pk0, start: HexBytes
        let skRule: String
        let steps: [Step]
    }
    struct Head: Decodable {
        let generation: UInt64
        let bytes, mac: HexBytes
    }
    struct Deposit: Decodable {
        let sk, pk, ikmE, depId, enc, ct, row, receipt: HexBytes
        let timeMs: UInt64
        let kind: UInt8
    }

    let vaultId, rootKey: HexBytes
    let epoch: UInt32
    let passphrase: String
    let slotPassphrase: PassphraseSlot
    let slotRaw: RawSlot
    let subkeys: Subkeys
    let record: Record
    let meta: Description
    let tree: Tree
    let audit: Audit
    let head: Head
    let deposit: Deposit
    let padding: [String: Int]

    /// The signing key of a seal, by the rule that the example gives.
    static func signingKey(_ number: UInt32) -> SigningKey {
        var rule = CanonicalBytes()
        rule.add("kat-ed25519-".utf8)
        rule.add(number)
        return SigningKey(seed: TestKeys.secret(SHA256.digest(rule.bytes.span)))
    }

    var vault: VaultID { VaultID(TestKeys.identifier(vaultId.bytes)) }

    /// The two tellings of it.
    enum Source: CaseIterable, CustomStringConvertible {
        /// Made by `Tests/Vectors/generate.py`.
        case own
        /// Made by an implementation that is not ours.
        case published

        /// Those that are there.
        static var there: [Source] {
            VectorFolder.isPublishedThere ? allCases : [.own]
        }

        var description: String { self == .own ? "our own" : "the published one" }

        func load() throws -> WorkedExample {
            let file =
                self == .own
                ? VectorFolder.own.appending(path: "worked-example.json")
                : VectorFolder.published.appending(path: "coffer1-kat.json")
            return try VectorFolder.json(file, as: WorkedExample.self)
        }
    }
}

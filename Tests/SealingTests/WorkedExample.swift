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
        let rec, meta, idx, state, deposit: HexBytes
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
    let head: Head
    let deposit: Deposit
    let padding: [String: Int]

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

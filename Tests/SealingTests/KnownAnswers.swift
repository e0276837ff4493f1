// More answers of each kind, made by `Tests/Vectors/generate.py`.

import VaultModel

@testable import Sealing

struct KnownAnswers: Decodable {
    struct RawKeyText: Decodable {
        let key: HexBytes
        let recoveryCode, keyFile: String
    }
    struct PassphraseForm: Decodable {
        let typed, hashed: HexBytes
    }
    struct Argon2Hash: Decodable {
        let passphrase, salt, hash: HexBytes
        let mKib, t, p: UInt32
        var parameters: KDFParameters { KDFParameters(memory: mKib, passes: t, lanes: p) }
    }
    struct Index: Decodable {
        let name: String
        let index: HexBytes
    }
    struct Record: Decodable {
        let pattern, paddedCount, blobCount: Int
        let version: UInt32
        let rid, salt, blobSha256: HexBytes
    }
    struct Packing: Decodable {
        struct Field: Decodable {
            let name: String
            let value: HexBytes
        }
        let kind: UInt8
        let packed: HexBytes
        let fields: [Field]
    }
    struct Description: Decodable {
        let described: DescribedMetadata
        let encoded, salt, blob: HexBytes
        let revision: UInt64
    }

    struct Tree: Decodable {
        struct Row: Decodable {
            let table, state: UInt8
            let version: UInt64
            let rid, index, blob: HexBytes
        }
        let rows: [Row]
        let leaves: [HexBytes]
        let buckets, nodes, packed: [String: HexBytes]
        let root: HexBytes
    }
    struct SealedDetail: Decodable {
        let told: DescribedDetail
        let number: UInt64
        let encoded, salt, open, ikmE, locked: HexBytes
    }

    /// A job with what is delivered to it, a grant, and the digest over their rows.
    struct Policy: Decodable {
        struct Delivered: Decodable {
            let secret: String
            let version: UInt32
            let expires, time: UInt64
            let id, plaintext, blob, ikmE: HexBytes
            let fields: [Packing.Field]
        }
        struct Granted: Decodable {
            let id, encoded, blob, digest: HexBytes
            let path, note: String
        }
        let job, publicKey, shared, encoded, blob, digest: HexBytes
        let name, file: String
        let created: UInt64
        let deliveries: [Delivered]
        let grant: Granted
    }

    let vaultId, rootKey, rid: HexBytes
    let epoch: UInt32
    let rawKeys: [RawKeyText]
    let passphrases: [PassphraseForm]
    let argon2id: [Argon2Hash]
    let blindIndexes: [Index]
    let padding: [String: Int]
    let records: [Record]
    let packings: [Packing]
    let descriptions: [Description]
    let trees: [Tree]
    let auditDetails: [SealedDetail]
    let policy: Policy

    static func load() throws -> KnownAnswers {
        try VectorFolder.json(
            VectorFolder.own.appending(path: "known-answers.json"), as: KnownAnswers.self)
    }

    func keyring() throws -> Keyring {
        try TestKeys.keyring(
            root: rootKey.bytes, vault: VaultID(TestKeys.identifier(vaultId.bytes)),
            epoch: Epoch(epoch))
    }

    func subkey(_ purpose: SubkeyPurpose) -> Cobblestone {
        let key = TestKeys.root(rootKey.bytes).subkey(
            purpose, vault: VaultID(TestKeys.identifier(vaultId.bytes)), epoch: Epoch(epoch))
        return Cobblestone(key: key.bytes)
    }
}

/// A description in words of JSON.
struct DescribedMetadata: Decodable {
    struct Version: Decodable {
        let number: UInt32
        let state: String
        let created: UInt64
        let fields: [String]
    }

    let name: String
    let issuer, label: String?
    let disabled, managedElsewhere, requiresReason: Bool?
    let fields: [String: String]?
    let tags: [String]?
    let created, modified, expires, removed, maximumAge: UInt64?
    let versions: [Version]?

    var metadata: Metadata {
        var metadata = Metadata(
            name: SecretName(name)!, issuer: issuer.map { IssuerID($0)! } ?? .generic,
            created: Timestamp(milliseconds: created ?? 0))
        metadata.status = disabled == true ? .disabled : .enabled
        metadata.label = label ?? ""
        for (name, value) in fields ?? [:] { metadata.fields[FieldName(name)!] = value }
        metadata.tags = (tags ?? []).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if let modified { metadata.modified = Timestamp(milliseconds: modified) }
        metadata.expires = expires.map { Timestamp(milliseconds: $0) }
        metadata.removed = removed.map { Timestamp(milliseconds: $0) }
        metadata.maximumAge = maximumAge
        metadata.isManagedElsewhere = managedElsewhere == true
        metadata.requiresReason = requiresReason == true
        metadata.versions = (versions ?? []).map { version in
            VersionSummary(
                number: version.number,
                state: VersionState.allCases.first { $0.description == version.state }!,
                created: Timestamp(milliseconds: version.created),
                fields: version.fields.map { FieldName($0)! })
        }
        return metadata
    }
}

/// The private part of an entry in words of JSON.
struct DescribedDetail: Decodable {
    struct Process: Decodable {
        let pid: UInt32
        let executable: UInt8
        let path: String
    }

    let chain: [Process]?
    let terminal, unit, workingDirectory, job, reason, name, newName, prefix,
        recipient: String?
    let version: UInt32?
    let slot: UInt8?
    let count: UInt64?

    var detail: AuditDetail {
        let chain = (chain ?? []).map { process in
            ActingProcess(
                pid: process.pid, path: process.path,
                executable: ActingProcess.Executable(rawValue: process.executable)!)
        }
        var detail = AuditDetail(
            Attribution(
                chain: chain, terminal: terminal, unit: unit, workingDirectory: workingDirectory,
                job: job, reason: reason))
        detail.name = name.map { SecretName($0)! }
        detail.newName = newName.map { SecretName($0)! }
        detail.version = version
        detail.prefix = prefix
        detail.slot = slot
        detail.count = count
        detail.recipient = recipient.map { SecretName($0)! }
        return detail
    }
}

// A job of a test: its identity as the text of its file.

import Sealing
import SecretMemory
import VaultModel

@testable import Storage
@testable import VaultCore

struct TestJob: Sendable {
    let name: SecretName
    private let file: [UInt8]

    /// Adds a job of that name to an open vault.
    init(_ name: SecretName, in open: OpenedVault, at time: Timestamp = .later(1)) throws {
        self.name = name
        let identity = try open.vault.newIdentity(named: name)
        let text = identity.file()
        file = (0..<text.count).map { text.bytes[$0] }
        _ = try open.vault.addJob(identity, at: time)
    }

    func identity() throws(VaultError) -> JobIdentity {
        switch JobIdentity(file: file.span) {
        case .some(let identity): return identity
        case .none: throw .unusableIdentity
        }
    }

    /// What the job opens of a vault that stays locked, field by field.
    func fields(
        _ secret: SecretName, _ version: VersionSelector = .current, of vault: TestVault,
        at time: Timestamp = .later(5), by caller: Caller = .test
    ) throws(VaultError) -> [String: [UInt8]] {
        let identity = try identity()
        let opened = try vault.locked(.reading, by: caller).collect(
            secret, version, with: identity, at: time)
        var values: [String: [UInt8]] = [:]
        for name in opened.secrets.names {
            let value = opened.secrets.value(of: name)
            values[name.text] = value.withUnsafeBufferPointer { [UInt8]($0) }
        }
        for (name, text) in opened.metadata.fields { values[name.text] = Array(text.utf8) }
        return values
    }

    func value(
        _ secret: SecretName, _ version: VersionSelector = .current, of vault: TestVault,
        at time: Timestamp = .later(5)
    ) throws(VaultError) -> [UInt8]? {
        try fields(secret, version, of: vault, at: time)["secret"]
    }
}

extension TestVault {
    /// The rows of the policy, as they lie in the file.
    func policy() throws -> [SealedPolicy] {
        let store = try Store.open(at: path, .readOnly)
        return try store.policy(blobsAtMost: .max).map {
            SealedPolicy($0.columns, blob: $0.blob ?? [])
        }
    }

    func count(_ kind: PolicyKind) throws -> Int {
        try policy().count { $0.columns.kind == kind }
    }
}

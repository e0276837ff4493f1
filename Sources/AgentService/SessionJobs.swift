// Jobs, deliveries and grants at the door in process.

internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    /// The file of an identity for a new job of this vault. Nothing is stored: whoever has it on
    /// disk adds the job.
    public func newIdentity(named name: SecretName) throws(VaultError) -> SecretBytes {
        try unlocked { vault throws(VaultError) in try vault.newIdentity(named: name).file() }
    }

    /// Adds the job of an identity, given as its file.
    public func addJob(
        _ identity: borrowing SecretBytes, at time: Timestamp
    ) throws(VaultError) -> Job {
        let identity = try JobIdentity.reading(identity.bytes)
        return try unlocked { vault throws(VaultError) in
            try vault.addJob(identity, at: time)
        }
    }

    /// Removes a job and all that is delivered to it.
    public func removeJob(_ name: SecretName, at time: Timestamp) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in try vault.removeJob(name, at: time) }
    }

    /// Every job with what is delivered to it, in the order of names.
    public func jobs(at time: Timestamp) throws(VaultError) -> [Job] {
        try unlocked { vault throws(VaultError) in try vault.jobs(at: time) }
    }

    /// Seals the current version of a secret, and each that becomes current, to a job.
    public func deliver(
        _ name: SecretName, to job: SecretName, until expires: Timestamp?, at time: Timestamp
    ) throws(VaultError) {
        try unlocked { vault throws(VaultError) in
            try vault.deliver(name, to: job, until: expires, at: time)
        }
    }

    /// Takes a delivery out.
    public func withdraw(
        _ name: SecretName, from job: SecretName, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try unlocked { vault throws(VaultError) in
            try vault.withdraw(name, from: job, at: time)
        }
    }

    /// Opens what is delivered to the job of an identity, given as its file. The vault stays
    /// locked.
    public func collect(
        _ name: SecretName, _ version: VersionSelector, with identity: borrowing SecretBytes,
        at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        let identity = try JobIdentity.reading(identity.bytes)
        return try locked.collect(name, version, with: identity, at: time)
    }

    /// Whether a text is the file of a job's identity, if it is anything.
    public static func isIdentity(_ text: borrowing SecretBytes) -> Bool {
        JobIdentity.isBeginning(of: text.bytes)
    }
}

extension JobIdentity {
    /// The identity of a file, or `.unusableIdentity`.
    fileprivate static func reading(_ file: Span<UInt8>) throws(VaultError) -> JobIdentity {
        switch JobIdentity(file: file) {
        case .some(let identity): return identity
        case .none: throw .unusableIdentity
        }
    }
}

// Jobs, and what is delivered to them: sealed so that a job opens it while the vault stays locked.

public import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// An identity for a new job of this vault. Nothing is stored: whoever has it in a file adds
    /// the job then.
    public func newIdentity(named name: SecretName) throws(VaultError) -> JobIdentity {
        try JobIdentity(for: keyring.vault, named: name)
    }

    /// Adds a job, with nothing delivered to it. `.jobTaken` if there is one of that name.
    public func addJob(
        _ identity: borrowing JobIdentity, at time: Timestamp
    ) throws(VaultError) -> Job {
        guard identity.vault == keyring.vault else { throw .foreignIdentity }
        let added = identity.added(at: time)
        var note = AuditNote(.jobAdd)
        note.recipient = added.job.name
        note.rid = RecordID(added.job.id.identifier)
        return try change(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            let (name, ids) = (added.job.name, policy.ids(.job))
            guard ids.count < Job.most else { throw .policyFull }
            for id in ids {
                guard try policy.job(id).job.name != name else { throw .jobTaken(name) }
            }
            try put(added.job, added)
            return added.job
        }
    }

    /// Writes a job and opens it again.
    func put(_ job: Job, _ opened: borrowing OpenedJob) throws(VaultError) {
        let row = try policy.key.seal(job, sharing: opened.preShared.bytes)
        try policy.put(row)
        guard try policy.key.job(row).job == job else { throw .readBackDiffers }
    }

    /// Removes a job and all that is delivered to it.
    public func removeJob(_ name: SecretName, at time: Timestamp) throws(VaultError) -> OldRows {
        var note = AuditNote(.jobRemove)
        note.recipient = name
        try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            let opened = try policy.job(named: name)
            note.rid = RecordID(opened.job.id.identifier)
            note.count = UInt64(opened.job.deliveries.count)
            for delivery in opened.job.deliveries {
                try policy.remove(
                    .delivery, opened.deliveryID(of: delivery.name, in: keyring.vault))
            }
            try policy.remove(.job, opened.job.id.identifier)
        }
        return store.truncateLog()
    }

    /// Every job with what is delivered to it, in the order of names.
    public func jobs(at time: Timestamp) throws(VaultError) -> [Job] {
        try reading(AuditNote(.list), at: time) { (_: inout AuditNote) throws(VaultError) in
            try policy.begin(after: tree.head)
            var found: [Job] = []
            for id in policy.ids(.job) { found.append(try policy.job(id).job) }
            return found.sorted { $0.name < $1.name }
        }
    }

    /// Seals the current version of a secret to a job, and each one that becomes current, until
    /// that time. Takes the place of a delivery of the secret to the job.
    public func deliver(
        _ name: SecretName, to recipient: SecretName, until expires: Timestamp?,
        at time: Timestamp
    ) throws(VaultError) {
        var note = AuditNote(.deliver, name)
        note.recipient = recipient
        try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            let opened = try policy.job(named: recipient)
            let found = try require(name, &note)
            guard found.metadata.status == .enabled else { throw .disabled(name) }
            if found.metadata.requiresReason, log.caller.attribution.reason == nil {
                throw .reasonMissing(name)
            }
            guard let version = found.metadata.version(.current) else {
                throw .versionMissing(name, .current)
            }
            note.version = version.number
            var job = opened.job
            job.add(Delivery(of: name, found.rid, until: expires))
            guard job.deliveries.count <= Job.mostDeliveries else { throw .policyFull }
            guard try seal(version, of: found, opened, until: expires, at: time) else {
                throw .valueTooLong
            }
            try put(job, opened)
        }
    }

    /// Seals a version to a job; false if it is too long.
    func seal(
        _ version: VersionSummary, of found: Found, _ job: borrowing OpenedJob,
        until expires: Timestamp?, at time: Timestamp
    ) throws(VaultError) -> Bool {
        let value = try plaintext(of: version, in: found)
        let row = try job.seal(
            version, of: found.metadata, found.rid, value.bytes, in: keyring.vault,
            until: expires, at: time)
        guard let row else { return false }
        try policy.put(row)
        return true
    }

    /// Takes a delivery out. Whoever has an older copy of the file and the job's identity still
    /// opens that copy.
    public func withdraw(
        _ name: SecretName, from recipient: SecretName, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        var note = AuditNote(.revoke, name)
        note.recipient = recipient
        try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            let opened = try policy.job(named: recipient)
            guard let delivery = opened.job.delivery(of: name) else {
                throw .notDelivered(name, to: recipient)
            }
            note.rid = delivery.rid
            var job = opened.job
            job.remove(name)
            try policy.remove(.delivery, opened.deliveryID(of: name, in: keyring.vault))
            try put(job, opened)
        }
        return store.truncateLog()
    }
}

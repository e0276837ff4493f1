// The policy in a new epoch: jobs keep their identities, every row is sealed again.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

extension OpenVault {
    /// The records that are delivered to any job or that a program has a grant of, with room for
    /// their descriptions.
    func deliveredSecrets() throws(VaultError) -> [RecordID: Metadata?] {
        var found: [RecordID: Metadata?] = [:]
        for id in policy.ids(.job) {
            for delivery in try policy.job(id).job.deliveries {
                found.updateValue(nil, forKey: delivery.rid)
            }
        }
        for id in policy.ids(.grant) { found.updateValue(nil, forKey: try policy.grant(id).rid) }
        return found
    }

    /// Seals jobs, deliveries and grants again, of records that are sealed for the next epoch
    /// already. Returns what is to be entered of deliveries that could not be taken along.
    func resealPolicy(
        _ next: borrowing NextEpoch, _ delivered: [RecordID: Metadata?], at time: Timestamp
    ) throws(VaultError) -> [AuditNote] {
        var withdrawn: [AuditNote] = []
        var kept: Set<Identifier> = []
        for id in policy.ids(.job) {
            let opened = try policy.job(id)
            var job = opened.job
            for delivery in opened.job.deliveries {
                let metadata = delivered[delivery.rid] ?? nil
                if try reseal(delivery, opened, metadata, next, at: time) {
                    kept.insert(opened.deliveryID(of: delivery.name, in: keyring.vault))
                    continue
                }
                job.remove(delivery.name)
                var note = AuditNote(.revoke, delivery.name)
                note.rid = delivery.rid
                note.recipient = job.name
                withdrawn.append(note)
            }
            let row = try next.policy.seal(job, sharing: opened.preShared.bytes)
            guard try next.policy.job(row).job == job else { throw .readBackDiffers }
            try policy.put(row)
        }
        // A row that no job names could be taken out by nobody afterwards.
        for id in policy.ids(.delivery) where !kept.contains(id) {
            try policy.remove(.delivery, id)
        }
        return try withdrawn + resealGrants(next, delivered, at: time)
    }

    /// Seals grants again; those of secrets that are left out, and those that are over, go.
    private func resealGrants(
        _ next: borrowing NextEpoch, _ secrets: [RecordID: Metadata?], at time: Timestamp
    ) throws(VaultError) -> [AuditNote] {
        var gone: [AuditNote] = []
        for id in policy.ids(.grant) {
            var grant = try policy.grant(id)
            guard let metadata = secrets[grant.rid] ?? nil, !grant.isOver(at: time) else {
                try policy.remove(.grant, id)
                var note = AuditNote(.grantRemove, grant.name)
                note.rid = grant.rid
                gone.append(note)
                continue
            }
            grant.name = metadata.name
            let row = try next.policy.seal(grant)
            guard try next.policy.grant(row) == grant else { throw .readBackDiffers }
            try policy.put(row)
        }
        return gone
    }

    /// Seals a delivery again from the record of the next epoch; false if there is none, or if its
    /// description is not the one of the secret that was delivered.
    private func reseal(
        _ delivery: Delivery, _ job: borrowing OpenedJob, _ metadata: Metadata?,
        _ next: borrowing NextEpoch, at time: Timestamp
    ) throws(VaultError) -> Bool {
        guard !delivery.isOver(at: time), let metadata, metadata.name == delivery.name,
            metadata.isInUse, let version = metadata.version(.current),
            let row = try store.record(rid: delivery.rid, version: version.number)
        else { return false }
        let value = try next.keyring.open(
            record: row.blob.span, rid: delivery.rid, version: version.number,
            kind: FieldPacking.kind(of: version.fields), naming: .state)
        let sealed = try job.seal(
            version, of: metadata, delivery.rid, value.bytes, in: keyring.vault,
            until: delivery.expires, at: time)
        guard let sealed else { return false }
        try policy.put(sealed)
        return true
    }
}

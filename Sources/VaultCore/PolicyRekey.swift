// The policy in a new epoch: jobs keep their identities, every row is sealed again.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

extension OpenVault {
    /// The records that are delivered to any job, with room for their descriptions.
    func deliveredSecrets() throws(VaultError) -> [RecordID: Metadata?] {
        var found: [RecordID: Metadata?] = [:]
        for id in policy.ids(.job) {
            for delivery in try policy.job(id).job.deliveries {
                found.updateValue(nil, forKey: delivery.rid)
            }
        }
        return found
    }

    /// Seals jobs, deliveries and grants again, of records that are sealed for the next epoch
    /// already. Returns what is to be entered of deliveries that could not be taken along.
    func resealPolicy(
        _ next: borrowing NextEpoch, _ delivered: [RecordID: Metadata?], at time: Timestamp
    ) throws(VaultError) -> [AuditNote] {
        var withdrawn: [AuditNote] = []
        for id in policy.ids(.job) {
            let opened = try policy.job(id)
            var job = opened.job
            for delivery in opened.job.deliveries {
                let metadata = delivered[delivery.rid] ?? nil
                if try reseal(delivery, opened, metadata, next, at: time) { continue }
                try policy.remove(
                    .delivery, opened.deliveryID(of: delivery.name, in: keyring.vault))
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
        for id in policy.ids(.grant) {
            let grant = try policy.grant(id)
            let row = try next.policy.seal(grant)
            guard try next.policy.grant(row) == grant else { throw .readBackDiffers }
            try policy.put(row)
        }
        return withdrawn
    }

    /// Seals a delivery again from the record of the next epoch; false if there is none.
    private func reseal(
        _ delivery: Delivery, _ job: borrowing OpenedJob, _ metadata: Metadata?,
        _ next: borrowing NextEpoch, at time: Timestamp
    ) throws(VaultError) -> Bool {
        guard !delivery.isOver(at: time), let metadata, let version = metadata.version(.current),
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

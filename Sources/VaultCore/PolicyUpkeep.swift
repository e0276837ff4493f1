// The policy follows what becomes of secrets, in the transaction of each change.

internal import Sealing
internal import SecretMemory
internal import Storage
internal import VaultModel

extension OpenVault {
    /// Brings deliveries and grants after what this transaction changed: another current version is
    /// sealed anew, a name is followed, and what is out of use or over is taken out. Returns what
    /// the next head says of the policy.
    func followInPolicy(at time: Timestamp) throws(VaultError) -> [UInt8] {
        if tree.head.policy != StateHead.noPolicy {
            for id in policy.ids(.job) { try followJob(id, at: time) }
            for id in policy.ids(.grant) { try followGrant(id, at: time) }
        }
        return policy.isChanged ? policy.digest : tree.head.policy
    }

    /// A secret that this transaction changed, as it is now; nil if it is gone or out of use.
    private func changed(_ rid: RecordID) throws(VaultError) -> Found? {
        guard let index = tree.touched[rid] ?? nil, let row = try store.metadata(index: index)
        else { return nil }
        let metadata = try open(row, naming: .metadata(nil))
        guard metadata.removed == nil else { return nil }
        return Found(index: index, rid: rid, revision: row.revision, metadata: metadata)
    }

    private func followJob(_ id: Identifier, at time: Timestamp) throws(VaultError) {
        let opened = try policy.job(id)
        var job = opened.job
        for delivery in opened.job.deliveries {
            let isTouched = tree.touched.keys.contains(delivery.rid)
            if delivery.isOver(at: time) {
                try withdraw(delivery, from: &job, opened, at: time)
            } else if isTouched {
                try follow(delivery, of: &job, opened, at: time)
            }
        }
        if job != opened.job { try put(job, opened) }
    }

    private func follow(
        _ delivery: Delivery, of job: inout Job, _ opened: borrowing OpenedJob,
        at time: Timestamp
    ) throws(VaultError) {
        guard let found = try changed(delivery.rid), found.metadata.isInUse,
            let version = found.metadata.version(.current),
            try seal(version, of: found, opened, until: delivery.expires, at: time)
        else { return try withdraw(delivery, from: &job, opened, at: time) }
        let name = found.metadata.name
        guard name != delivery.name else { return }
        try policy.remove(.delivery, opened.deliveryID(of: delivery.name, in: keyring.vault))
        job.remove(delivery.name)
        job.add(Delivery(of: name, delivery.rid, until: delivery.expires))
    }

    private func withdraw(
        _ delivery: Delivery, from job: inout Job, _ opened: borrowing OpenedJob,
        at time: Timestamp
    ) throws(VaultError) {
        try policy.remove(.delivery, opened.deliveryID(of: delivery.name, in: keyring.vault))
        job.remove(delivery.name)
        var note = AuditNote(.revoke, delivery.name)
        note.rid = delivery.rid
        note.recipient = job.name
        try log.append(note, .done, at: time)
    }

    private func followGrant(_ id: Identifier, at time: Timestamp) throws(VaultError) {
        var grant = try policy.grant(id)
        let isTouched = tree.touched.keys.contains(grant.rid)
        guard isTouched || grant.isOver(at: time) else { return }
        if !grant.isOver(at: time) {
            guard let found = try changed(grant.rid) else { return try drop(grant, at: time) }
            guard found.metadata.name != grant.name else { return }
            grant.name = found.metadata.name
            try policy.put(try policy.key.seal(grant))
        } else {
            try drop(grant, at: time)
        }
    }

    private func drop(_ grant: Grant, at time: Timestamp) throws(VaultError) {
        try policy.remove(.grant, grant.id.identifier)
        var note = AuditNote(.grantRemove, grant.name)
        note.rid = grant.rid
        try log.append(note, .done, at: time)
    }
}

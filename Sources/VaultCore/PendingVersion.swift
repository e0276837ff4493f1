// Versions that wait to be put into use: shown, accepted, dropped.

internal import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// Makes a pending version the current one; the current one becomes the previous. It must be
    /// named if there are several. What is said of the secret, and the rules of its use, stay.
    public func accept(
        _ name: SecretName, _ number: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try change(AuditNote(.accept, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            try found.metadata.requireNoRotation()
            let place = try pendingPlace(in: found.metadata, number)
            let version = found.metadata.versions[place]
            note.version = version.number
            // What cannot be opened must not take the place of what can.
            let shown = try pending(version, in: found)
            try supersede(&found.metadata, found.rid)
            try tree.setState(found.rid, version.number, .current)
            found.metadata.versions[place].state = .current
            found.metadata.adoptFields(of: version.number)
            let metadata = try replace(found, at: time)
            return PendingVersion(
                receipt: Receipt(
                    metadata: metadata, version: metadata.versions[place],
                    lastFour: shown.receipt.lastFour),
                deposit: shown.deposit)
        }
    }

    /// A pending version, as it would be accepted.
    public func showPending(
        _ name: SecretName, _ number: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try reading(AuditNote(.show, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            let found = try require(name, &note)
            let place = try pendingPlace(in: found.metadata, number)
            note.version = found.metadata.versions[place].number
            return try pending(found.metadata.versions[place], in: found)
        }
    }

    /// Drops a pending version; its row leaves the file. With the only version the secret goes: a
    /// deposit made it.
    public func discard(
        _ name: SecretName, _ number: UInt32, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        try change(AuditNote(.discard, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            _ = try pendingPlace(in: found.metadata, number)
            if found.metadata.rotation?.new == number { try found.metadata.requireNoRotation() }
            note.version = number
            let others = found.metadata.versions.filter {
                $0.number != number && $0.state != .destroyed
            }
            guard !others.isEmpty else {
                let last = found.metadata.versions.last?.number ?? number
                return try tree.bury(
                    Tombstone(rid: found.rid, version: last, epoch: keyring.epoch),
                    under: found.index)
            }
            try tree.destroy(found.rid, number)
            found.metadata.destroy(number)
            _ = try replace(found, at: time)
        }
        return store.truncateLog()
    }

    /// Where a pending version stands: the one of that number, or the only one.
    private func pendingPlace(
        in metadata: Metadata, _ number: UInt32?
    ) throws(VaultError) -> Int {
        let places = metadata.versions.indices.filter {
            let version = metadata.versions[$0]
            return version.state == .pending && version.number == number ?? version.number
        }
        guard places.count < 2 else {
            throw .pendingAmbiguous(metadata.name, places.map { metadata.versions[$0].number })
        }
        guard let place = places.first else { throw .versionNotPending(metadata.name) }
        return place
    }

    /// What is shown of a version that waits. The last characters of one that is used only with a
    /// reason are shown to those who give one; of one that is handed out by grant only, to nobody.
    private func pending(
        _ version: VersionSummary, in found: Found
    ) throws(VaultError) -> PendingVersion {
        let opened = try open(version, of: found.metadata, found.rid)
        var lastFour: [FieldName: String] = [:]
        if !found.metadata.requiresGrant,
            !found.metadata.requiresReason || log.caller.attribution.reason != nil
        {
            for field in version.fields {
                lastFour[field] = Receipt.lastFour(of: opened.secrets.value(of: field))
            }
        }
        return PendingVersion(
            receipt: Receipt(metadata: found.metadata, version: version, lastFour: lastFour),
            deposit: try deposit(of: found.metadata.name, version.number))
    }

    /// The deposit that became this version, as far as the log tells.
    private func deposit(
        of name: SecretName, _ version: UInt32
    ) throws(VaultError) -> DepositID? {
        for id in try store.loggedDeposits() {
            for row in try store.auditRows(.newest, of: id.identifier, atMost: 8)
            where row.entry.operation == AuditOperation.takeIn.rawValue {
                guard let detail = try? detail(of: row.entry) else { continue }
                if detail.name == name, detail.version == version { return id }
            }
        }
        return nil
    }

    /// Moves the versions that are in use one step on, in the description and in their rows.
    func supersede(_ metadata: inout Metadata, _ rid: RecordID) throws(VaultError) {
        for (state, versions) in metadata.supersede() {
            for version in versions { try tree.setState(rid, version, state) }
        }
    }
}

// A new root key, and every row sealed again under it: whoever has an old copy of the file and its
// key learns nothing of what is stored from then on.

public import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension LockedVault {
    /// How many key slots there are now, damaged ones too.
    public borrowing func slotCount() throws(VaultError) -> Int { try store.slots().count }

    /// Where the vault is kept as it was if a rekey leaves something out.
    public borrowing func aside(at time: Timestamp) -> String {
        BackupFolder(besides: slots.path).pathOfReplaced(at: time)
    }

    /// Ends the epoch in one transaction. `key`, which opens the vault, opens it afterwards too;
    /// the other slots go, for their keys are not here. `progress` is told how many of how many
    /// rows are done. What is damaged stops it before anything is changed, unless `consent` names
    /// it.
    public borrowing func rekey(
        openedBy key: borrowing UnlockKey, parameters: KDFParameters, _ consent: RekeyConsent,
        at time: Timestamp, progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> RekeyReport {
        let now = try SlotSet(of: store, at: slots.path)
        guard now.rows.count == consent.slots else { throw .slotsChanged(path: slots.path) }
        guard now.epoch.number < UInt32.max - 1 else { throw .tampered(.slots) }
        let opened = try open(now, with: key, at: time)
        let vault = try vault(of: opened.root, now, .refuse)
        // What cannot be taken in waits on: it opens with the keys that are kept of this epoch.
        _ = try? vault.drainInbox(thoroughly: true, at: time)
        let next = try NextEpoch(of: now)
        let slot = try KeySlot.seal(
            next.root, with: key, number: opened.number, vault: now.vault, epoch: next.epoch,
            parameters: parameters, created: time)
        _ = try slot.open(with: key)
        let ended = RetiredKey(root: opened.root, vault: now.vault, epoch: now.epoch)
        // Taking in may have mended a slot.
        let seen = try SlotSet(of: store, at: slots.path)
        let note = AuditNote(.rekey)
        let damaged = try vault.entering(note, at: time) {
            (_: inout AuditNote) throws(VaultError) -> [Epoch] in
            do throws(VaultError) {
                return try vault.reseal(
                    next, slot, seen, ended, consent, by: caller, at: time, progress: progress)
            } catch {
                // Which row it is, a verification of what was left as it was says by name.
                if case .tampered = error { _ = try vault.verifyRows { _, _ in } }
                throw error
            }
        }
        return RekeyReport(epoch: next.epoch, rows: store.truncateLog(), damagedKeys: damaged)
    }
}

/// The keys of the epoch that begins.
struct NextEpoch: ~Copyable {
    let root: RootKey
    let epoch: Epoch
    let keyring: Keyring
    let state: StateKey
    let policy: PolicyKey

    init(of now: SlotSet) throws(VaultError) {
        let next = Epoch(now.epoch.number + 1)
        let drawn = try RootKey()
        let made = try Keyring(root: drawn, vault: now.vault, epoch: next)
        epoch = next
        keyring = made
        state = StateKey(root: drawn, vault: now.vault, epoch: next)
        policy = PolicyKey(root: drawn, vault: now.vault, epoch: next)
        root = drawn
    }
}

/// What the description of a secret says of one of its versions.
private struct Layout {
    let kind: RecordKind
    let state: VersionState
}

extension OpenVault {
    fileprivate func reseal(
        _ next: borrowing NextEpoch, _ slot: KeySlot, _ seen: SlotSet,
        _ ended: borrowing RetiredKey, _ consent: RekeyConsent, by caller: Caller,
        at time: Timestamp, progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> [Epoch] {
        try store.requireSpace()
        var damagedKeys: [Epoch] = []
        let log = AuditLog(
            store, AuditKey(root: next.root, vault: seen.vault, epoch: next.epoch),
            vault: seen.vault, by: caller)
        let left = try store.write { () throws(VaultError) -> SeenState in
            try beginWriting(for: .changing)
            guard try seen.isCurrent(in: store) else { throw .slotsChanged(path: seen.path) }
            let damage = try damage(within: consent)
            if damage != nil { try keepAside(consent.aside) }
            try policy.begin(after: tree.head)
            var delivered = try deliveredSecrets()
            let (treeRoot, census) = try resealRows(
                next, without: damage, noting: &delivered, progress: progress)
            let withdrawn = try resealPolicy(next, delivered, at: time)
            damagedKeys = try retired.hand(
                over: ended,
                to: RetirementKey(root: next.root, vault: seen.vault, epoch: next.epoch))
            for row in seen.rows { try store.removeSlot(row.number) }
            try slot.put(in: store)
            try log.begin(after: tree.head, for: .changing)
            for object in damage?.objects ?? [] {
                try log.append(AuditNote(.rekey, without: object), .damaged, at: time)
            }
            for note in withdrawn { try log.append(note, .done, at: time) }
            var note = AuditNote(.rekey)
            note.count = census.records + census.descriptions
            try log.append(note, .done, at: time)
            try log.seal(at: time)
            var head = tree.head.succeeded(
                by: next.root, treeRoot: treeRoot, slots: [slot], policy: policy.digest,
                audit: log.tip, at: time)
            (head.records, head.descriptions) = (census.records, census.descriptions)
            let sealed = next.state.seal(head)
            try store.setHead(sealed)
            return SeenState(head: head, code: sealed.code, tip: log.tip)
        }
        self.log.unsettled = nil
        remember(left)
        return damagedKeys
    }

    /// What is to be left out, nil if nothing; fails if there is more than was agreed to.
    private func damage(within consent: RekeyConsent) throws(VaultError) -> Damage? {
        guard !consent.damaged.isEmpty else {
            if let epoch = try retired.missed().first { throw .tampered(.retiredKey(epoch)) }
            return nil
        }
        let damage = try survey()
        for object in damage.objects where !consent.damaged.contains(object) {
            throw .tampered(object)
        }
        return damage
    }

    /// Writes a copy of the vault as it is: nobody else can change it, and nothing was changed yet.
    private func keepAside(_ path: String) throws(VaultError) {
        let store = try Store.openAsItIs(at: slots.path, .readOnly)
        let copy = try store.read { () throws(VaultError) -> VaultCopy in
            try store.copy(for: path)
        }
        try copy.publish()
    }

    /// Seals every row again, each opened and held against the tree before, and read back after.
    /// Returns the root of the new tree and what is in it. What does not open is left out if there
    /// is `damage`: then the tree before has nothing to say.
    private func resealRows(
        _ next: borrowing NextEpoch, without damage: Damage?,
        noting delivered: inout [RecordID: Metadata?], progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> (root: [UInt8], census: StateTree.Census) {
        let total = tree.head.descriptions + tree.head.records
        var done: UInt64 = 0
        func advance() {
            done += 1
            if done & 0x3f == 0 { progress(min(done, total), total) }
        }
        var (old, new) = (StateTree.Census(), StateTree.Census())
        var layouts: [RecordID: [UInt32: Layout]] = [:]
        try store.resealMetadata { row throws(VaultError) in
            advance()
            old.add(description: tree.key.leaf(row))
            if damage?.leavesOut(row) == true { return nil }
            let lost = damage?.lost(of: row.rid) ?? []
            let (metadata, resealed) = try reseal(row, without: lost, next)
            var known: [UInt32: Layout] = [:]
            for version in metadata.versions where !lost.contains(version.number) {
                known[version.number] = Layout(
                    kind: FieldPacking.kind(of: version.fields), state: version.state)
            }
            layouts[row.rid] = known
            if delivered.keys.contains(row.rid) { delivered[row.rid] = metadata }
            new.add(description: next.state.leaf(resealed))
            return resealed
        }
        try store.resealRecords { row throws(VaultError) in
            advance()
            old.add(record: tree.key.leaf(row.columns))
            guard let layout = layouts[row.rid]?[row.version] else {
                if damage != nil { return nil }
                throw .tampered(.state)
            }
            let resealed = try reseal(row, layout, next)
            new.add(record: next.state.leaf(resealed.columns))
            return resealed
        }
        var refuted: [RecordID] = []
        try store.forEachTombstone { row throws(VaultError) in
            old.add(tombstone: tree.key.leaf(row))
            // That a secret was purged which is there and opens, its row says and no seal.
            if damage != nil, layouts[row.rid] != nil { return refuted.append(row.rid) }
            new.add(tombstone: next.state.leaf(row))
        }
        for rid in refuted { try store.deleteTombstone(rid) }
        if damage == nil, try tree.misfit(old, rowReaders()) != nil { throw .tampered(.state) }
        progress(total, total)
        return (try tree.replace(by: new, under: next.state), new)
    }

    private func reseal(
        _ row: SealedMetadata, without lost: Set<UInt32>, _ next: borrowing NextEpoch
    ) throws(VaultError) -> (metadata: Metadata, row: SealedMetadata) {
        guard var metadata = keyring.listed(row) else { throw .tampered(.metadata(nil)) }
        metadata.lose(lost)
        let resealed = SealedMetadata(
            index: next.keyring.blindIndex(of: metadata.name), rid: row.rid,
            revision: row.revision, epoch: next.epoch,
            blob: try next.keyring.seal(
                metadata: metadata, rid: row.rid, revision: row.revision))
        guard next.keyring.listed(resealed) == metadata else { throw .readBackDiffers }
        return (metadata, resealed)
    }

    private func reseal(
        _ row: SealedRecord, _ layout: Layout, _ next: borrowing NextEpoch
    ) throws(VaultError) -> SealedRecord {
        guard row.epoch == keyring.epoch else { throw .tampered(.state) }
        let kind = layout.kind
        let value = try keyring.open(
            record: row.blob.span, rid: row.rid, version: row.version, kind: kind,
            naming: .state)
        let blob = try next.keyring.seal(
            record: value.bytes, rid: row.rid, version: row.version, kind: kind)
        let again = try next.keyring.open(
            record: blob.span, rid: row.rid, version: row.version, kind: kind, naming: .state)
        guard ConstantTime.areEqual(value.bytes, again.bytes) else { throw .readBackDiffers }
        let columns = RecordColumns(
            rid: row.rid, version: row.version, epoch: next.epoch, state: layout.state,
            digest: next.state.digest(of: blob.span))
        return SealedRecord(columns, blob: blob)
    }
}

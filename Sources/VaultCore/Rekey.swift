// A new root key, and every row sealed again under it: whoever has an old copy of the file and its
// key learns nothing of what is stored from then on.

public import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension LockedVault {
    /// Ends the epoch in one transaction. `key`, which opens the vault, opens it afterwards too;
    /// the other slots go, for their keys are not here. `progress` is told how many of how many
    /// rows are done. A row that is damaged stops it before anything is changed.
    public borrowing func rekey(
        openedBy key: borrowing UnlockKey, parameters: KDFParameters, at time: Timestamp,
        progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> (epoch: Epoch, rows: OldRows) {
        let now = try SlotSet(of: store, at: slots.path)
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
        try vault.entering(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            do throws(VaultError) {
                try vault.reseal(
                    next, slot, seen, ended, by: caller, at: time, progress: progress)
            } catch {
                // Which row it is, a verification of what was left as it was says by name.
                if case .tampered = error { _ = try vault.verifyRows { _, _ in } }
                throw error
            }
        }
        return (next.epoch, store.truncateLog())
    }
}

/// The keys of the epoch that begins.
struct NextEpoch: ~Copyable {
    let root: RootKey
    let epoch: Epoch
    let keyring: Keyring
    let state: StateKey

    init(of now: SlotSet) throws(VaultError) {
        let next = Epoch(now.epoch.number + 1)
        let drawn = try RootKey()
        let made = try Keyring(root: drawn, vault: now.vault, epoch: next)
        epoch = next
        keyring = made
        state = StateKey(root: drawn, vault: now.vault, epoch: next)
        root = drawn
    }
}

extension OpenVault {
    fileprivate func reseal(
        _ next: borrowing NextEpoch, _ slot: KeySlot, _ seen: SlotSet,
        _ ended: borrowing RetiredKey, by caller: Caller, at time: Timestamp,
        progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) {
        try store.requireSpace()
        let log = AuditLog(
            store, AuditKey(root: next.root, vault: seen.vault, epoch: next.epoch),
            vault: seen.vault, by: caller)
        let left = try store.write { () throws(VaultError) -> SeenState in
            try beginWriting(for: .changing)
            guard try seen.isCurrent(in: store) else { throw .slotsChanged(path: seen.path) }
            let treeRoot = try resealRows(next, progress: progress)
            try retired.hand(
                over: ended,
                to: RetirementKey(root: next.root, vault: seen.vault, epoch: next.epoch))
            for row in seen.rows { try store.removeSlot(row.number) }
            try slot.put(in: store)
            try log.begin(after: tree.head, for: .changing)
            var note = AuditNote(.rekey)
            note.count = tree.head.records + tree.head.descriptions
            try log.append(note, .done, at: time)
            try log.seal(at: time)
            let head = tree.head.succeeded(
                by: next.root, treeRoot: treeRoot, slots: [slot], audit: log.tip, at: time)
            let sealed = next.state.seal(head)
            try store.setHead(sealed)
            return SeenState(head: head, code: sealed.code, tip: log.tip)
        }
        self.log.unsettled = nil
        remember(left)
    }

    /// Seals every row again, each opened and held against the tree before, and read back after.
    /// Returns the root of the new tree.
    private func resealRows(
        _ next: borrowing NextEpoch, progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> [UInt8] {
        let total = tree.head.descriptions + tree.head.records
        var done: UInt64 = 0
        func advance() {
            done += 1
            if done & 0x3f == 0 { progress(min(done, total), total) }
        }
        var (old, new) = (StateTree.Census(), StateTree.Census())
        var kinds: [RecordID: [UInt32: RecordKind]] = [:]
        try store.resealMetadata { row throws(VaultError) in
            advance()
            old.add(description: tree.key.leaf(row))
            let (metadata, resealed) = try reseal(row, next)
            var known: [UInt32: RecordKind] = [:]
            for version in metadata.versions {
                known[version.number] = FieldPacking.kind(of: version.fields)
            }
            kinds[row.rid] = known
            new.add(description: next.state.leaf(resealed))
            return resealed
        }
        try store.resealRecords { row throws(VaultError) in
            advance()
            old.add(record: tree.key.leaf(row.columns))
            let kind = kinds[row.rid]?[row.version]
            let resealed = try reseal(row, kind, next)
            new.add(record: next.state.leaf(resealed.columns))
            return resealed
        }
        try store.forEachTombstone { row throws(VaultError) in
            old.add(tombstone: tree.key.leaf(row))
            new.add(tombstone: next.state.leaf(row))
        }
        guard try tree.misfit(old, rowReaders()) == nil else { throw .tampered(.state) }
        progress(total, total)
        return try tree.replace(by: new, under: next.state)
    }

    private func reseal(
        _ row: SealedMetadata, _ next: borrowing NextEpoch
    ) throws(VaultError) -> (metadata: Metadata, row: SealedMetadata) {
        guard let metadata = keyring.listed(row) else { throw .tampered(.metadata(nil)) }
        let resealed = SealedMetadata(
            index: next.keyring.blindIndex(of: metadata.name), rid: row.rid,
            revision: row.revision, epoch: next.epoch,
            blob: try next.keyring.seal(
                metadata: metadata, rid: row.rid, revision: row.revision))
        guard next.keyring.listed(resealed) == metadata else { throw .readBackDiffers }
        return (metadata, resealed)
    }

    private func reseal(
        _ row: SealedRecord, _ kind: RecordKind?, _ next: borrowing NextEpoch
    ) throws(VaultError) -> SealedRecord {
        guard let kind, row.epoch == keyring.epoch else { throw .tampered(.state) }
        let value = try keyring.open(
            record: row.blob.span, rid: row.rid, version: row.version, kind: kind,
            naming: .state)
        let blob = try next.keyring.seal(
            record: value.bytes, rid: row.rid, version: row.version, kind: kind)
        let again = try next.keyring.open(
            record: blob.span, rid: row.rid, version: row.version, kind: kind, naming: .state)
        guard ConstantTime.areEqual(value.bytes, again.bytes) else { throw .readBackDiffers }
        let columns = RecordColumns(
            rid: row.rid, version: row.version, epoch: next.epoch, state: row.state,
            digest: next.state.digest(of: blob.span))
        return SealedRecord(columns, blob: blob)
    }
}

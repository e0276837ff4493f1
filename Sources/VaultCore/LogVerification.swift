// Whether the log is whole, from the file, the head, the anchor and a receipt.

internal import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension LockedVault {
    /// Where the vault stands, for a receipt. The head is taken as it is: only an open vault can
    /// prove it.
    public borrowing func receipt() throws(VaultError) -> AuditReceipt {
        let (store, vault) = (store, slots.vault)
        // What a power cut could still take back must not be on paper.
        if store.truncateLog(.briefly) != .gone { try store.sync() }
        return try store.read { () throws(VaultError) -> AuditReceipt in
            let head = try Self.statedHead(in: store)
            let tip = try AuditPlace(store, vault).tip
            return AuditReceipt(
                vault: vault, generation: head.generation, entries: tip.entries, seals: tip.seals,
                tip: tip.tip)
        }
    }

    /// Walks the whole log: entries in their order, links, seals and keys, and that it goes on from
    /// what the head, the anchor and `receipt` say of it. Needs no key; without one the head is
    /// believed. `progress` is told how many of how many entries are done.
    public borrowing func verifyLog(
        against receipt: AuditReceipt?, progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> AuditVerification {
        let (store, vault, anchor) = (store, slots.vault, anchor)
        if let receipt, receipt.vault != vault { throw .receiptDiffers(receipt) }
        let known = try anchor.bytes()
        return try store.read { () throws(VaultError) -> AuditVerification in
            let head = try Self.statedHead(in: store)
            guard let tip = try store.auditTip() else { throw .tampered(.audit) }
            guard head.vault == vault else { throw .tampered(.head) }
            if let receipt, head.generation < receipt.generation {
                throw .receiptDiffers(receipt)
            }
            let remembered = try anchor.remembered(head, tip, since: known)
            var milestones = [Self.milestone(of: head)]
            if let anchor = remembered.anchor { milestones.append(Self.milestone(of: anchor)) }
            if let receipt { milestones.append(Self.milestone(of: receipt)) }
            var walk = AuditWalk(
                vault, firstKey: tip.firstKey, headAfter: head.entries, milestones: milestones)
            try walk.begin()
            do throws(VaultError) {
                try store.forEachAuditRow { (row: AuditRow) throws(VaultError) in
                    try walk.take(row)
                    if row.entry.number & 0xfff == 0 {
                        progress(min(row.entry.number, tip.entries), tip.entries)
                    }
                }
            } catch { throw try walk.stopped(by: error) }
            var found = try walk.end(tip, signingKey: Self.signingKey(in: store))
            guard try store.isAuditIndexWhole() else {
                throw .logBroken(at: 0, .index)
            }
            found.anchor = remembered.state
            return found
        }
    }

    /// What the head says, whoever wrote it.
    static func statedHead(in store: Store) throws(VaultError) -> StateHead {
        guard let head = try store.head().flatMap({ StateHead(parsing: $0.bytes) }) else {
            throw .tampered(.head)
        }
        return head
    }

    private static func signingKey(in store: Store) throws(VaultError) -> [UInt8] {
        var seed = SecretBytes()
        try store.withSigningKey { bytes in seed = SecretBytes(copying: bytes) }
        return SigningKey(seed: seed).publicKey
    }

    private static func milestone(of head: StateHead) -> AuditMilestone {
        AuditMilestone(
            entries: head.entries, seals: head.seals,
            error: .logBroken(at: head.entries, .end)
        ) { $0 == head.auditTip }
    }

    private static func milestone(of anchor: Anchor) -> AuditMilestone {
        AuditMilestone(
            entries: anchor.entries, seals: anchor.seals, error: .rolledBack(.forked)
        ) { $0 == anchor.tip }
    }

    private static func milestone(of receipt: AuditReceipt) -> AuditMilestone {
        AuditMilestone(
            entries: receipt.entries, seals: receipt.seals, error: .receiptDiffers(receipt)
        ) { AuditReceipt.short($0) == receipt.tip }
    }
}

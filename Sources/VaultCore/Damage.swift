// Everything in a vault that is not as it was left, so that the rest can be taken out of it.

internal import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

/// What a look at every row found.
struct Damage {
    /// In the order of their names, what has none first.
    fileprivate(set) var objects: [DamagedObject] = []
    /// Versions that a description knows and that do not open, or are gone.
    fileprivate var lost: [RecordID: Set<UInt32>] = [:]
    /// By record, the newest description that opens.
    fileprivate var kept: [RecordID: UInt64] = [:]

    /// Whether a description does not open, or is an older one that was put back.
    func leavesOut(_ row: SealedMetadata) -> Bool { kept[row.rid] != row.revision }

    func lost(of rid: RecordID) -> Set<UInt32> { lost[rid] ?? [] }
}

extension OpenVault {
    /// What a rekey would have to leave out; nothing if all is as it was left.
    public func damage() throws(VaultError) -> [DamagedObject] {
        try looking { () throws(VaultError) in try survey().objects }
    }

    /// Opens every row. Asked within a transaction.
    func survey() throws(VaultError) -> Damage {
        var damage = Damage()
        var census = StateTree.Census()
        let secrets = try descriptions(&damage, &census)
        try openRecords(of: secrets, &damage, &census)
        try store.forEachTombstone { (row: Tombstone) throws(VaultError) in
            census.add(tombstone: tree.key.leaf(row))
        }
        try nameMisfits(census, among: secrets, &damage)
        for epoch in try retired.missed() { damage.objects.append(.retiredKey(epoch)) }
        return damage
    }

    private func descriptions(
        _ damage: inout Damage, _ census: inout StateTree.Census
    ) throws(VaultError) -> [RecordID: Metadata] {
        var secrets: [RecordID: Metadata] = [:]
        var found = (damage: Damage(), census: StateTree.Census())
        try store.forEachMetadata { (row: SealedMetadata) throws(VaultError) in
            found.census.add(description: tree.key.leaf(row))
            guard let metadata = keyring.listed(row) else {
                found.damage.objects.append(.metadata(nil))
                return
            }
            guard found.damage.kept[row.rid] ?? 0 < row.revision else { return }
            found.damage.kept[row.rid] = row.revision
            secrets[row.rid] = metadata
        }
        (damage, census) = found
        return secrets
    }

    private func openRecords(
        of secrets: [RecordID: Metadata], _ damage: inout Damage,
        _ census: inout StateTree.Census
    ) throws(VaultError) {
        var lost = secrets.mapValues { metadata in
            Set(metadata.versions.filter { $0.state != .destroyed }.map(\.number))
        }
        var counted = StateTree.Census()
        swap(&counted, &census)
        try store.forEachBlob { (row: SealedRecord) throws(VaultError) in
            counted.add(record: tree.key.leaf(row.columns))
            guard let version = secrets[row.rid]?.version(.number(row.version)) else { return }
            if opens(row, version) { lost[row.rid]?.remove(row.version) }
        }
        swap(&counted, &census)
        damage.lost = lost.filter { !$0.value.isEmpty }
        let named = damage.lost.compactMap { rid, versions in
            secrets[rid].map { (name: $0.name, versions: versions) }
        }
        for (name, versions) in named.sorted(by: { $0.name < $1.name }) {
            for version in versions.sorted() {
                damage.objects.append(.record(name, version: version))
            }
        }
    }

    private func opens(_ row: SealedRecord, _ version: VersionSummary) -> Bool {
        guard row.epoch == keyring.epoch else { return false }
        do throws(VaultError) {
            _ = try keyring.open(
                record: row.blob.span, rid: row.rid, version: row.version,
                kind: FieldPacking.kind(of: version.fields), naming: .state)
            return true
        } catch { return false }
    }

    /// Names what lies where rows are not those of the tree, unless it is named already.
    private func nameMisfits(
        _ census: borrowing StateTree.Census, among secrets: [RecordID: Metadata],
        _ damage: inout Damage
    ) throws(VaultError) {
        let misfits: [StateMisfit]
        do throws(VaultError) { misfits = try tree.misfits(census, rowReaders()) } catch {
            guard case .tampered = error else { throw error }
            damage.objects.append(.state)
            return
        }
        guard !misfits.isEmpty else { return }
        var names: [UInt16: Set<SecretName>] = [:]
        for (rid, metadata) in secrets {
            names[rid.bucket, default: []].insert(metadata.name)
            names[keyring.blindIndex(of: metadata.name).bucket, default: []].insert(metadata.name)
        }
        let lost = Set(damage.lost.keys.compactMap { secrets[$0]?.name })
        var beside: Set<SecretName> = []
        // Where a description does not open, its row does not fit either.
        var isExplained = damage.objects.contains(.metadata(nil))
        for misfit in misfits {
            guard case .bucket(let bucket) = misfit, let found = names[bucket] else {
                if !isExplained { damage.objects.append(.state) }
                isExplained = true
                continue
            }
            if lost.isDisjoint(with: found) { beside.formUnion(found) }
        }
        damage.objects += beside.sorted().map { .rows(of: $0) }
    }
}

extension AuditNote {
    /// What of a damaged vault was left behind.
    init(_ operation: AuditOperation, without object: DamagedObject) {
        self.init(operation)
        switch object {
        case .record(let damaged, let number): (name, version) = (damaged, number)
        case .rows(let damaged): name = damaged
        case .metadata(let damaged): name = damaged
        default: break
        }
    }
}

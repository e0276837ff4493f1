// What one thread needs to open descriptions and hash rows: keys that no other thread uses.

internal import Sealing
internal import Storage
internal import VaultModel

/// Copies of the keys; libcrypto's contexts serve one thread at a time.
final class RowReader {
    private let keyring: Keyring
    let key: StateKey

    init(_ keyring: borrowing Keyring, _ key: borrowing StateKey) {
        self.keyring = keyring.copy()
        self.key = key.copy()
    }

    /// A description with its place in the state tree; no description if it does not open.
    struct Reading {
        let leaf: StateLeaf
        let metadata: Metadata?
    }

    func read(_ row: SealedMetadata) -> Reading {
        Reading(leaf: key.leaf(row), metadata: keyring.listed(row))
    }
}

extension Keyring {
    /// The description in a row, or nil if it does not open or stands under another name's index.
    borrowing func listed(_ row: SealedMetadata) -> Metadata? {
        guard row.epoch == epoch,
            let metadata = try? open(
                metadata: row.blob.span, rid: row.rid, revision: row.revision,
                naming: .metadata(nil)),
            blindIndex(of: metadata.name) == row.index
        else { return nil }
        return metadata
    }
}

extension OpenVault {
    /// One for each core.
    func rowReaders() -> [RowReader] {
        (0..<Cores.count).map { _ in RowReader(keyring, tree.key) }
    }

    /// Opens every description, in the order in which they were stored, and takes it into the
    /// census.
    func forEachDescription(
        _ readers: [RowReader], _ census: inout StateTree.Census,
        _ body: (RecordID, Metadata?) throws(VaultError) -> Void
    ) throws(VaultError) {
        var counted = StateTree.Census()
        swap(&counted, &census)
        try inPortions(
            store.forEachMetadata, size: { $0.blob.count }, with: readers,
            work: { $0.read($1) },
            use: { rows, read throws(VaultError) in
                for place in rows.indices {
                    counted.add(description: read[place].leaf)
                    try body(rows[place].rid, read[place].metadata)
                }
            })
        swap(&counted, &census)
    }
}

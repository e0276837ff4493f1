// Every row of the vault held against the state tree at once, on all cores.

internal import Sealing
internal import Storage
internal import VaultModel

extension StateTree {
    /// Collects the leaves of all rows, by node.
    struct Census {
        fileprivate var leaves = [[StateLeaf]](repeating: [], count: 256)
        private(set) var records: UInt64 = 0
        private(set) var descriptions: UInt64 = 0

        fileprivate mutating func add(_ leaf: StateLeaf) {
            leaves[Int(leaf.bucket >> 8)].append(leaf)
        }

        mutating func add(description leaf: StateLeaf) {
            add(leaf)
            descriptions += 1
        }

        mutating func add(record leaf: StateLeaf) {
            add(leaf)
            records += 1
        }

        mutating func add(tombstone leaf: StateLeaf) { add(leaf) }
    }

    /// Adds all rows that are no descriptions.
    func count(_ census: inout Census, _ readers: [RowReader]) throws(VaultError) {
        var counted = Census()
        swap(&counted, &census)
        try inPortions(
            store.forEachRecord, size: { _ in 0 }, with: readers, work: { $0.key.leaf($1) },
            use: { _, leaves throws(VaultError) in
                for leaf in leaves { counted.add(record: leaf) }
            })
        try store.forEachTombstone { (row: Tombstone) throws(VaultError) in
            counted.add(key.leaf(row))
        }
        swap(&counted, &census)
    }

    /// Writes the codes of a complete census under another key, in the place of all that are there.
    /// Returns the root.
    func replace(
        by census: borrowing Census, under key: borrowing StateKey
    ) throws(VaultError) -> [UInt8] {
        try store.deleteCodes()
        var nodes = CodeRow.empty
        for node in UInt8.min...UInt8.max where !census.leaves[Int(node)].isEmpty {
            let row = key.codes(of: census.leaves[Int(node)].sorted())
            try store.setCodes(.buckets(ofNode: node), row.packed)
            nodes[node] = key.code(ofNode: node, row)
        }
        try store.setCodes(.nodes, nodes.packed)
        return nodes.root
    }

    /// The first place where a complete census is not what was left in the vault, or nil.
    func misfit(
        _ census: borrowing Census, _ readers: [RowReader]
    ) throws(VaultError) -> StateMisfit? {
        try misfits(census, readers).first
    }

    /// Every such place.
    func misfits(
        _ census: borrowing Census, _ readers: [RowReader]
    ) throws(VaultError) -> [StateMisfit] {
        let known = try checkedNodes()
        var stored: [UInt8: CodeRow] = [:]
        try store.forEachCodes { (node: UInt8, packed: [UInt8]) throws(VaultError) in
            guard let row = CodeRow(packed: packed) else { throw .tampered(.state) }
            stored[node] = row
        }
        let leaves = census.leaves
        let misfits = Cores.map(Array(UInt8.min...UInt8.max), with: readers) { reader, node in
            reader.key.misfits(
                ofNode: node, leaves[Int(node)], stored[node] ?? .empty, code: known[node])
        }.flatMap(\.self)
        guard misfits.isEmpty else { return misfits }
        let counted = head.records == census.records && head.descriptions == census.descriptions
        return counted ? [] : [.counts]
    }
}

extension StateKey {
    /// Where a node is not what was left in the vault: `leaves` are all that were found under it,
    /// `row` and `code` what is stored of its buckets and of itself.
    fileprivate func misfits(
        ofNode node: UInt8, _ leaves: [StateLeaf], _ row: CodeRow, code: [UInt8]?
    ) -> [StateMisfit] {
        // Nothing here, in the row and in the code above it.
        if leaves.isEmpty, row.isEmpty, StateTree.areEqual(code, nil) { return [] }
        let made = codes(of: leaves.sorted())
        let differing = made.differences(from: row)
        guard differing.isEmpty else {
            return differing.map { .bucket(UInt16(node) << 8 | UInt16($0)) }
        }
        return StateTree.areEqual(self.code(ofNode: node, made), code) ? [] : [.node(node)]
    }

    /// The codes of a node's buckets from all leaves of the node, which are in their order.
    fileprivate func codes(of leaves: [StateLeaf]) -> CodeRow {
        var row = CodeRow.empty
        var rest = leaves[...]
        while let bucket = rest.first?.bucket {
            let end = rest.firstIndex { $0.bucket != bucket } ?? rest.endIndex
            row[UInt8(bucket & 0xff)] = code(ofBucket: bucket, rest[..<end])
            rest = rest[end...]
        }
        return row
    }
}

/// Where rows are not what was left in the vault.
enum StateMisfit: Hashable {
    case bucket(UInt16)
    case node(UInt8)
    case counts
}

// Which secrets are here: descriptions only, no value is touched.

internal import Sealing
internal import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// The description of a secret, hidden ones too.
    public func describe(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        let note = AuditNote(.show, name)
        return try reading(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            guard let found = try find(name, &note) else { throw .secretMissing(name) }
            return found.metadata
        }
    }

    /// The descriptions of all secrets whose names begin with `prefix`, and how many do not open.
    /// If all of them open, they and all other rows must be what was left in the vault: a list that
    /// may lack a name is worth nothing, so it is refused before a name of it is shown.
    public func list(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> Inventory {
        var found = Inventory(secrets: [], damaged: 0)
        var note = AuditNote(.list)
        if !prefix.isEmpty { note.prefix = prefix }
        try reading(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            found.damaged = try survey(into: &found.secrets) { _, metadata in
                let isWanted =
                    (metadata.removed == nil) == (removed == .hide)
                    && metadata.name.text.hasPrefix(prefix)
                return isWanted ? metadata : nil
            }
        }
        found.secrets.sort { $0.name < $1.name }
        return found
    }

    /// The names that begin with `prefix`. They are read and checked as `list` does it, once in
    /// each state of the vault.
    public func names(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> PackedList {
        var note = AuditNote(.list)
        if !prefix.isEmpty { note.prefix = prefix }
        var damaged = 0
        let packed = try reading(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            if let known = names.names(prefix: prefix, removed, under: tree.headCode) {
                return known
            }
            var (shown, hidden): ([ListedName], [ListedName]) = ([], [])
            var found: [(ListedName, isRemoved: Bool)] = []
            damaged = try survey(into: &found) { (ListedName($1), $1.removed != nil) }
            for (name, isRemoved) in found {
                if isRemoved { hidden.append(name) } else { shown.append(name) }
            }
            let all = PackedNames(shown)
            let gone = PackedNames(hidden)
            let wanted =
                removed == .hide ? all.beginning(with: prefix) : gone.beginning(with: prefix)
            if damaged == 0 { names.learn(all, gone, under: tree.headCode) }
            return wanted
        }
        return PackedList(names: packed, damaged: damaged)
    }

    /// Every secret with its record, hidden ones too, in the order of their names. Entered as a
    /// reading of the log: it is what an audit begins with.
    public func keys(at time: Timestamp) throws(VaultError) -> [(RecordID, Metadata)] {
        var found: [(RecordID, Metadata)] = []
        try reading(AuditNote(.audit), at: time) { (_: inout AuditNote) throws(VaultError) in
            guard try survey(into: &found, { ($0, $1) }) == 0 else {
                throw .tampered(.metadata(nil))
            }
        }
        return found.sorted { $0.1.name < $1.1.name }
    }

    /// Opens every description, keeps what `body` makes of them, and returns how many do not open.
    /// If all do, they and all other rows are what was left in the vault.
    private func survey<Kept>(
        into kept: inout [Kept], _ body: (RecordID, Metadata) -> Kept?
    ) throws(VaultError) -> Int {
        let readers = rowReaders()
        var census = StateTree.Census()
        var damaged = 0
        try forEachDescription(readers, &census) { rid, metadata in
            guard let metadata else {
                damaged += 1
                return
            }
            if let made = body(rid, metadata) { kept.append(made) }
        }
        guard damaged == 0 else { return damaged }
        try tree.count(&census, readers)
        guard try tree.misfit(census, readers) == nil else { throw .tampered(.state) }
        return 0
    }
}

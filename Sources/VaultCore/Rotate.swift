// A rotation in the vault: each step of its journal is one transaction with what it does to the
// versions, on disk and in the log when it returns. What follows what, the journal's rules say.

internal import Sealing
public import SecretMemory
internal import Storage
public import VaultModel

extension OpenVault {
    /// Begins a rotation of the current version: nothing was done at the issuer yet. One of a
    /// secret at a time.
    public func beginRotation(
        _ name: SecretName, _ mode: RotationMode, grace: UInt64, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try change(AuditNote(.rotate, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            try found.metadata.requireNoRotation()
            guard !found.metadata.isManagedElsewhere else { throw .managedElsewhere(name) }
            guard grace <= RotationJournal.longestGrace else { throw .rotationUnfit(name) }
            guard let old = found.metadata.version(.current) else {
                throw .versionMissing(name, .current)
            }
            // Before there is a value that has no place.
            guard found.metadata.mayHaveAnotherVersion else { throw .tooManyVersions(name) }
            note.version = old.number
            let begun = RotationJournal(
                id: RotationID(try Randomness.identifier()), mode: mode, old: old.number,
                grace: grace, begun: time)
            found.metadata.rotation =
                found.metadata.rotation.map { $0.followed(by: begun) } ?? begun
            return try replace(found, at: time)
        }
    }

    /// Puts `next` in the place of the journal `seen`, which must be the one that is there: what
    /// another process did meanwhile is not undone. Times are set here.
    public func advanceRotation(
        _ name: SecretName, from seen: RotationJournal, to next: RotationJournal,
        at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try change(AuditNote(Self.operation(from: seen, to: next), name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            guard found.metadata.rotation == seen else { throw .rotationMoved(name) }
            guard seen.mayBecome(next) else { throw .rotationUnfit(name) }
            note.version = next.new ?? next.old
            var next = next
            next.changed = next.state == seen.state ? seen.changed : time
            switch seen.effect(of: next) {
            case .none: break
            case .promote: try promote(&found, &next)
            case .rollBack:
                note.version = next.old
                try bringBack(next.old, &found)
                swap(&found.metadata.expires, &next.expires)
            case .retireOld:
                note.version = next.old
                try retire(next.old, from: [.previous], &found)
            case .retireNew:
                if let new = next.new { try retire(new, from: [.pending, .previous], &found) }
            }
            found.metadata.rotation = next
            return try replace(found, at: time)
        }
    }

    /// Stores the value that the issuer gave as a pending version with its public fields, and reads
    /// it back: before anything else looks at it. It is stored too if nobody waits for it any more,
    /// beside the rotation that goes on or is over.
    public func storeRotated(
        _ value: RotatedValue, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> RotatedReceipt {
        let note = AuditNote(.rotateStore, value.name)
        let packed = try entering(note, at: time) { (_: inout AuditNote) throws(VaultError) in
            var draft = SecretDraft(name: value.name)
            draft.fields = value.fields
            return try pack(draft, secrets)
        }
        let stored = try change(note, whenBehind: .goOn, at: time) {
            (note: inout AuditNote) throws(VaultError) in
            try insert(value, packed, secrets.names, &note, at: time)
        }
        try readBack(stored, packed)
        let new = stored.metadata.rotation?.new
        return RotatedReceipt(
            receipt: receipt(for: stored, secrets), isAwaited: new == stored.version.number)
    }

    private func insert(
        _ value: RotatedValue, _ packed: borrowing PackedFields, _ names: [FieldName],
        _ note: inout AuditNote, at time: Timestamp
    ) throws(VaultError) -> Stored {
        let found = try require(value.name, &note)
        guard found.metadata.mayHaveAnotherVersion else { throw .tooManyVersions(value.name) }
        let number = (found.metadata.versions.last?.number ?? 0) + 1
        let version = VersionSummary(number: number, state: .pending, created: time, fields: names)
        var metadata = found.metadata
        try metadata.wait(with: value.fields, version, at: time)
        if let seen = metadata.rotation, seen == value.seen,
            let next = seen.storing(number, expires: value.expires, at: time)
        {
            metadata.rotation = next
        }
        let row = try seal(
            metadata, under: found.index, rid: found.rid, revision: found.revision + 1)
        try tree.update(row, under: found.index, replacing: found.revision)
        let blob = try keyring.seal(
            record: packed.bytes.bytes, rid: found.rid, version: number, kind: packed.kind)
        let columns = RecordColumns(
            rid: found.rid, version: number, epoch: keyring.epoch, state: .pending,
            digest: tree.digest(of: blob))
        try tree.insert(SealedRecord(columns, blob: blob))
        note.version = number
        let known = metadata.version(.number(number)) ?? version
        return Stored(metadata: metadata, version: known, row: row)
    }

    /// The previous version becomes the current one again, and the current one the previous: here,
    /// not at the issuer. Not while a rotation runs, which is abandoned instead, nor if they are
    /// others than those of `swap`.
    public func rollBack(
        _ name: SecretName, _ swap: VersionSwap, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        try change(AuditNote(.rollBack, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            var found = try require(name, &note)
            try found.metadata.requireNoRotation()
            guard !found.metadata.isManagedElsewhere else { throw .managedElsewhere(name) }
            guard let previous = found.metadata.version(.previous) else {
                throw .versionMissing(name, .previous)
            }
            guard found.metadata.swap == swap else { throw .rotationMoved(name) }
            note.version = previous.number
            try bringBack(previous.number, &found)
            // It is not known any more when that one expires.
            found.metadata.expires = nil
            return try replace(found, at: time)
        }
    }
}

// What becomes of versions.
extension OpenVault {
    private static func operation(
        from seen: RotationJournal, to next: RotationJournal
    ) -> AuditOperation {
        switch seen.effect(of: next) {
        case .promote: .promote
        case .rollBack: .rollBack
        case .retireOld: .retire
        case .retireNew: .rotateAbandon
        case .none: next.state == .abandoned && !seen.state.isOver ? .rotateAbandon : .rotateStep
        }
    }

    private func promote(
        _ found: inout Found, _ journal: inout RotationJournal
    ) throws(VaultError) {
        guard let new = journal.new,
            let version = found.metadata.version(.number(new)), version.state == .pending
        else { throw .rotationUnfit(found.metadata.name) }
        // What cannot be opened must not take the place of what can.
        _ = try open(version, of: found.metadata, found.rid)
        try supersede(&found.metadata, found.rid)
        try move(new, to: .current, &found)
        found.metadata.adoptFields(of: new)
        // The journal keeps when the old one expires, for it may come back.
        swap(&found.metadata.expires, &journal.expires)
    }

    private func bringBack(_ number: UInt32, _ found: inout Found) throws(VaultError) {
        guard let version = found.metadata.version(.number(number)), version.state == .previous
        else { throw .rotationUnfit(found.metadata.name) }
        _ = try open(version, of: found.metadata, found.rid)
        for version in found.metadata.versions where version.state == .current {
            try move(version.number, to: .previous, &found)
        }
        try move(number, to: .current, &found)
        found.metadata.adoptFields(of: number)
    }

    private func retire(
        _ number: UInt32, from states: Set<VersionState>, _ found: inout Found
    ) throws(VaultError) {
        guard let version = found.metadata.version(.number(number)),
            states.contains(version.state)
        else { return }
        try move(number, to: .retired, &found)
    }

    private func move(
        _ number: UInt32, to state: VersionState, _ found: inout Found
    ) throws(VaultError) {
        for place in found.metadata.versions.indices
        where found.metadata.versions[place].number == number {
            try tree.setState(found.rid, number, state)
            found.metadata.versions[place].state = state
        }
    }
}

extension Metadata {
    /// Fails while a rotation runs: a key at the issuer may hang on it.
    func requireNoRotation() throws(VaultError) {
        if let rotation, !rotation.state.isOver { throw .rotationRunning(name) }
    }

    var mayHaveAnotherVersion: Bool {
        versions.count < Metadata.mostEntries - 1 && versions.last?.number != .max
    }
}

// A complete copy of a vault under another name, until it is put in its place.

internal import CLinux
internal import Glibc
public import VaultModel

/// Lies beside its place, and is taken back if it is not put there.
public final class VaultCopy {
    private let draft: DraftFile
    private var isPlaced = false

    fileprivate init(_ draft: DraftFile) { self.draft = draft }

    deinit { if !isPlaced { draft.discard() } }

    /// Where it lies now. It can be opened there like any vault; whoever did so lets go of it
    /// before it is put in its place.
    public var path: String { draft.draftPath }

    /// Moves the copy to its place, on disk when this returns. Never replaces a file.
    public func publish() throws(VaultError) {
        try bringToDisk()
        try DraftFile.requireFree(draft.file)
        try draft.publish()
        isPlaced = true
    }

    /// Puts the copy in the place of what lies there and is no vault any more; that gets the name
    /// `aside`, and so does what lies beside it. A kill leaves the one or the other in the place.
    public func exchange(keeping aside: String) throws(VaultError) {
        try bringToDisk()
        let target = draft.file.canonicalPath
        let kept = try moveRemains(aside)
        var status = stat()
        guard unsafe lstat(target, &status) == 0 else {
            try draft.publish()
            isPlaced = true
            return
        }
        // Under the name that the old file gets with the exchange, so that none is in between.
        guard unsafe coffer_rename_without_replacing(draft.draftPath, kept) == 0 else {
            throw failure()
        }
        isPlaced = true
        guard unsafe coffer_exchange(kept, target) == 0 else {
            let error = failure()
            _ = unsafe unlink(kept)
            throw error
        }
        try draft.syncDirectory()
    }

    /// Moves the copy to its place, where a vault that is gone left files: they get the name
    /// `aside`. Never replaces a vault.
    public func publish(keepingRemains aside: String) throws(VaultError) {
        try bringToDisk()
        var status = stat()
        guard unsafe lstat(draft.file.canonicalPath, &status) != 0 else {
            throw .vaultExists(path: draft.file.path)
        }
        _ = try moveRemains(aside)
        try draft.publish()
        isPlaced = true
    }

    /// Moves what lies beside the place and returns the path of `aside`. This comes first: SQLite
    /// must not take an old log for the new file's.
    private func moveRemains(_ aside: String) throws(VaultError) -> String {
        let kept = try VaultFile(directoryOf: aside)
        try DraftFile.requireFree(kept)
        for suffix in DraftFile.besides {
            let moved = unsafe coffer_rename_without_replacing(
                draft.file.canonicalPath + suffix, kept.canonicalPath + suffix)
            guard moved == 0 || errno == ENOENT else { throw failure() }
        }
        return kept.canonicalPath
    }

    /// SQLite synced what it wrote. What is still beside the file would not go with it.
    private func bringToDisk() throws(VaultError) {
        var status = stat()
        for suffix in DraftFile.besides
        where unsafe lstat(draft.draftPath + suffix, &status) == 0 && status.st_size > 0 {
            throw .busy(path: draft.file.path)
        }
        for suffix in DraftFile.besides { _ = unsafe unlink(draft.draftPath + suffix) }
        let descriptor = unsafe open(draft.draftPath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure(.open) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(.sync) }
    }

    private func failure(_ operation: IOOperation = .rename) -> VaultError {
        DraftFile.failure(operation, draft.file.path)
    }
}

extension Store {
    /// A copy of the state that the running transaction reads, whoever writes meanwhile. It will
    /// be put at `path`, where a vault may lie only if it `replaces` that.
    public func copy(
        for path: String, replacing replaces: Bool = false,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(VaultError) -> VaultCopy {
        let draft = try DraftFile(for: path, in: replaces ? .taken : .free)
        let copy = VaultCopy(draft)
        // The transaction has a state only when it has read.
        let pages = try connection.integer("PRAGMA page_count")
        _ = try connection.integer("SELECT count(*) FROM sqlite_schema")
        if let free = draft.file.freeBytes, free / 4_096 < pages { throw .diskFull(path: path) }
        let target = try Connection(draft.draftPath, namedAs: path, .readWrite)
        target.liftBound()
        // The file is taken back if anything goes wrong: it needs no journal, and a kill would
        // leave one behind.
        try target.run("PRAGMA page_size=4096; PRAGMA journal_mode=MEMORY")
        try connection.copyPages(to: target, progress: progress)
        return copy
    }

    /// Puts all that is in this store in the place of all that is in the vault `target`, in one
    /// transaction of that. Before, `keep` is given a second look at what was there, which nobody
    /// can change meanwhile.
    public func overwrite(
        _ target: Store, progress: (UInt64, UInt64) -> Void,
        keeping keep: (Store) throws(VaultError) -> Void
    ) throws(VaultError) {
        let pages = try connection.integer("PRAGMA page_count")
        if let free = target.file.freeBytes, free / 4_096 < pages {
            throw .diskFull(path: target.file.path)
        }
        target.hasChanged = true
        try read { () throws(VaultError) in
            _ = try connection.integer("SELECT count(*) FROM sqlite_schema")
            try connection.copyPages(to: target.connection, progress: progress) {
                () throws(VaultError) in
                try keep(Store.openAsItIs(at: target.file.path, .readOnly))
            }
        }
    }
}

// All pages of one database in another: SQLite's online backup.

internal import CSQLite
internal import VaultModel

extension Connection {
    /// Pages between two calls of `progress`.
    private static let portion: Int32 = 1_024

    /// Puts the pages of this database in the place of all that `target` holds, as one change of
    /// it. This connection must be in a transaction that has read, so that the pages are those of
    /// one state.
    ///
    /// `whenHeld` runs when nobody else can change `target` any more, and nothing of it is changed
    /// yet; if it fails nothing is.
    func copyPages(
        to target: Connection, progress: (UInt64, UInt64) -> Void,
        whenHeld: () throws(VaultError) -> Void = {}
    ) throws(VaultError) {
        guard let copy = unsafe sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw target.error(unsafe sqlite3_errcode(target.handle))
        }
        // No page is copied by the first step, but the lock is taken.
        var code = unsafe sqlite3_backup_step(copy, 0)
        do throws(VaultError) { if code == SQLITE_OK { try whenHeld() } } catch {
            _ = unsafe sqlite3_backup_finish(copy)
            throw error
        }
        while code == SQLITE_OK {
            code = unsafe sqlite3_backup_step(copy, Self.portion)
            let total = UInt64(unsafe sqlite3_backup_pagecount(copy))
            progress(total - UInt64(unsafe sqlite3_backup_remaining(copy)), total)
        }
        let end = unsafe sqlite3_backup_finish(copy)
        guard code == SQLITE_DONE, end == SQLITE_OK else {
            let code = code == SQLITE_DONE ? end : code
            // Pages are read here and written there.
            throw Self.readFailures.contains(code) ? error(code) : target.error(code)
        }
    }

    /// SQLITE_IOERR_READ and SQLITE_IOERR_SHORT_READ.
    private static let readFailures: [Int32] = [10 | 1 << 8, 10 | 2 << 8]
}

// The only door to SQLite. What is here is variadic, which Swift cannot call.

#ifndef COFFER_CSQLITE_SHIM_H
#define COFFER_CSQLITE_SHIM_H

#include <sqlite3.h>

static inline int coffer_sqlite_db_config_flag(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}

// Keeps no account of SQLite's memory, which all threads would have to wait for at each allocation.
// Nothing is done if SQLite is in use already.
static inline int coffer_sqlite_keep_no_account(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif

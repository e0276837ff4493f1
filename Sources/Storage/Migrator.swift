// From the schema of an older release to that of this one: forward only.

internal import Migrations
internal import VaultModel

/// Brings a file to the newest version that this program knows.
struct Migrator {
    let migrations: [Migration]

    init(_ migrations: [Migration] = Migration.all) { self.migrations = migrations }

    /// The version that a file says it has; 0 before the first migration. A newer one is refused.
    func version(of connection: Connection) throws(VaultError) -> Int64 {
        let newest = Int64(migrations.last?.version ?? 0)
        let version = try connection.integer("PRAGMA user_version")
        guard version <= newest else {
            throw .refusedFormat(path: connection.path, .newerVersion)
        }
        guard version >= 0 else { throw .refusedFormat(path: connection.path, .notAVault) }
        return version
    }

    /// Applies what is missing, each migration in a transaction of its own, so that a kill leaves a
    /// file of one version or the next.
    func migrate(_ connection: Connection) throws(VaultError) {
        let version = try version(of: connection)
        for migration in migrations where Int64(migration.version) > version {
            try connection.run("BEGIN IMMEDIATE")
            do throws(VaultError) {
                // Another program may have applied it while this one waited for the lock.
                if try connection.integer("PRAGMA user_version") < Int64(migration.version) {
                    // A file that lies about its version is none of an older release.
                    try Schema.check(
                        connection, migrations.filter { $0.version < migration.version })
                    try connection.run(String(decoding: migration.sql, as: UTF8.self))
                    try connection.run("PRAGMA user_version=\(migration.version)")
                }
                try connection.run("COMMIT")
            } catch {
                try? connection.run("ROLLBACK")
                throw error
            }
        }
    }
}

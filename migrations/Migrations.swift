// The SQL files beside this one, embedded, in the order in which they apply.

/// One step of the schema: forward only, in one transaction.
public struct Migration: Sendable {
    /// `user_version` after it; they count up from 1.
    public let version: Int32
    /// Statements that end in a semicolon and an empty line, in ASCII.
    public let sql: [UInt8]

    public init(version: Int32, sql: [UInt8]) {
        self.version = version
        self.sql = sql
    }

    /// Every migration; the last one's version is the newest that this program knows.
    public static let all = [
        Migration(version: 1, sql: PackageResources.m0001_initial_sql),
        Migration(version: 2, sql: PackageResources.m0002_inbox_sql),
        Migration(version: 3, sql: PackageResources.m0003_policy_sql),
    ]
}

// What the state tree knows of one row (spec, "State tree").

public import VaultModel

/// The hash of a row and its place among the others of its bucket.
public struct StateLeaf: Sendable {
    /// The kind of row; the raw value is part of the hash.
    public enum Table: UInt8, Sendable {
        case record = 1
        case metadata = 2
        case tombstone = 3
    }

    public let bucket: UInt16
    public let table: Table
    public let rid: RecordID
    /// A record's version, a description's revision.
    public let version: UInt64
    let hash: InlineArray<32, UInt8>

    /// Whether both stand for the same row, whatever is in it.
    public func isInPlace(of other: StateLeaf) -> Bool {
        table == other.table && rid == other.rid && version == other.version
    }
}

extension StateLeaf: Comparable {
    /// By bucket, and within it the order in which leaves are hashed: table, rid, version. Two that
    /// differ in none of them cannot be told apart, and no vault has such rows.
    public static func < (left: StateLeaf, right: StateLeaf) -> Bool {
        if left.bucket != right.bucket { return left.bucket < right.bucket }
        return (left.table.rawValue, left.rid.identifier, left.version)
            < (right.table.rawValue, right.rid.identifier, right.version)
    }

    public static func == (left: StateLeaf, right: StateLeaf) -> Bool {
        left.isInPlace(of: right)
            && ConstantTime.areEqual(left.hash.span, right.hash.span)
    }
}

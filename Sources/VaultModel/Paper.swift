// What may be wrong with what comes back from paper.

/// Why a share of a key is not taken.
public enum ShareDefect: Error, Hashable, Sendable {
    /// No share, or one with a typing error.
    case unreadable
    case otherSet
    /// The share of that number is here already.
    case twice(UInt8)
}

/// Why the sheet of a key slot is not put back.
public enum SheetDefect: Hashable, Sendable {
    /// Not all of the seven lines are there.
    case missing(line: Int)
    /// A line has a typing error or belongs elsewhere.
    case unreadable(line: Int)
    /// The lines are of several sheets.
    case mixed
    case otherVault
    /// The slot in the file can be read.
    case slotIntact(UInt8)
    /// The file has no such slot: a key that was removed does not come back.
    case slotRemoved(UInt8)
    /// The sheet is not of the slot that the vault had there last.
    case slotReplaced(UInt8)
}

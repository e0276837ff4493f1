// What a check of the log found, as the page tells it.

/// The result of `audit verify`, in numbers and lines.
struct LogVerification: Hashable, Sendable {
    enum Verdict: Hashable, Sendable {
        /// Chain, seals, tree and anchor fit.
        case good
        /// Something does not; the notes say what.
        case bad
    }

    let verdict: Verdict
    let entries: UInt64
    let seals: UInt64
    /// Entries behind the newest seal.
    let unsealed: UInt64
    /// What else is to be said, a line each: where it breaks, which seals are late.
    let notes: [String]
}

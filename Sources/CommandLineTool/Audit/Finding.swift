// One thing that needs attention, and the names by which findings are known.

internal import VaultModel

/// How much it matters.
enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
    case high, medium, low

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The less severe one is the lesser.
    static func < (left: Severity, right: Severity) -> Bool { left.place > right.place }
}

/// What a finding is about; the raw value is its id: part of the interface, none is ever renamed.
///
/// There is none yet for keys that were never tried at their issuer: nothing tries them, so nothing
/// could be recorded, and a finding that every key has says nothing about any.
enum FindingKind: String, Hashable, Sendable, CaseIterable {
    /// Its date of expiry is past.
    case expired
    /// It expires, or grows older than its policy, within the span that is looked ahead.
    case dueSoon = "due-soon"
    /// It is older than its rotation policy allows.
    case overAge = "over-age"
    /// Nothing has used it for `Health.unusedDays` days.
    case unused
    /// It was used while it was disabled, and it is disabled still.
    case disabledButUsed = "disabled-but-used"
    case usedAfterExpiry = "used-after-expiry"
    /// One key alone opens the vault.
    case singleSlot = "single-slot"
    /// It is short, or of few kinds of characters, or repeats itself.
    case weakValue = "weak-value"
    /// The same value is stored under two names.
    case sharedValue = "shared-value"
    /// It does not look like a secret of its issuer.
    case shapeMismatch = "shape-mismatch"
    /// The checksum that its issuer builds in is wrong.
    case checksumMismatch = "checksum-mismatch"

    /// What it means, for the reference.
    var meaning: String {
        switch self {
        case .expired: "the date of expiry is past"
        case .dueSoon: "it expires, or gets older than its policy, within --within"
        case .overAge: "it is older than its --max-age"
        case .unused: "nothing has used it for \(Health.unusedDays) days"
        case .disabledButUsed: "it is disabled and was used all the same"
        case .usedAfterExpiry: "it was used after it had expired"
        case .singleSlot: "one key alone opens the vault; NAME is `-`"
        case .weakValue: "the value is short or simple"
        case .sharedValue: "another name holds the same value"
        case .shapeMismatch: "the value does not look like one of its issuer"
        case .checksumMismatch: "the checksum that its issuer builds in is wrong"
        }
    }
}

/// A finding about one secret, or about the vault.
struct Finding: Hashable, Sendable {
    let kind: FindingKind
    let severity: Severity
    /// Nil: it is about the vault.
    let name: SecretName?
    /// The secret field that it is about, or nil.
    var field: FieldName?
    /// One line, escaped; no value is in it.
    let words: String
    let hint: String
    /// The line by which a person accepts it, or nil.
    var acceptance: AcceptedFindings.Acceptance?
}

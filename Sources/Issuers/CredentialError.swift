// Why an issuer's output was not understood. No case carries a byte of it.

public import VaultModel

public enum CredentialError: Error, Hashable, Sendable {
    case empty
    case badJSON(JSONDefect)
    case badCSV(CSVDefect)
    /// No profile knows the document.
    case unrecognised
    /// Several profiles know it.
    case ambiguous([IssuerID])
    /// The profile knows no document of this kind.
    case noSuchDocument(IssuerID)
    /// What the profile needs is not in the document.
    case missing([FieldName])
    /// Several lines where one secret was expected.
    case severalLines
    /// Too many bytes for a secret.
    case tooLong
    /// What a command that failed printed is no document and has no shape of an issuer's.
    case shapeless
    /// A profile for the document cannot be read.
    case noProfile
    /// A line of an import does not fit its schema: what is wrong with which key of the schema.
    case badEntry(String)

    public var words: String {
        switch self {
        case .empty: "it is empty"
        case .badJSON(let defect):
            "it is not JSON: \(defect.words)" + (defect.offset.map { " (byte \($0 + 1))" } ?? "")
        case .badCSV(let defect): "it is not CSV of one row: \(defect.words)"
        case .unrecognised: "no issuer's profile knows it"
        case .ambiguous(let ids):
            "several profiles know it: \(ids.map(\.text).joined(separator: ", "))"
        case .noSuchDocument(let id): "the profile \(id) knows no document of this kind"
        case .missing(let names):
            "it has no \(names.map { "\"\($0)\"" }.joined(separator: ", "))"
        case .severalLines: "it has several lines where one secret was expected"
        case .tooLong: "it is longer than a secret may be"
        case .shapeless: "it does not look like a secret of an issuer"
        case .noProfile: "the profile cannot be read"
        case .badEntry(let words): words
        }
    }
}

extension CSVDefect {
    var words: String {
        switch self {
        case .openQuote: "a quote is not closed"
        case .tooManyColumns: "there are too many columns"
        case .noValues: "there is only a header"
        case .severalRows: "there are several rows"
        case .columnsDiffer: "header and row have different lengths"
        }
    }
}

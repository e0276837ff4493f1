// The profiles of many secrets: each is read once, for a vault has few issuers.

internal import Issuers
internal import VaultModel

/// What is known of the issuers of secrets. An issuer whose profile is not here any more, or is
/// unusable, is one of which nothing is known.
struct KnownProfiles: Sendable {
    private var profiles: [IssuerID: IssuerProfile] = [:]

    /// Knows no issuer.
    init() {}

    init(of secrets: [(RecordID, Metadata)], in catalog: ProfileCatalog) {
        for issuer in Set(secrets.map(\.1.issuer)) { profiles[issuer] = catalog.known(issuer) }
    }

    subscript(_ id: IssuerID) -> IssuerProfile? { profiles[id] }
}

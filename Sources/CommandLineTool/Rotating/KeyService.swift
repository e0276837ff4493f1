// Who makes, tries and deletes keys when one is rotated: the issuer's calls, or the user's
// commands.

internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

/// What can be done with the keys of one secret. What throws may be done again later.
protocol KeyService: AnyObject {
    var mode: RotationMode { get }
    /// What can be done when the rotation stands as this journal says.
    func abilities(for secret: Metadata) -> Abilities
    /// The public field that names a key to the issuer, if one does.
    var keyField: FieldName? { get }
    var administrator: Administrator { get }
    /// Where a person makes and deletes keys.
    var console: String? { get }

    /// Fails if no key can be asked for, whatever the issuer would say.
    func check(_ secret: Metadata) throws(Complaint)
    /// The keys that are at the issuer.
    func list(_ secret: Metadata) throws(Complaint) -> [ListedKey]
    /// Asks for a key. It is in nobody's hands but ours when this returns.
    func create(for secret: Metadata, expires: Timestamp?) -> Creation
    /// Whether a version is accepted now.
    func verify(_ version: VersionSummary, of secret: Metadata) throws(Complaint) -> Bool
    /// Switches the key of a version off or on, or deletes it.
    func change(
        _ purpose: IssuerCall.Purpose, _ version: VersionSummary, of secret: Metadata
    ) throws(Complaint) -> KeyChange
    /// The same with a key that its id alone names.
    func change(
        _ purpose: IssuerCall.Purpose, _ key: KeyID, of secret: Metadata
    ) throws(Complaint) -> KeyChange
}

/// What comes of changing a key at the issuer.
enum KeyChange: Hashable {
    case done
    /// There is no such key, or not any more.
    case missing
    /// Not by us, however often it is tried.
    case refused(Complaint)
}

/// What comes of asking for a key.
enum Creation: ~Copyable {
    /// It is here, and nowhere else.
    case made(Captured, expires: Timestamp?)
    /// Something is here that may be it, and was not understood.
    case unread(Captured, Complaint)
    /// None was made.
    case refused(Complaint)
    /// None was made: there are as many as the issuer allows.
    case full
    /// None was made; it may be asked for again.
    case notNow(Complaint)
    /// Nobody knows whether one was made.
    case lost(Complaint)
}

extension Metadata {
    /// What an issuer calls the key of a version, if it is known.
    func keyID(of version: VersionSummary, by field: FieldName?) -> KeyID? {
        field.flatMap { fields(of: version)[$0] }.flatMap { KeyID($0) }
    }

    /// The version that holds a key at the issuer, as far as public fields tell: the current one
    /// first. One that waits beside it without a word of its own may be anybody's.
    func holder(of key: ListedKey) -> VersionSummary? {
        let isUsed = version(.current) != nil
        let own = versions.filter { version in
            version.state != .pending || !isUsed
                || key.fields.contains { version.ownFields[$0.key]?.text != nil }
        }
        let fitting = own.filter { fits(key, $0) }
        return fitting.first { $0.state == .current } ?? fitting.last
    }

    private func fits(_ key: ListedKey, _ version: VersionSummary) -> Bool {
        let known = fields(of: version)
        let said = key.fields.filter { known[$0.key] != nil }
        return !said.isEmpty && said.allSatisfy { known[$0.key] == $0.value }
    }

    /// Whether the public fields of a version say something else than the issuer of a key.
    func contradicts(_ key: ListedKey, _ version: VersionSummary) -> Bool {
        let known = fields(of: version)
        return key.fields.contains { name, text in known[name].map { $0 != text } ?? false }
    }
}

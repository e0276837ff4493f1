// One credential as another store had it.

public import SecretMemory
public import VaultModel

/// A name, public fields, and secret fields in locked memory. A class, because a noncopyable value
/// cannot be an element of an `Array`.
public final class FoundCredential {
    /// The parts of its name as they stand in the source.
    public internal(set) var path: [String]
    public private(set) var issuer = IssuerID.generic
    public private(set) var tags: [String] = []
    public private(set) var fields: [FieldName: String] = [:]
    private var secrets = SecretFields()
    /// Bytes of all secret values.
    private(set) var size = 0
    /// The same with what stands around each when several are stored as one record.
    private var packedSize = 0
    /// The number that the next field of a name gets.
    private var numbers: [FieldName: Int] = [:]
    /// When it expires, or nil.
    public internal(set) var expires: Timestamp?

    /// Longest secret value, in bytes, and most of several together.
    private static let longestValue = 16 * 1_024 * 1_024
    /// Most bytes around a value among several: its name, two lengths.
    private static let largestFrame = 64 + 8

    init(_ path: [String], issuer: StaticString = "generic") {
        self.path = path
        know(issuer: issuer)
    }

    /// Takes the profile of this id for the issuer.
    func know(issuer: StaticString) { self.issuer = IssuerID(issuer.description) ?? .generic }

    public var secretNames: [FieldName] { secrets.names }

    /// The name as it stood in the source.
    public var title: String { path.joined(separator: "/") }

    /// Hands the secrets over; nothing is left here.
    public func takeSecrets() -> SecretFields {
        var taken = SecretFields()
        swap(&taken, &secrets)
        return taken
    }

    /// Adds a secret field; an empty value is none.
    func add(secret name: String, _ value: Span<UInt8>) throws(ImportDefect) {
        guard !value.isEmpty else { return }
        guard value.count <= Self.longestValue else {
            throw ImportDefect("a value is longer than 16 MiB")
        }
        guard secrets.names.count < Metadata.mostEntries else { throw Self.tooMany }
        packedSize += value.count + Self.largestFrame
        guard secrets.names.isEmpty || packedSize <= Self.longestValue else {
            throw ImportDefect("the secret values of an entry are together longer than 16 MiB")
        }
        _ = secrets.add(try free(name), value)
        size += value.count
    }

    /// Adds a public field; what no public field can hold becomes a secret one rather than lost.
    func add(open name: String, _ value: Span<UInt8>) throws(ImportDefect) {
        guard !value.isEmpty else { return }
        guard value.count <= Metadata.longestField, let text = String(validUTF8: value) else {
            return try add(secret: name, value)
        }
        guard fields.count < Metadata.mostEntries else { throw Self.tooMany }
        fields[try free(name)] = text
    }

    /// Adds a field whose role is told by its looks alone.
    func add(_ name: String, _ value: Span<UInt8>) throws(ImportDefect) {
        let isSecret =
            SecretLooks.isSecret(name: FittingName.field(name).text)
            || SecretLooks.isSecret(value: value)
        if isSecret {
            try add(secret: name, value)
        } else {
            try add(open: name, value)
        }
    }

    /// Adds a tag; false if it is none that a secret can have.
    func add(tag: String) -> Bool {
        guard (1...Metadata.longestTag).contains(tag.utf8.count),
            tags.count < Metadata.mostEntries
        else { return false }
        if !tags.contains(tag) { tags.append(tag) }
        return true
    }

    /// The name in the grammar of fields, or with a number behind it if it is taken.
    private func free(_ name: String) throws(ImportDefect) -> FieldName {
        let first = FittingName.field(name)
        for number in (numbers[first] ?? 1)...(2 * Metadata.mostEntries + 1) {
            let field = FittingName.field(name, number: number)
            guard fields[field] == nil, !secrets.contains(field) else { continue }
            numbers[first] = number + 1
            return field
        }
        throw Self.tooMany
    }

    private static let tooMany = ImportDefect("an entry has more than 1,024 fields")
}

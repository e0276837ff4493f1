// One line of `coffer import --json-lines`: a secret and what is said of it.

public import SecretMemory
public import VaultModel

/// A secret that is about to be imported.
public struct ImportEntry: ~Copyable {
    public let draft: SecretDraft
    public let secrets: SecretFields

    /// Hands the secrets over.
    public consuming func takeSecrets() -> SecretFields { secrets }
}

/// `{"name": …, "secret": … | "secrets": {…}, "issuer", "label", "fields", "tags", "status",
/// "expires", "maximum_age_seconds", "managed_elsewhere", "requires_reason"}`, values that are no
/// text in "secret_base64" and "secrets_base64"; a key that is not among these is refused.
public enum JSONLine {
    /// What ends an export: how many secrets it was.
    public static func end(count: Int) -> String { "{\"exported\":\(count)}" }

    /// The longest line that is looked at as such an end.
    private static let longestEnd = 64

    /// The number in a line that ends an export; nil for any other line.
    public static func count(inEnd line: Span<UInt8>) -> Int? {
        guard line.count <= longestEnd, let document = try? CredentialParser.readJSON(line),
            document[JSONDocument.root].kind == .object,
            document[JSONDocument.root].children.count == 1
        else { return nil }
        let member = document[JSONDocument.root].children[0]
        guard document[member].key == "exported", document[member].kind == .number,
            let digits = document.string(member, in: line)
        else { return nil }
        return Int(digits)
    }

    public static func parse(_ line: Span<UInt8>) throws(CredentialError) -> ImportEntry {
        let document = try CredentialParser.readJSON(line)
        let root = JSONDocument.root
        guard document[root].kind == .object else { throw .badEntry("an object is needed") }
        var reading = Reading()
        for member in document[root].children {
            try reading.take(member, of: document, in: line)
        }
        return try reading.entry()
    }

    /// How a value is written.
    private enum Form {
        case text, base64
    }

    /// What the members said so far.
    private struct Reading: ~Copyable {
        var name: SecretName?
        var draft = SecretDraft(name: placeholder)
        var secrets = SecretFields(capacity: 64)

        static let placeholder =
            SecretName("import") ?? { preconditionFailure("issuers: a name") }()

        mutating func take(
            _ member: Int, of document: JSONDocument, in line: Span<UInt8>
        ) throws(CredentialError) {
            switch document[member].key {
            case "name": name = SecretName(try text(member, "name", document, line))
            case "secret": try add(.secret, .text, member, document, line)
            case "secret_base64": try add(.secret, .base64, member, document, line)
            case "secrets": try addAll("secrets", .text, member, document, line)
            case "secrets_base64": try addAll("secrets_base64", .base64, member, document, line)
            case "issuer":
                guard let issuer = IssuerID(try text(member, "issuer", document, line)) else {
                    throw .badEntry("\"issuer\" is no issuer's id")
                }
                draft.issuer = issuer
            case "label": draft.label = try text(member, "label", document, line)
            case "fields":
                for field in try members(member, "fields", document) {
                    guard let named = FieldName(document[field].key) else {
                        throw .badEntry("\"fields\" holds a name that no field has")
                    }
                    draft.fields[named] = try text(field, "fields", document, line)
                }
            default: try takeRest(member, document, line)
            }
        }

        private mutating func takeRest(
            _ member: Int, _ document: JSONDocument, _ line: Span<UInt8>
        ) throws(CredentialError) {
            let kind = document[member].kind
            switch document[member].key {
            case "tags":
                guard kind == .array else { throw .badEntry("\"tags\" is not an array") }
                for tag in document[member].children {
                    draft.tags.append(try text(tag, "tags", document, line))
                }
            case "status":
                switch try text(member, "status", document, line) {
                case "enabled": draft.status = .enabled
                case "disabled": draft.status = .disabled
                default: throw .badEntry("\"status\" is `enabled` or `disabled`")
                }
            case "expires":
                if kind == .null { return }
                let time = Timestamp(iso8601: try text(member, "expires", document, line))
                guard let time else { throw .badEntry("\"expires\" is no date") }
                draft.expires = time
            case "maximum_age_seconds":
                if kind == .null { return }
                guard kind == .number, let digits = document.string(member, in: line),
                    let seconds = UInt64(digits)
                else { throw .badEntry("\"maximum_age_seconds\" is no whole number") }
                draft.maximumAge = seconds
            case "managed_elsewhere":
                guard kind == .boolean else {
                    throw .badEntry("\"managed_elsewhere\" is true or false")
                }
                draft.isManagedElsewhere = document.string(member, in: line) == "true"
            case "requires_reason":
                guard kind == .boolean else {
                    throw .badEntry("\"requires_reason\" is true or false")
                }
                draft.requiresReason = document.string(member, in: line) == "true"
            case "requires_grant":
                guard kind == .boolean else {
                    throw .badEntry("\"requires_grant\" is true or false")
                }
                draft.requiresGrant = document.string(member, in: line) == "true"
            default:
                throw .badEntry(
                    "it holds a key that an import does not know; known are name, secret, secrets,"
                        + " secret_base64, secrets_base64, issuer, label, fields, tags, status,"
                        + " expires, maximum_age_seconds, managed_elsewhere, requires_reason and"
                        + " requires_grant")
            }
        }

        private mutating func addAll(
            _ key: String, _ form: Form, _ node: Int, _ document: JSONDocument,
            _ line: Span<UInt8>
        ) throws(CredentialError) {
            let named = try members(node, key, document)
            guard named.count <= Metadata.mostEntries else {
                throw .badEntry("\"\(key)\" holds more than 1,024 fields")
            }
            for secret in named {
                guard let field = FieldName(document[secret].key) else {
                    throw .badEntry("\"\(key)\" holds a name that no field has")
                }
                try add(field, form, secret, document, line)
            }
        }

        private mutating func add(
            _ field: FieldName, _ form: Form, _ node: Int, _ document: JSONDocument,
            _ line: Span<UInt8>
        ) throws(CredentialError) {
            guard document[node].kind == .string else {
                throw .badEntry("a secret is not a text")
            }
            switch document.secret(node, in: line) {
            case .some(let value):
                switch form {
                case .text: try add(field, value.bytes)
                case .base64:
                    switch Base64.decoded(value.bytes) {
                    case .some(let decoded): try add(field, decoded.bytes)
                    case .none: throw .badEntry("a secret is not base64")
                    }
                }
            case .none: throw .badEntry("a secret is not a text")
            }
        }

        private mutating func add(
            _ field: FieldName, _ value: Span<UInt8>
        ) throws(CredentialError) {
            guard !value.isEmpty else { throw .badEntry("a secret is empty") }
            guard secrets.add(field, value) else {
                throw .badEntry("a secret field is there twice")
            }
        }

        private func text(
            _ node: Int, _ key: String, _ document: JSONDocument, _ line: Span<UInt8>
        ) throws(CredentialError) -> String {
            guard document[node].kind == .string, let text = document.string(node, in: line) else {
                throw .badEntry("\"\(key)\" is not a text")
            }
            return text
        }

        private func members(
            _ node: Int, _ key: String, _ document: JSONDocument
        ) throws(CredentialError) -> [Int] {
            guard document[node].kind == .object else {
                throw .badEntry("\"\(key)\" is not an object")
            }
            return document[node].children
        }

        consuming func entry() throws(CredentialError) -> ImportEntry {
            guard let name else { throw .badEntry("\"name\" is missing or is no name") }
            guard !secrets.isEmpty else { throw .badEntry("\"secret\" or \"secrets\" is missing") }
            draft.name = name
            return ImportEntry(draft: draft, secrets: secrets)
        }
    }
}

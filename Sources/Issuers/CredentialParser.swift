// From an issuer's own output to a credential: secrets into locked memory, the rest into fields.

public import SecretMemory
public import VaultModel

/// What an issuer handed out.
public struct ParsedCredential: ~Copyable {
    public let secrets: SecretFields
    public let fields: [FieldName: String]
    /// Where texts stand in the document that were not taken and that the profile does not know to
    /// be of no use: paths, headings.
    public let leftovers: [String]
    public let form: Form

    public enum Form: Hashable, Sendable {
        case document
        /// The secret and nothing else.
        case valueAlone
    }

    /// Hands the secrets over.
    public consuming func takeSecrets() -> SecretFields { secrets }
}

/// Reads documents by the shapes in a profile.
public enum CredentialParser {
    public static func parse(
        json text: Span<UInt8>, with profile: IssuerProfile
    ) throws(CredentialError) -> ParsedCredential {
        let document = try readJSON(text)
        guard !profile.jsonShapes.isEmpty else { throw .noSuchDocument(profile.id) }
        guard let shape = bestShape(of: profile, in: document) else {
            throw .missing(missing(of: profile, in: document))
        }
        var secrets = SecretFields(capacity: 256)
        var fields: [FieldName: String] = [:]
        var taken: Set<[String]> = []
        for field in profile.fields {
            guard let place = shape.places[field.name], let node = document.node(at: place) else {
                continue
            }
            switch field.role {
            case .secret: add(node, of: document, in: text, as: field.name, to: &secrets)
            case .publicField: fields[field.name] = filled(document.string(node, in: text))
            }
            if secrets.contains(field.name) || fields[field.name] != nil { taken.insert(place) }
        }
        guard !secrets.isEmpty else { throw .missing(secretFields(in: shape, of: profile)) }
        taken.formUnion(profile.ignored.map(DocumentShape.path))
        return ParsedCredential(
            secrets: secrets, fields: fields, leftovers: document.texts(outside: taken),
            form: .document)
    }

    private static func filled(_ text: String?) -> String? { text == "" ? nil : text }

    /// Adds the value of a node; of an object or array, and of the document, its text as it stands.
    private static func add(
        _ node: Int, of document: JSONDocument, in text: Span<UInt8>, as name: FieldName,
        to secrets: inout SecretFields
    ) {
        if node == JSONDocument.root {
            _ = secrets.add(name, text)
            return
        }
        switch document.secret(node, in: text) {
        case .some(let value): if !value.isEmpty { _ = secrets.add(name, value.bytes) }
        case .none: break
        }
    }

    private static func secretFields(
        in shape: DocumentShape, of profile: IssuerProfile
    ) -> [FieldName] {
        let fields = profile.secretFields.filter { shape.places[$0.name] != nil }
        let required = fields.filter { $0.requirement == .required }
        return (required.isEmpty ? fields : required).map(\.name)
    }

    static func readJSON(_ text: Span<UInt8>) throws(CredentialError) -> JSONDocument {
        guard !text.isEmpty else { throw .empty }
        do throws(JSONParsing) {
            return try JSONDocument(text)
        } catch {
            throw .badJSON(error.defect)
        }
    }

    /// The shape of the profile that the document fits with all required fields, the richest first.
    static func bestShape(of profile: IssuerProfile, in document: JSONDocument) -> DocumentShape? {
        profile.jsonShapes.filter { shape in
            shape.places.allSatisfy { name, place in
                let isNeeded = profile.field(name)?.requirement == .required
                return !isNeeded || isValue(document, at: place)
            }
        }.max { fit($0, document) < fit($1, document) }
    }

    /// How many places of the shape the document has. That it is a document says nothing.
    static func fit(_ shape: DocumentShape, _ document: JSONDocument) -> Int {
        shape.places.values.count { !$0.isEmpty && isValue(document, at: $0) }
    }

    private static func isValue(_ document: JSONDocument, at place: [String]) -> Bool {
        guard let node = document.node(at: place) else { return false }
        if place.isEmpty { return document[node].kind == .object }
        switch document[node].kind {
        case .string: return !document[node].range.isEmpty
        case .number, .boolean: return true
        case .object, .array, .null: return false
        }
    }

    private static func missing(
        of profile: IssuerProfile, in document: JSONDocument
    ) -> [FieldName] {
        let nearest = profile.jsonShapes.max { fit($0, document) < fit($1, document) }
        return profile.fields.filter { field in
            guard field.requirement == .required, let place = nearest?.places[field.name] else {
                return false
            }
            return !isValue(document, at: place)
        }.map(\.name)
    }

    public static func parse(
        csv text: Span<UInt8>, with profile: IssuerProfile
    ) throws(CredentialError) -> ParsedCredential {
        guard !text.isEmpty else { throw .empty }
        let document: CSVDocument
        do throws(CSVReading) { document = try CSVDocument(text) } catch {
            throw .badCSV(error.defect)
        }
        guard !profile.csvShapes.isEmpty else { throw .noSuchDocument(profile.id) }
        for shape in profile.csvShapes {
            if let columns = columns(shape, profile, document, text) {
                return try credential(columns, shape, profile, document, text)
            }
        }
        let needed = profile.fields.filter { field in
            field.requirement == .required && profile.csvShapes[0].places[field.name] != nil
        }
        throw .missing(needed.map(\.name))
    }

    /// Which column holds which field, or nil if a required one is not there.
    private static func columns(
        _ shape: DocumentShape, _ profile: IssuerProfile, _ document: CSVDocument,
        _ text: Span<UInt8>
    ) -> [FieldName: Int]? {
        var columns: [FieldName: Int] = [:]
        for (name, heading) in shape.places {
            let column = document.column(heading[0], in: text)
            if let column, !document.values[column].range.isEmpty {
                columns[name] = column
            } else if profile.field(name)?.requirement == .required {
                return nil
            }
        }
        return columns
    }

    private static func credential(
        _ columns: [FieldName: Int], _ shape: DocumentShape, _ profile: IssuerProfile,
        _ document: CSVDocument, _ text: Span<UInt8>
    ) throws(CredentialError) -> ParsedCredential {
        var secrets = SecretFields(capacity: 256)
        var fields: [FieldName: String] = [:]
        for field in profile.fields {
            guard let column = columns[field.name] else { continue }
            switch field.role {
            case .secret: _ = secrets.add(field.name, document.secret(column, in: text).bytes)
            case .publicField:
                fields[field.name] = document.string(document.values[column], in: text)
            }
        }
        guard !secrets.isEmpty else { throw .missing(secretFields(in: shape, of: profile)) }
        let known = profile.ignored + columns.values.compactMap { document.heading($0, in: text) }
        return ParsedCredential(
            secrets: secrets, fields: fields,
            leftovers: document.headings(outside: known, in: text), form: .document)
    }

    /// What an issuing command printed: JSON, CSV, or the secret alone.
    ///
    /// A secret alone on one line is taken without its line end. Of the generic profile, text of
    /// several lines is the secret exactly as it is.
    public static func parse(
        output text: Span<UInt8>, with profile: IssuerProfile
    ) throws(CredentialError) -> ParsedCredential {
        guard !text.isEmpty else { throw .empty }
        let isJSON = beginsAsJSON(text)
        if isJSON, !profile.jsonShapes.isEmpty { return try parse(json: text, with: profile) }
        if !profile.csvShapes.isEmpty, lineEnds(text) > 0, (try? CSVDocument(text)) != nil {
            return try parse(csv: text, with: profile)
        }
        let required = profile.secretFields.filter { $0.requirement == .required }
        guard required.count == 1, profile.id == .generic || !isJSON else {
            throw .missing(required.map(\.name))
        }
        var end = text.count
        if lineEnds(text) == 0 {
            if end > 0, text[end - 1] == 0x0a { end -= 1 }
            if end > 0, text[end - 1] == 0x0d { end -= 1 }
        } else if profile.id != .generic {
            throw .severalLines
        }
        guard end > 0 else { throw .empty }
        var secrets = SecretFields(capacity: end)
        _ = secrets.add(required[0].name, text.extracting(first: end))
        return ParsedCredential(secrets: secrets, fields: [:], leftovers: [], form: .valueAlone)
    }

    /// Whether a line of the text begins as JSON does: then it is hardly a secret alone.
    public static func holdsDocument(_ text: Span<UInt8>) -> Bool {
        var start = 0
        for index in 0...text.count where index == text.count || text[index] == 0x0a {
            if beginsAsJSON(text.extracting(start..<index)) { return true }
            start = index + 1
        }
        return false
    }

    /// Whether the first thing that is no white space opens an object or an array.
    private static func beginsAsJSON(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case 0x20, 0x09, 0x0a, 0x0d: continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): return true
            default: return false
            }
        }
        return false
    }

    /// Line ends with something behind them.
    private static func lineEnds(_ text: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<max(0, text.count - 1) where text[index] == 0x0a { count += 1 }
        return count
    }
}

// Recognition.
extension ProfileCatalog {
    /// The only built-in profile whose documents look like this JSON, the one with the most fields
    /// found if there are several. One field alone, such as `token`, tells no issuer.
    public func recognise(json text: Span<UInt8>) throws(CredentialError) -> IssuerProfile {
        let document = try CredentialParser.readJSON(text)
        var best: [(profile: IssuerProfile, fit: Int)] = []
        for id in BuiltInProfiles.ids {
            guard let profile = try? profile(id),
                let shape = CredentialParser.bestShape(of: profile, in: document)
            else { continue }
            let fit = CredentialParser.fit(shape, document)
            if fit > 1 { best.append((profile, fit)) }
        }
        let most = best.map(\.fit).max() ?? 0
        let winners = best.filter { $0.fit == most }.map(\.profile)
        guard let winner = winners.first else { throw .unrecognised }
        guard winners.count == 1 else { throw .ambiguous(winners.map(\.id)) }
        return winner
    }

    /// The only built-in profile whose CSV looks like this.
    public func recognise(csv text: Span<UInt8>) throws(CredentialError) -> IssuerProfile {
        var winners: [IssuerProfile] = []
        for id in BuiltInProfiles.ids {
            guard let profile = try? profile(id), !profile.csvShapes.isEmpty else { continue }
            do throws(CredentialError) {
                _ = try CredentialParser.parse(csv: text, with: profile)
                winners.append(profile)
            } catch {
                guard case .missing = error else { throw error }
            }
        }
        guard let winner = winners.first else { throw .unrecognised }
        guard winners.count == 1 else { throw .ambiguous(winners.map(\.id)) }
        return winner
    }
}

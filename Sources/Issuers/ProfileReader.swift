// From the JSON of a profile to the profile; whatever the schema does not know is refused.

internal import VaultModel

/// Reads one profile. Fails at the first thing that is wrong, with its place.
struct ProfileReader: ~Copyable, ~Escapable {
    let text: Span<UInt8>
    let document: JSONDocument

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) throws(ProfileDiagnostic) {
        self.text = text
        do throws(JSONParsing) {
            document = try JSONDocument(text)
        } catch {
            throw ProfileDiagnostic(text, at: error.defect.offset ?? text.count, error.defect.words)
        }
    }

    func profile(from source: ProfileSource) throws(ProfileDiagnostic) -> IssuerProfile {
        let root = JSONDocument.root
        try check(
            root,
            keys: [
                "schema", "id", "title", "console", "fields", "json", "csv", "ignored", "lifetime",
                "derived", "authentication", "calls", "successors",
            ])
        guard try integer("schema", of: root) == 1 else {
            throw finding(root, "\"schema\" must be 1")
        }
        let idText = try string("id", of: root)
        guard let id = IssuerID(idText) else {
            throw finding(try need("id", of: root), "\"id\" is 1 to 64 of a-z, 0-9 and -")
        }
        let fields = try fields(of: root)
        let known = try known(of: root, fields, id, source)
        let profile = IssuerProfile(
            id: id, title: try string("title", of: root),
            console: try optionalURL("console", of: root), fields: fields,
            lifetime: try lifetime(of: root), source: source,
            jsonShapes: try shapes("json", of: root, fields),
            csvShapes: try shapes("csv", of: root, fields), ignored: try ignored(of: root),
            derived: known.derived, use: try use(of: root, known),
            calls: try calls(of: root, known),
            successors: try successors(of: root, fields, id))
        return profile
    }

    // Fields.

    private func fields(of root: Int) throws(ProfileDiagnostic) -> [ProfileField] {
        let list = try need("fields", of: root)
        var fields: [ProfileField] = []
        var variables: Set<String> = []
        for node in try array(list) {
            let field = try field(node)
            guard !fields.contains(where: { $0.name == field.name }) else {
                throw finding(node, "the field \"\(field.name)\" is there twice")
            }
            for variable in field.environment where !variables.insert(variable).inserted {
                throw finding(node, "the variable \(variable) is set by two fields")
            }
            if field.role == .publicField, fields.contains(where: { $0.role == .secret }) {
                throw finding(node, "public fields stand before secret ones")
            }
            fields.append(field)
        }
        guard fields.contains(where: { $0.role == .secret }) else {
            throw finding(list, "there is no secret field")
        }
        guard fields.count <= 64 else { throw finding(list, "there are more than 64 fields") }
        return fields
    }

    private func field(_ node: Int) throws(ProfileDiagnostic) -> ProfileField {
        try check(
            node,
            keys: [
                "name", "title", "role", "required", "asked", "kind", "unit", "least", "most",
                "choices",
                "open", "default", "environment", "delivery", "pattern", "looks_like", "checksum",
            ])
        guard let name = FieldName(try string("name", of: node)) else {
            throw finding(try need("name", of: node), "\"name\" is 1 to 64 of a-z, 0-9 and _")
        }
        let role: ProfileField.Role =
            try word("role", of: node, ["public", "secret"], nil) == "secret"
            ? .secret : .publicField
        let delivery = try word("delivery", of: node, ["value", "file"], "value")
        let kind = try kind(node)
        let fallback = try optionalString("default", of: node)
        if role == .secret, fallback != nil || kind != .text {
            throw finding(node, "a secret field has no kind and no default")
        }
        return ProfileField(
            name: name, title: try string("title", of: node), role: role,
            requirement: try boolean("required", of: node, true) ? .required : .optional,
            asking: try boolean("asked", of: node, true) ? .atAPrompt : .never,
            kind: kind, defaultValue: fallback, environment: try environment(node),
            delivery: delivery == "file" ? .file : .value, shape: try shape(node),
            shapeWords: try optionalString("looks_like", of: node), checksum: try checksum(node))
    }

    private func kind(_ node: Int) throws(ProfileDiagnostic) -> ProfileField.Kind {
        let unit = try optionalString("unit", of: node)
        switch try word(
            "kind", of: node, ["text", "integer", "choice", "url", "host", "label"], "text")
        {
        case "integer":
            let (least, most) = (try integer("least", of: node), try integer("most", of: node))
            guard least <= most else { throw finding(node, "\"least\" is more than \"most\"") }
            return .integer(least...most, unit: unit)
        case "choice":
            var choices: [String] = []
            for choice in try array(try need("choices", of: node)) {
                choices.append(try string(choice))
            }
            guard !choices.isEmpty else { throw finding(node, "\"choices\" is empty") }
            return .choice(choices, isOpen: try boolean("open", of: node, false))
        case "url": return .url
        case "host": return .host
        case "label": return .label
        default: return .text
        }
    }

    private func environment(_ node: Int) throws(ProfileDiagnostic) -> [String] {
        guard let list = document.member("environment", of: node) else { return [] }
        var names: [String] = []
        for element in try array(list) {
            let name = try string(element)
            guard EnvironmentName.isUsable(name) else {
                throw finding(element, "this is no variable that a profile may set")
            }
            names.append(name)
        }
        return names
    }

    private func shape(_ node: Int) throws(ProfileDiagnostic) -> Shape? {
        guard let member = document.member("pattern", of: node) else { return nil }
        do throws(Shape.Defect) {
            return try Shape(try patternText(member))
        } catch {
            throw finding(member, error.words)
        }
    }

    private func patternText(_ node: Int) throws(Shape.Defect) -> String {
        guard document[node].kind == .string, let text = document.string(node, in: text) else {
            throw .syntax(0)
        }
        return text
    }

    private func checksum(_ node: Int) throws(ProfileDiagnostic) -> Checksum? {
        guard let name = try optionalString("checksum", of: node) else { return nil }
        guard let checksum = Checksum(rawValue: name) else {
            let known = Checksum.allCases.map(\.rawValue).joined(separator: ", ")
            throw finding(
                try need("checksum", of: node), "\"checksum\" is one of \(known)")
        }
        return checksum
    }

    // Documents.

    private func shapes(
        _ key: String, of root: Int, _ fields: [ProfileField]
    ) throws(ProfileDiagnostic) -> [DocumentShape] {
        guard let list = document.member(key, of: root) else { return [] }
        var shapes: [DocumentShape] = []
        for node in try array(list) {
            guard document[node].kind == .object else { throw finding(node, "an object is needed") }
            var places: [FieldName: [String]] = [:]
            for member in document[node].children {
                guard let name = FieldName(document[member].key),
                    fields.contains(where: { $0.name == name })
                else { throw finding(member, "there is no field of this name") }
                let path = try string(member)
                places[name] = key == "csv" ? [path] : DocumentShape.path(path)
            }
            guard fields.contains(where: { $0.role == .secret && places[$0.name] != nil }) else {
                throw finding(node, "no secret field has a place here")
            }
            shapes.append(DocumentShape(places: places))
        }
        return shapes
    }

    private func ignored(of root: Int) throws(ProfileDiagnostic) -> [String] {
        guard let list = document.member("ignored", of: root) else { return [] }
        var ignored: [String] = []
        for node in try array(list) { ignored.append(try string(node)) }
        return ignored
    }

    private func lifetime(of root: Int) throws(ProfileDiagnostic) -> Lifetime {
        var lifetime = Lifetime()
        guard let node = document.member("lifetime", of: root) else { return lifetime }
        try check(
            node,
            keys: [
                "slots", "maximum_days", "rotation", "settling_seconds", "soak_seconds",
                "reuse_revokes",
            ])
        if document.member("slots", of: node) != nil {
            lifetime.slots = Int(clamping: try integer("slots", of: node))
        }
        if document.member("maximum_days", of: node) != nil {
            lifetime.maximumDays = Int(clamping: try integer("maximum_days", of: node))
        }
        let words = Lifetime.Rotation.allCases.map(\.rawValue)
        let rotation = try word("rotation", of: node, words, Lifetime.Rotation.guided.rawValue)
        lifetime.rotation = Lifetime.Rotation(rawValue: rotation) ?? .guided
        lifetime.settling =
            try seconds("settling_seconds", of: node, Lifetime.longestSettling) ?? lifetime.settling
        lifetime.soak =
            try seconds("soak_seconds", of: node, Lifetime.longestSoak) ?? lifetime.soak
        lifetime.reuseRevokes = try boolean("reuse_revokes", of: node, false)
        return lifetime
    }
}

// Pieces of the schema.
extension ProfileReader {
    /// A number of seconds up to `most`, if it is there.
    private func seconds(
        _ key: String, of node: Int, _ most: Int64
    ) throws(ProfileDiagnostic) -> UInt64? {
        guard let member = document.member(key, of: node) else { return nil }
        let number = try integer(key, of: node)
        guard (0...most).contains(number) else {
            throw finding(member, "a number from 0 to \(most) is needed")
        }
        return UInt64(number)
    }

    func finding(_ node: Int, _ words: String) -> ProfileDiagnostic {
        ProfileDiagnostic(text, at: document[node].range.lowerBound, words)
    }

    /// An object that holds no key but these.
    func check(_ node: Int, keys: [String]) throws(ProfileDiagnostic) {
        guard document[node].kind == .object else { throw finding(node, "an object is needed") }
        for member in document[node].children where !keys.contains(document[member].key) {
            throw finding(member, "unknown key; known ones are \(keys.joined(separator: ", "))")
        }
    }

    func need(_ key: String, of node: Int) throws(ProfileDiagnostic) -> Int {
        guard let member = document.member(key, of: node) else {
            throw finding(node, "\"\(key)\" is missing")
        }
        return member
    }

    func array(_ node: Int) throws(ProfileDiagnostic) -> [Int] {
        guard document[node].kind == .array else { throw finding(node, "an array is needed") }
        return document[node].children
    }

    func string(_ node: Int) throws(ProfileDiagnostic) -> String {
        guard document[node].kind == .string, let string = document.string(node, in: text),
            string.utf8.count <= 1_024
        else { throw finding(node, "a text of at most 1,024 bytes is needed") }
        return string
    }

    func string(_ key: String, of node: Int) throws(ProfileDiagnostic) -> String {
        try string(try need(key, of: node))
    }

    func optionalString(_ key: String, of node: Int) throws(ProfileDiagnostic) -> String? {
        guard let member = document.member(key, of: node) else { return nil }
        return try string(member)
    }

    func optionalURL(_ key: String, of node: Int) throws(ProfileDiagnostic) -> String? {
        guard let address = try optionalString(key, of: node) else { return nil }
        guard address.hasPrefix("https://") else {
            throw finding(try need(key, of: node), "\"\(key)\" must begin with https://")
        }
        return address
    }

    func integer(_ key: String, of node: Int) throws(ProfileDiagnostic) -> Int64 {
        let member = try need(key, of: node)
        guard document[member].kind == .number, let digits = document.string(member, in: text),
            let number = Int64(digits)
        else { throw finding(member, "a whole number is needed") }
        return number
    }

    func boolean(
        _ key: String, of node: Int, _ fallback: Bool
    ) throws(ProfileDiagnostic) -> Bool {
        guard let member = document.member(key, of: node) else { return fallback }
        guard document[member].kind == .boolean else {
            throw finding(member, "true or false is needed")
        }
        return document.string(member, in: text) == "true"
    }

    func word(
        _ key: String, of node: Int, _ words: [String], _ fallback: String?
    ) throws(ProfileDiagnostic) -> String {
        if document.member(key, of: node) == nil, let fallback { return fallback }
        let word = try string(key, of: node)
        guard words.contains(word) else {
            throw finding(
                try need(key, of: node), "\"\(key)\" is one of \(words.joined(separator: ", "))")
        }
        return word
    }
}

extension Shape.Defect {
    var words: String {
        switch self {
        case .syntax(let place): "the pattern cannot be read at its character \(place + 1)"
        case .repeatInRepeat(let place):
            "the pattern repeats a repeat at its character \(place + 1)"
        case .tooLarge: "the pattern is too large"
        case .notASCII: "the pattern is not plain ASCII"
        }
    }
}

extension JSONDefect {
    /// Where, in bytes from the start; nil for the end.
    var offset: Int? {
        switch self {
        case .unexpectedCharacter(let offset), .tooDeep(let offset), .badEscape(let offset),
            .badNumber(let offset), .notUTF8(let offset), .duplicateKey(let offset),
            .trailingBytes(let offset):
            offset
        case .unexpectedEnd, .tooLarge: nil
        }
    }

    /// What is wrong, without a byte of the text.
    public var words: String {
        switch self {
        case .unexpectedCharacter: "an unexpected character"
        case .unexpectedEnd: "the text ends too early"
        case .tooDeep: "it is nested too deeply"
        case .tooLarge: "it is too large"
        case .badEscape: "an escape that JSON does not have"
        case .badNumber: "a number that JSON does not have"
        case .notUTF8: "it is not valid UTF-8"
        case .duplicateKey: "a key is there twice"
        case .trailingBytes: "something follows behind the end"
        }
    }
}

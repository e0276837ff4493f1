// The JSON that another store exports, with the text it stands in.

internal import SecretMemory

/// What readers of such documents ask for; what is not there, or null, is nil.
struct JSONExport: ~Copyable, ~Escapable {
    let text: Span<UInt8>
    let document: JSONDocument

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) throws(ImportDefect) {
        let read: JSONDocument
        do throws(JSONParsing) { read = try JSONDocument(text) } catch {
            throw ImportDefect(error.defect, in: text)
        }
        guard read[JSONDocument.root].kind == .object else {
            throw ImportDefect("an object is needed", line: 1)
        }
        self.text = text
        document = read
    }

    func defect(_ words: StaticString, at node: Int) -> ImportDefect {
        ImportDefect(words, at: document[node].range.lowerBound, in: text)
    }

    func member(_ name: String, of node: Int?) -> Int? {
        guard let node, let found = document.member(name, of: node), document[found].kind != .null
        else { return nil }
        return found
    }

    /// The elements of an array, none if it is not there.
    func array(_ name: String, of node: Int?) throws(ImportDefect) -> [Int] {
        guard let array = member(name, of: node) else { return [] }
        guard document[array].kind == .array else { throw defect("an array is needed", at: array) }
        return document[array].children
    }

    /// A text that is no secret.
    func string(_ name: String, of node: Int?) throws(ImportDefect) -> String? {
        guard let found = member(name, of: node) else { return nil }
        guard document[found].kind == .string, let string = document.string(found, in: text) else {
            throw defect("a text is needed", at: found)
        }
        return string
    }

    /// Whether a member is `true`.
    func isTrue(_ name: String, of node: Int?) -> Bool {
        guard let found = member(name, of: node), document[found].kind == .boolean else {
            return false
        }
        return document.string(found, in: text) == "true"
    }

    /// A whole number, or nil.
    func number(_ name: String, of node: Int?) -> Int? {
        guard let found = member(name, of: node), document[found].kind == .number else {
            return nil
        }
        return document.string(found, in: text).flatMap(Int.init)
    }

    /// The value of a text, number or boolean; of anything else nothing.
    func value(_ node: Int?) -> SecretBytes {
        guard let node else { return SecretBytes() }
        if document[node].kind == .boolean {
            return SecretBytes(copying: text.extracting(document[node].range))
        }
        switch document.secret(node, in: text) {
        case .some(let value): return value
        case .none: return SecretBytes()
        }
    }

    func key(_ node: Int) -> String { document[node].key }
    func members(of node: Int) -> [Int] { document[node].children }
    func isObject(_ node: Int) -> Bool { document[node].kind == .object }
}

extension FoundCredential {
    func add(secret name: String, _ node: Int?, of json: borrowing JSONExport) throws(ImportDefect)
    {
        let value = json.value(node)
        try add(secret: name, value.bytes)
    }

    func add(open name: String, _ node: Int?, of json: borrowing JSONExport) throws(ImportDefect) {
        let value = json.value(node)
        try add(open: name, value.bytes)
    }

    func add(_ name: String, _ node: Int?, of json: borrowing JSONExport) throws(ImportDefect) {
        let value = json.value(node)
        try add(name, value.bytes)
    }
}

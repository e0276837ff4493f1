// The JSON that another store exports, with the text it stands in and what of it was read.

internal import SecretMemory

/// What readers of such documents ask for; what is not there, or null, is nil.
struct JSONExport: ~Copyable, ~Escapable {
    /// Which values were read, so that what nobody asked for is not lost without a word.
    private final class Marks {
        var isRead: [Bool]
        init(_ count: Int) { isRead = Array(repeating: false, count: count) }
    }

    let text: Span<UInt8>
    let document: JSONDocument
    private let marks: Marks

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
        marks = Marks(read.nodes.count)
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
        return try string(found)
    }

    func string(_ node: Int) throws(ImportDefect) -> String {
        guard document[node].kind == .string, let string = document.string(node, in: text) else {
            throw defect("a text is needed", at: node)
        }
        marks.isRead[node] = true
        return string
    }

    /// Whether a member is `true`.
    func isTrue(_ name: String, of node: Int?) -> Bool {
        guard let found = member(name, of: node), document[found].kind == .boolean else {
            return false
        }
        marks.isRead[found] = true
        return document.string(found, in: text) == "true"
    }

    /// A whole number, or nil.
    func number(_ name: String, of node: Int?) -> Int? {
        guard let found = member(name, of: node), document[found].kind == .number,
            let number = document.string(found, in: text).flatMap(Int.init)
        else { return nil }
        marks.isRead[found] = true
        return number
    }

    /// The value of a text, number or boolean; of anything else nothing.
    func value(_ node: Int?) -> SecretBytes {
        guard let node else { return SecretBytes() }
        if isLeaf(node) { marks.isRead[node] = true }
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

    private func isLeaf(_ node: Int) -> Bool {
        switch document[node].kind {
        case .object, .array: false
        case .string, .number, .boolean, .null: true
        }
    }
}

// What was not asked for.
extension JSONExport {
    /// Counts members as read that no secret stands in, such as dates: values, or lists of them.
    func ignore(_ names: Set<String>, of node: Int?) {
        guard let node, isObject(node) else { return }
        for member in members(of: node) where names.contains(key(member)) {
            marks.isRead[member] = true
            for element in members(of: member) where !isObject(member) && isLeaf(element) {
                marks.isRead[element] = true
            }
        }
    }

    /// Counts all that is in a value as read, since something else is said of it; false if there
    /// was nothing.
    @discardableResult
    func settle(_ node: Int?) -> Bool {
        guard let node, hasUnread(node) else { return false }
        marks.isRead[node] = true
        for child in members(of: node) { settle(child) }
        return true
    }

    /// Whether there is a value in it, neither null nor an empty text, that was not read.
    func hasUnread(_ node: Int) -> Bool {
        switch document[node].kind {
        case .null: false
        case .object, .array: members(of: node).contains { hasUnread($0) }
        case .string: !marks.isRead[node] && !document[node].range.isEmpty
        case .number, .boolean: !marks.isRead[node]
        }
    }
}

extension ImportBatch {
    /// Says that a part of `node` was not read, if so.
    mutating func leaveOutUnread(
        of node: Int?, _ title: String, _ json: borrowing JSONExport
    ) {
        if json.settle(node) { leaveOutPart(of: title) }
    }

    /// The same for what stands outside of all entries, by the names of the outermost members.
    mutating func leaveOutUnread(outsideEntriesOf json: borrowing JSONExport) {
        for member in json.members(of: JSONDocument.root) {
            leaveOutUnread(of: member, json.key(member), json)
        }
    }
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

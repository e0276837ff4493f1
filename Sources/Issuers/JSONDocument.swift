// JSON (RFC 8259) as a list of places in the text: nothing is copied until a value is asked for.
//
// The text may hold secrets, so a node knows where its value stands, not what it is. Strict: one
// value, no duplicate keys, no trailing bytes; depth and number of values are bounded.

internal import SecretMemory

/// Why a text is not JSON that we read; the place is an offset in bytes.
public enum JSONDefect: Hashable, Sendable {
    case unexpectedCharacter(offset: Int)
    case unexpectedEnd
    case tooDeep(offset: Int)
    case tooLarge
    case badEscape(offset: Int)
    case badNumber(offset: Int)
    case notUTF8(offset: Int)
    case duplicateKey(offset: Int)
    case trailingBytes(offset: Int)
}

struct JSONDocument {
    static let deepest = 64
    static let mostNodes = 200_000
    static let longestText = 24 * 1_024 * 1_024

    enum Kind: Hashable {
        case object, array, string, number, boolean, null
    }

    struct Node {
        let kind: Kind
        /// Where the value stands: of a string what is between the quotes.
        var range: Range<Int>
        /// The name under which it stands in its object; names are no secrets.
        let key: String
        var children: [Int] = []
        /// Whether a string holds a backslash.
        var hasEscapes = false
    }

    private(set) var nodes: [Node] = []
    /// The whole document.
    static let root = 0

    init(_ text: Span<UInt8>) throws(JSONParsing) {
        guard text.count <= Self.longestText else { throw JSONParsing(.tooLarge) }
        nodes.reserveCapacity(32)
        var parser = JSONParser(text)
        try parser.value(key: "", depth: 0, into: &nodes)
        try parser.end()
    }

    subscript(node: Int) -> Node { nodes[node] }

    /// The member of an object, or nil.
    func member(_ name: String, of node: Int) -> Int? {
        guard nodes[node].kind == .object else { return nil }
        return nodes[node].children.first { nodes[$0].key == name }
    }

    /// What stands at a path such as `AccessKey.SecretAccessKey` or `keys.0.value`, or nil.
    func node(at path: [String], below top: Int = root) -> Int? {
        var node = top
        for step in path {
            switch nodes[node].kind {
            case .object:
                guard let next = member(step, of: node) else { return nil }
                node = next
            case .array:
                guard let index = Int(step), nodes[node].children.indices.contains(index) else {
                    return nil
                }
                node = nodes[node].children[index]
            default: return nil
            }
        }
        return node
    }

    /// The paths of all strings that are not empty, but for what stands at or below `known` ones.
    func texts(outside known: Set<[String]>) -> [String] {
        var found: [String] = []
        collect(Self.root, at: [], outside: known, into: &found)
        return found
    }

    private func collect(
        _ node: Int, at path: [String], outside known: Set<[String]>, into found: inout [String]
    ) {
        if known.contains(path) { return }
        let place = nodes[node]
        switch place.kind {
        case .object:
            for child in place.children {
                collect(child, at: path + [nodes[child].key], outside: known, into: &found)
            }
        case .array:
            for (index, child) in place.children.enumerated() {
                collect(child, at: path + ["\(index)"], outside: known, into: &found)
            }
        case .string where !place.range.isEmpty: found.append(path.joined(separator: "."))
        case .string, .number, .boolean, .null: return
        }
    }

    /// The value of a string or number in locked memory, escapes resolved; nil for other kinds.
    func secret(_ node: Int, in text: Span<UInt8>) -> SecretBytes? {
        let found = nodes[node]
        guard found.kind == .string || found.kind == .number else { return nil }
        let raw = text.extracting(found.range)
        guard found.hasEscapes else { return SecretBytes(copying: raw) }
        var value = SecretBytes(capacity: raw.count)
        JSONParser.unescape(raw) { value.append($0) }
        return value
    }

    /// The value of a string or number that is no secret; of a boolean its word.
    func string(_ node: Int, in text: Span<UInt8>) -> String? {
        let found = nodes[node]
        guard found.kind != .object, found.kind != .array, found.kind != .null else { return nil }
        return JSONParser.string(text.extracting(found.range), hasEscapes: found.hasEscapes)
    }
}

/// A defect on its way out.
struct JSONParsing: Error {
    let defect: JSONDefect
    init(_ defect: JSONDefect) { self.defect = defect }
}

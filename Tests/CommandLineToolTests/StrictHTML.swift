// A reader of pages that refuses what ours do not write, for the tests: far less than HTML allows.

/// An element with what is in it.
struct StrictHTML: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    private(set) var attributes: [String: String] = [:]
    private(set) var children: [StrictHTML] = []
    /// The text in this element and in those within, without escapes.
    private(set) var text = ""

    private static let void: Set = ["meta", "wbr"]
    private static let entities = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'",
    ]

    /// Reads a whole page and nothing behind it.
    static func page(_ text: String) throws -> StrictHTML {
        var reader = Reader(rest: Array(text.unicodeScalars)[...])
        try reader.expect("<!DOCTYPE html>\n")
        let root = try reader.element()
        try reader.expect("\n")
        guard reader.rest.isEmpty, root.name == "html" else {
            throw Failure(description: "something stands outside of the page")
        }
        return root
    }

    private init(name: String) { self.name = name }

    /// This element and all within, in the order of the page.
    var all: [StrictHTML] { [self] + children.flatMap(\.all) }

    func all(_ name: String) -> [StrictHTML] { all.filter { $0.name == name } }

    func all(_ name: String, _ style: String) -> [StrictHTML] {
        all(name).filter { $0["class"]?.split(separator: " ").contains(Substring(style)) == true }
    }

    func element(id: String) -> StrictHTML? { all.first { $0["id"] == id } }

    subscript(_ attribute: String) -> String? { attributes[attribute] }

    private struct Reader {
        var rest: ArraySlice<Unicode.Scalar>

        mutating func expect(_ text: String) throws {
            guard rest.starts(with: text.unicodeScalars) else {
                throw Failure(description: "\(text) expected at: \(here)")
            }
            rest = rest.dropFirst(text.unicodeScalars.count)
        }

        private var here: String {
            var text = ""
            text.unicodeScalars.append(contentsOf: rest.prefix(60))
            return text
        }

        private mutating func take(while isFine: (Unicode.Scalar) -> Bool) -> String {
            var text = ""
            while let scalar = rest.first, isFine(scalar) {
                text.unicodeScalars.append(scalar)
                rest = rest.dropFirst()
            }
            return text
        }

        private mutating func name() throws -> String {
            let name = take {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || $0 == "-"
            }
            guard !name.isEmpty else { throw Failure(description: "no name at: \(here)") }
            return name
        }

        mutating func element() throws -> StrictHTML {
            try expect("<")
            var element = StrictHTML(name: try name())
            while rest.first == " " {
                try expect(" ")
                let attribute = try name()
                try expect("=\"")
                let value = try text(until: "\"")
                try expect("\"")
                guard element.attributes.updateValue(value, forKey: attribute) == nil else {
                    throw Failure(description: "\(attribute) twice")
                }
            }
            try expect(">")
            if StrictHTML.void.contains(element.name) { return element }
            if element.name == "style" {
                element.text = take { $0 != "<" }
            } else {
                try content(of: &element)
            }
            try expect("</\(element.name)>")
            return element
        }

        private mutating func content(of element: inout StrictHTML) throws {
            while let scalar = rest.first {
                if scalar != "<" {
                    element.text += try text(until: "<")
                } else if rest.dropFirst().first == "/" {
                    return
                } else {
                    let child = try self.element()
                    element.children.append(child)
                    element.text += child.text
                }
            }
        }

        /// Text without what has to be escaped, up to a mark.
        private mutating func text(until end: Unicode.Scalar) throws -> String {
            var text = ""
            while let scalar = rest.first, scalar != end {
                rest = rest.dropFirst()
                switch scalar {
                case "&":
                    let name = take { $0 != ";" && $0 != "<" && $0 != "\"" }
                    guard let meaning = StrictHTML.entities[name] else {
                        throw Failure(description: "an unknown entity: \(name)")
                    }
                    try expect(";")
                    text += meaning
                case "<", ">", "\"", "'":
                    throw Failure(description: "not escaped: \(scalar) at \(here)")
                default: text.unicodeScalars.append(scalar)
                }
            }
            return text
        }
    }
}

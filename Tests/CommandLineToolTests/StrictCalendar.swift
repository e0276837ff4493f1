// A reader of calendars that refuses what RFC 5545 does not allow, for the tests.

/// A component with its properties, in the order of the file.
struct StrictCalendar {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Property: Equatable {
        let name: String
        let parameters: [String]
        let value: String
    }

    let name: String
    private(set) var properties: [Property] = []
    private(set) var components: [StrictCalendar] = []

    /// The value of a property that must stand exactly once.
    func value(_ name: String) throws -> String {
        let found = properties.filter { $0.name == name }
        guard found.count == 1 else {
            throw Failure(description: "\(name) stands \(found.count) times")
        }
        return found[0].value
    }

    /// The text behind the escapes of a TEXT.
    func text(_ name: String) throws -> String {
        var text = ""
        var rest = Substring(try value(name))
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                switch rest.popFirst() {
                case "n", "N": text += "\n"
                case "\\": text += "\\"
                case ";": text += ";"
                case ",": text += ","
                default: throw Failure(description: "an unknown escape in \(name)")
                }
            case ";", ",": throw Failure(description: "an unescaped \(character) in \(name)")
            default: text.append(character)
            }
        }
        return text
    }

    /// Reads one VCALENDAR and nothing behind it.
    init(_ bytes: [UInt8]) throws {
        var lines = try Self.unfolded(bytes)[...]
        guard lines.popFirst() == "BEGIN:VCALENDAR" else {
            throw Failure(description: "it does not begin")
        }
        self = try Self.component("VCALENDAR", &lines)
        guard lines.isEmpty else { throw Failure(description: "something is behind the end") }
        guard !components.isEmpty else { throw Failure(description: "no component") }
        _ = try value("PRODID")
        guard try value("VERSION") == "2.0" else { throw Failure(description: "version") }
    }

    private init(name: String) { self.name = name }

    /// Lines of at most 75 octets that end in CR LF and are UTF-8 each by itself, put together.
    private static func unfolded(_ bytes: [UInt8]) throws -> [String] {
        var lines: [String] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: 0x0d), end + 1 < rest.endIndex,
                rest[end + 1] == 0x0a
            else { throw Failure(description: "a line without CR LF") }
            let line = rest[..<end]
            rest = rest[(end + 2)...]
            guard line.count <= 75 else { throw Failure(description: "\(line.count) octets") }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Failure(description: "a character is cut")
            }
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
                throw Failure(description: "a control character")
            }
            if text.hasPrefix(" ") {
                guard let last = lines.popLast() else { throw Failure(description: "no line") }
                lines.append(last + text.dropFirst())
            } else {
                lines.append(text)
            }
        }
        return lines
    }

    private static func component(
        _ name: String, _ lines: inout ArraySlice<String>
    ) throws -> StrictCalendar {
        var found = StrictCalendar(name: name)
        while let line = lines.popFirst() {
            guard let colon = line.firstIndex(of: ":") else {
                throw Failure(description: "no value in \(line)")
            }
            let head = line[..<colon].split(separator: ";").map(String.init)
            let value = String(line[line.index(after: colon)...])
            switch head.first {
            case "END":
                guard value == name else { throw Failure(description: "\(value) ends \(name)") }
                return found
            case "BEGIN": found.components.append(try component(value, &lines))
            case .some(let property):
                found.properties.append(
                    Property(name: property, parameters: Array(head.dropFirst()), value: value))
            case nil: throw Failure(description: "no name in \(line)")
            }
        }
        throw Failure(description: "\(name) does not end")
    }
}

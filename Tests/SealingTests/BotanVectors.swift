// The public test vectors of Botan in its own form of text.

import Foundation

/// One vector: `Name = digits` lines, of which `Output` is the last, under `[Section]`.
struct BotanVector {
    struct Failure: Error {
        let line: Substring
    }

    let section: String
    let fields: [String: [UInt8]]

    /// A field, empty if it does not stand there.
    subscript(name: String) -> [UInt8] { fields[name] ?? [] }

    /// All vectors of a file; a line that is understood in no way is a failure.
    static func read(_ file: String) throws -> [BotanVector] {
        let place = VectorFolder.published.appending(path: file)
        var vectors: [BotanVector] = []
        var section = ""
        var fields: [String: [UInt8]] = [:]
        for line in try String(contentsOf: place, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
                continue
            }
            let parts = line.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, let value = HexBytes(parts[1]), fields[parts[0]] == nil
            else { throw Failure(line: line) }
            fields[parts[0]] = value.bytes
            guard parts[0] == "Output" else { continue }
            vectors.append(BotanVector(section: section, fields: fields))
            fields = [:]
        }
        if let name = fields.keys.first { throw Failure(line: Substring(name)) }
        return vectors
    }
}

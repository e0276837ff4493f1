// One thing that must not be read, and the layer that must find out.

import Foundation
import Testing

/// A file under `Tests/Vectors/reject`: lines of `key: value`, an empty line, hexadecimal digits.
struct RejectVector: Sendable, CustomTestStringConvertible {
    let name: String
    let header: [String: String]
    let bytes: [UInt8]

    /// What must fail.
    var expect: String { header["expect"] ?? "" }
    var testDescription: String { "\(name): \(expect)" }

    /// Which reader the vectors of a folder are for.
    enum Room: String, CaseIterable {
        case slot, record, metadata, audit, codes
        case rawKey = "raw-key"
        case passphrase
    }

    /// The vectors of a room in the order of their names; none if the folder is missing.
    static func all(of room: Room) -> [RejectVector] {
        let folder = VectorFolder.own.appending(path: "reject/\(room.rawValue)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().compactMap { RejectVector(folder.appending(path: $0)) }
    }

    /// The folders that are there.
    static func rooms() throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: VectorFolder.own.appending(path: "reject").path
        ).sorted()
    }

    private init?(_ file: URL) {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let head = lines.prefix { !$0.isEmpty }
        guard let read = HexBytes(lines.dropFirst(head.count).joined()) else { return nil }
        var header: [String: String] = [:]
        for line in head {
            let parts = line.split(separator: ": ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            header[String(parts[0])] = String(parts[1])
        }
        name = file.deletingPathExtension().lastPathComponent
        self.header = header
        bytes = read.bytes
    }
}

// The public test vectors of project Wycheproof, as far as this room has what they test.

import Foundation
import Testing

/// A vector with a verdict; it can be handed to a process of its own, which it ends.
protocol WycheproofCase: Codable, Sendable {
    var result: Verdict { get }
}

/// A file of test vectors in groups.
struct Wycheproof<Case: WycheproofCase>: Decodable {
    struct Group: Decodable {
        let tests: [Case]
    }
    let testGroups: [Group]

    /// All vectors of a file, which is whole only if there are this many of each kind.
    static func cases(
        _ file: String, valid: Int, invalid: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [Case] {
        let place = VectorFolder.published.appending(path: "wycheproof/\(file)_test.json")
        let cases = try VectorFolder.json(place, as: Self.self).testGroups.flatMap(\.tests)
        #expect(cases.count { $0.result == .valid } == valid, sourceLocation: sourceLocation)
        #expect(cases.count { $0.result == .invalid } == invalid, sourceLocation: sourceLocation)
        return cases
    }
}

/// What an implementation must do with a vector.
enum Verdict: String, Codable {
    case valid, invalid
}

struct GCMCase: WycheproofCase {
    let tcId: Int
    let key, iv, aad, msg, ct, tag: HexBytes
    let result: Verdict
    var sealed: [UInt8] { ct.bytes + tag.bytes }
}

struct HKDFCase: WycheproofCase {
    let tcId, size: Int
    let ikm, salt, info, okm: HexBytes
    let result: Verdict
}

struct HMACCase: WycheproofCase {
    let tcId: Int
    let key, msg, tag: HexBytes
    let result: Verdict
}

/// A message of Cobblestone-256; `ct` is compressed.
struct CobblestoneCase: WycheproofCase {
    let tcId: Int
    let key, ctx, ct: HexBytes
    let msgSha512: HexBytes?
    let msgLength: Int?
    let result: Verdict
}

// The public test vectors of project Wycheproof, as far as this room has what they test.

import Foundation

/// A file of test vectors in groups.
struct Wycheproof<Case: Decodable>: Decodable {
    struct Group: Decodable {
        let ivSize, keySize, tagSize: Int?
        let tests: [Case]
    }
    let testGroups: [Group]

    static func groups(_ file: String) throws -> [Group] {
        let place = VectorFolder.published.appending(path: "wycheproof/\(file)_test.json")
        return try VectorFolder.json(place, as: Self.self).testGroups
    }
}

/// What an implementation must do with a vector.
enum Verdict: String, Decodable {
    case valid, invalid
}

struct GCMCase: Decodable {
    let tcId: Int
    let key, iv, aad, msg, ct, tag: HexBytes
    let result: Verdict
}

struct HKDFCase: Decodable {
    let tcId, size: Int
    let ikm, salt, info, okm: HexBytes
    let result: Verdict
}

struct HMACCase: Decodable {
    let tcId: Int
    let key, msg, tag: HexBytes
    let result: Verdict
}

/// A message of Cobblestone-256; `ct` is compressed.
struct CobblestoneCase: Decodable {
    let tcId: Int
    let key, ctx, ct: HexBytes
    let msgSha512: HexBytes?
    let msgLength: Int?
    let result: Verdict
}

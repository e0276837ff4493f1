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
        struct Key: Decodable {
            let pk: HexBytes
        }
        let publicKey: Key?
        let tests: [Case]
    }
    let testGroups: [Group]

    /// All groups of a file, which is whole only if there are this many vectors of each verdict.
    static func groups(
        _ file: String, valid: Int, invalid: Int = 0, acceptable: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [Group] {
        let place = VectorFolder.published.appending(path: "wycheproof/\(file)_test.json")
        let groups = try VectorFolder.json(place, as: Self.self).testGroups
        let verdicts = groups.flatMap(\.tests).map(\.result)
        for (verdict, count) in [
            (Verdict.valid, valid), (.invalid, invalid), (.acceptable, acceptable),
        ] {
            #expect(verdicts.count { $0 == verdict } == count, sourceLocation: sourceLocation)
        }
        return groups
    }

    static func cases(
        _ file: String, valid: Int, invalid: Int = 0, acceptable: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [Case] {
        try groups(
            file, valid: valid, invalid: invalid, acceptable: acceptable,
            sourceLocation: sourceLocation
        ).flatMap(\.tests)
    }
}

/// What an implementation must do with a vector.
enum Verdict: String, Codable {
    case valid, invalid
    /// Right, but whoever refuses it is right too.
    case acceptable
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

struct SignatureCase: WycheproofCase {
    let tcId: Int
    let msg, sig: HexBytes
    let result: Verdict
}

/// Two halves of an agreement.
struct AgreementCase: WycheproofCase {
    let tcId: Int
    let flags: [String]
    let `public`, `private`, shared: HexBytes
    let result: Verdict
}

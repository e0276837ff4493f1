// Whether a text looks like a secret of an issuer: a word that is typed in the open, or a part of
// a value that another store keeps.

internal import VaultModel

extension ProfileCatalog {
    /// Whether `word` has the shape of a built-in issuer's secrets; a mistyped one is like a secret
    /// too, so checksums do not matter.
    public func isLikeSecret(_ word: String) -> Bool {
        // Names are shorter than most tokens: reading every profile is not for them.
        guard word.utf8.count >= 24 else { return false }
        return SecretShapes.isToken(Array(word.utf8).span)
    }
}

/// The shapes of the secrets of all built-in issuers.
enum SecretShapes {
    private static let all = BuiltInProfiles.ids
        .compactMap { try? ProfileCatalog(userDirectory: nil).profile($0) }
        .flatMap(\.secretFields).compactMap(\.shape)
    /// Shorter than any token that has a shape.
    private static let shortestToken = 16

    /// Whether the whole of `text` fits one. A shape that plain words have as well, such as forty
    /// letters or digits, counts only for a text that mixes capitals, small letters and digits.
    static func isToken(_ text: Span<UInt8>) -> Bool {
        all.contains { shape in
            guard shape.matches(text) else { return false }
            let plain = [UInt8](repeating: UInt8(ascii: "a"), count: text.count)
            return !shape.matches(plain.span) || isMixed(text)
        }
    }

    /// Whether a part of `text`, up to what no token holds, fits one.
    static func hasToken(in text: Span<UInt8>) -> Bool {
        var start = 0
        for index in 0...text.count where index == text.count || !isOfToken(text[index]) {
            if index - start >= shortestToken {
                let hasFullStop = text[index - 1] == UInt8(ascii: ".")
                if isToken(text.extracting(start..<(hasFullStop ? index - 1 : index))) {
                    return true
                }
            }
            start = index + 1
        }
        return false
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func isMixed(_ text: Span<UInt8>) -> Bool {
        let kinds: [ClosedRange<UInt8>] = [0x30...0x39, 0x41...0x5a, 0x61...0x7a]
        return kinds.allSatisfy { kind in text.indices.contains { kind.contains(text[$0]) } }
    }
}

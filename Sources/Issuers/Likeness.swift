// Whether a word that is typed in the open looks like a secret.

internal import VaultModel

extension ProfileCatalog {
    /// Whether `word` has the shape of a built-in issuer's secrets; a mistyped one is like a secret
    /// too, so checksums do not matter. A shape that plain words have as well, such as forty
    /// letters or digits, counts only for a word that mixes capitals, small letters and digits.
    public func isLikeSecret(_ word: String) -> Bool {
        // Names are shorter than most tokens: reading every profile is not for them.
        guard word.utf8.count >= 24 else { return false }
        let bytes = Array(word.utf8)
        let plain = [UInt8](repeating: UInt8(ascii: "a"), count: bytes.count)
        return BuiltInProfiles.ids.compactMap { try? profile($0) }.flatMap(\.secretFields)
            .contains { field in
                guard let shape = field.shape, shape.matches(bytes.span) else { return false }
                return !shape.matches(plain.span) || Self.isMixed(bytes)
            }
    }

    private static func isMixed(_ bytes: [UInt8]) -> Bool {
        let kinds: [ClosedRange<UInt8>] = [0x30...0x39, 0x41...0x5a, 0x61...0x7a]
        return kinds.allSatisfy { kind in bytes.contains(where: kind.contains) }
    }
}

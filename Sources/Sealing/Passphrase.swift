// A passphrase in the one form in which it is hashed (spec, "Passphrases").

internal import CUnicode
internal import SecretMemory
public import VaultModel

/// 1 to 1,024 bytes: ASCII as it is, anything else UTF-8 in Unicode normalisation form C, so that
/// the same passphrase typed on another keyboard or system is the same key.
public struct Passphrase: ~Copyable, Sendable {
    /// Longest passphrase, in bytes as typed.
    public static let longest = 1_024

    let bytes: SecretBytes

    public init(_ typed: Span<UInt8>) throws(VaultError) {
        guard !typed.isEmpty else { throw .unusablePassphrase(.empty) }
        guard typed.count <= Self.longest else { throw .unusablePassphrase(.tooLong) }
        var isASCII = true
        for index in typed.indices {
            guard typed[index] != 0 else { throw .unusablePassphrase(.holdsNUL) }
            if typed[index] >= 0x80 { isASCII = false }
        }
        if isASCII {
            bytes = SecretBytes(copying: typed)
        } else {
            bytes = try Self.composed(typed)
        }
    }

    /// NFC (UAX #15), in buffers of locked memory.
    private static func composed(_ typed: Span<UInt8>) throws(VaultError) -> SecretBytes {
        let options = utf8proc_option_t(UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue)
        // No character of UTF-8 has a canonical decomposition of more than four, one for each byte.
        let mostCharacters = 4 * longest
        var buffer = SecretBytes(zeros: (mostCharacters + 1) * MemoryLayout<Int32>.size)
        var span = buffer.mutableBytes
        let count = unsafe typed.withUnsafeBufferPointer { typed in
            unsafe span.withUnsafeMutableBytes { raw -> Int in
                let characters = unsafe raw.baseAddress?.assumingMemoryBound(to: Int32.self)
                let decomposed = unsafe utf8proc_decompose(
                    typed.baseAddress, typed.count, characters, mostCharacters, options)
                guard decomposed >= 0, decomposed <= mostCharacters else { return -1 }
                return unsafe utf8proc_reencode(characters, decomposed, options)
            }
        }
        guard count > 0 else { throw .unusablePassphrase(.invalidUTF8) }
        return SecretBytes(copying: buffer.bytes.extracting(first: count))
    }
}

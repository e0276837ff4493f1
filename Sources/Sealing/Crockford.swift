// Crockford's base 32: bytes as letters and digits that a person can write down and type.

internal import SecretMemory

/// Without I, L, O and U; read in either case, with O as 0, I and L as 1.
enum Crockford {
    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    /// Eight bits in, five bits out. The bits must fill the characters: a multiple of five bytes.
    static func encoded(_ bytes: Span<UInt8>) -> SecretBytes {
        precondition(bytes.count % 5 == 0, "sealing: bits that fill no character")
        var symbols = SecretBytes(capacity: bytes.count / 5 * 8)
        var window = 0
        var bits = 0
        for index in bytes.indices {
            window = (window << 8 | Int(bytes[index])) & 0xfff
            bits += 8
            while bits >= 5 {
                bits -= 5
                unsafe symbols.append(alphabet.utf8Start[window >> bits & 31])
            }
        }
        return symbols
    }

    /// Groups of `size` characters with dashes between them.
    static func grouped(_ symbols: borrowing SecretBytes, by size: Int) -> SecretBytes {
        var code = SecretBytes(capacity: symbols.count + symbols.count / size)
        for index in symbols.bytes.indices {
            if index > 0, index % size == 0 { code.append(UInt8(ascii: "-")) }
            code.append(symbols.bytes[index])
        }
        return code
    }

    /// Exactly `count` bytes, blanks and dashes anywhere; nil for anything else.
    static func decoded(_ text: Span<UInt8>, count: Int) -> SecretBytes? {
        var read = SecretBytes(capacity: count)
        var window = 0
        var bits = 0
        for index in text.indices {
            if " -\t\r\n".utf8.contains(text[index]) { continue }
            guard let symbol = value(of: text[index]), read.count < count else { return nil }
            window = (window << 5 | symbol) & 0xfff
            bits += 5
            if bits >= 8 {
                bits -= 8
                read.append(UInt8(truncatingIfNeeded: window >> bits))
            }
        }
        guard bits == 0, read.count == count else { return nil }
        return read
    }

    private static func value(of character: UInt8) -> Int? {
        let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
        switch isLower ? character - 32 : character {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        case let upper:
            return (0..<32).first { unsafe alphabet.utf8Start[$0] == upper }
        }
    }
}

// Base64, base16, percent and JSON forms of a value, in locked memory.

internal import SecretMemory

enum Encodings {
    /// The two alphabets of RFC 4648.
    enum Base64Alphabet {
        case standard, urlSafe

        fileprivate var last: (UInt8, UInt8) {
            self == .standard ? (0x2b, 0x2f) : (0x2d, 0x5f)
        }
    }

    static func base64(
        _ value: Span<UInt8>, _ alphabet: Base64Alphabet, into output: inout SecretBytes
    ) {
        for start in stride(from: 0, to: value.count, by: 3) {
            let count = min(3, value.count - start)
            var group = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? Int(value[start + index]) : 0)
            }
            for place in 0..<4 {
                if place <= count {
                    output.append(symbol(group >> (18 - 6 * place) & 63, alphabet))
                } else if alphabet == .standard {
                    output.append(UInt8(ascii: "="))
                }
            }
        }
    }

    private static func symbol(_ value: Int, _ alphabet: Base64Alphabet) -> UInt8 {
        switch value {
        case 0..<26: UInt8(65 + value)
        case 26..<52: UInt8(71 + value)
        case 52..<62: UInt8(value - 4)
        case 62: alphabet.last.0
        default: alphabet.last.1
        }
    }

    static func hexadecimal(_ byte: UInt8, into output: inout SecretBytes) {
        for nibble in [byte >> 4, byte & 15] {
            output.append(nibble < 10 ? 48 + nibble : 87 + nibble)
        }
    }

    static func hexadecimal(_ value: Span<UInt8>, into output: inout SecretBytes) {
        for index in value.indices { hexadecimal(value[index], into: &output) }
    }

    /// Percent-encoding of everything but RFC 3986's unreserved characters.
    static func percent(_ value: Span<UInt8>, into output: inout SecretBytes) {
        for index in value.indices {
            let byte = value[index]
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || "-._~".utf8.contains(byte)
            if isPlain {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                for nibble in [byte >> 4, byte & 15] {
                    output.append(nibble < 10 ? 48 + nibble : 55 + nibble)
                }
            }
        }
    }

    /// The inside of a JSON string with the usual short escapes.
    static func json(_ value: Span<UInt8>, into output: inout SecretBytes) {
        for index in value.indices {
            let byte = value[index]
            let short: UInt8? =
                switch byte {
                case 0x22, 0x5c: byte
                case 0x0a: UInt8(ascii: "n")
                case 0x0d: UInt8(ascii: "r")
                case 0x09: UInt8(ascii: "t")
                default: nil
                }
            if let short {
                output.append(UInt8(ascii: "\\"))
                output.append(short)
            } else {
                output.append(byte)
            }
        }
    }
}

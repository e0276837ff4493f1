// Base64 (RFC 4648) in locked memory.

internal import SecretMemory

enum Base64 {
    /// The bytes that `text` stands for, or nil: the standard alphabet, padded to groups of four.
    static func decoded(_ text: Span<UInt8>) -> SecretBytes? {
        text.count % 4 == 0 ? decodedPaddedOrNot(text) : nil
    }

    /// The same, and where the padding was left out too.
    static func decodedPaddedOrNot(_ text: Span<UInt8>) -> SecretBytes? {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end % 4 != 1, end == text.count || text.count % 4 == 0 else { return nil }
        var bytes = SecretBytes(capacity: text.count / 4 * 3 + 3)
        var (group, bits): (UInt32, Int) = (0, 0)
        for index in 0..<end {
            guard let value = value(text[index]) else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(group >> UInt32(bits) & 0xff))
            }
        }
        // What is left over of the last digit must be nothing.
        guard group & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case 0x41...0x5a: UInt32(digit - 0x41)
        case 0x61...0x7a: UInt32(digit - 0x61 + 26)
        case 0x30...0x39: UInt32(digit - 0x30 + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

// Writing.
extension Base64 {
    enum Alphabet {
        case standard
        /// For addresses and tokens, without padding (RFC 4648, 5).
        case address
    }

    static func encode(_ bytes: Span<UInt8>, _ alphabet: Alphabet, _ add: (UInt8) -> Void) {
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group: UInt32 = 0
            for place in 0..<3 {
                group = group << 8 | (place < count ? UInt32(bytes[index + place]) : 0)
            }
            for place in 0..<4 {
                if place <= count {
                    add(digit(UInt8(group >> UInt32(18 - 6 * place) & 63), alphabet))
                } else if alphabet == .standard {
                    add(UInt8(ascii: "="))
                }
            }
            index += 3
        }
    }

    /// By arithmetic: a table would be read at places that the secret says.
    private static func digit(_ value: UInt8, _ alphabet: Alphabet) -> UInt8 {
        switch value {
        case 0..<26: 0x41 + value
        case 26..<52: 0x61 + value - 26
        case 52..<62: 0x30 + value - 52
        case 62: alphabet == .standard ? UInt8(ascii: "+") : UInt8(ascii: "-")
        default: alphabet == .standard ? UInt8(ascii: "/") : UInt8(ascii: "_")
        }
    }
}

// Base64 (RFC 4648 section 4) back into bytes, in locked memory.

internal import SecretMemory

enum Base64 {
    /// The bytes; nil for anything but what an encoder of the standard alphabet writes: groups of
    /// four, padding at the end only, no bit set that stands for nothing.
    static func decoded(_ text: Span<UInt8>) -> SecretBytes? {
        guard text.count % 4 == 0 else { return nil }
        var bytes = SecretBytes(capacity: text.count / 4 * 3)
        for start in stride(from: 0, to: text.count, by: 4) {
            let isLast = start + 4 == text.count
            var length = 4
            if isLast, text[start + 3] == UInt8(ascii: "=") {
                length = text[start + 2] == UInt8(ascii: "=") ? 2 : 3
            }
            var group = 0
            for place in 0..<length {
                guard let bits = value(of: text[start + place]) else { return nil }
                group |= bits << (18 - 6 * place)
            }
            let unused = length == 4 ? 0 : length == 3 ? 0xff : 0xffff
            guard group & unused == 0 else { return nil }
            for place in 0..<length - 1 {
                bytes.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * place)))
            }
        }
        return bytes
    }

    private static func value(of letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(letter) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(letter) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(letter) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

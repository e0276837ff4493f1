// A sealed deposit as text: safe in a log, in a mail or on paper (spec, "Capsules").

public import VaultModel

/// `-----BEGIN COFFER CAPSULE-----`, the deposit in base64 (RFC 4648) of 64 characters a line, `=`
/// and the base64 of its CRC-32, `-----END COFFER CAPSULE-----`.
public enum Capsule {
    private static let begin = "-----BEGIN COFFER CAPSULE-----"
    private static let end = "-----END COFFER CAPSULE-----"
    private static let lineCount = 64
    /// Longest text that is read, in bytes: the longest deposit, quoted and wrapped.
    public static let longest = 64 * 1_024 * 1_024

    public static func text(of deposit: SealedDeposit) -> [UInt8] {
        let bytes = deposit.bytes
        let symbols = Base64.encode(bytes)
        var text = Array("\(begin)\n".utf8)
        for start in stride(from: 0, to: symbols.count, by: lineCount) {
            text += symbols[start..<min(start + lineCount, symbols.count)]
            text.append(UInt8(ascii: "\n"))
        }
        text.append(UInt8(ascii: "="))
        text += Base64.encode(checksum(of: bytes))
        text += "\n\(end)\n".utf8
        return text
    }

    /// Reads the first capsule in a text, as a mail program or a terminal may have left it: with
    /// other line ends, blanks, quotation marks, or wrapped at another width.
    public static func read(_ text: [UInt8]) throws(VaultError) -> SealedDeposit {
        guard let start = place(of: begin, in: text[...]),
            let stop = place(of: end, in: text[start.upperBound...])
        else { throw .notACapsule(.unmarked) }
        var symbols: [UInt8] = []
        for byte in text[start.upperBound..<stop.lowerBound]
        where !" \t\r\n>".utf8.contains(byte) { symbols.append(byte) }
        // Eight characters of checksum behind its mark; "=" may end the content too.
        guard symbols.count > 9, symbols[symbols.count - 9] == UInt8(ascii: "="),
            let content = Base64.decode(symbols.dropLast(9)),
            let expected = Base64.decode(symbols.suffix(8))
        else { throw .notACapsule(.malformed) }
        guard checksum(of: content) == expected else { throw .notACapsule(.checksum) }
        guard let deposit = SealedDeposit(parsing: content) else { throw .notACapsule(.malformed) }
        return deposit
    }

    private static func place(of mark: String, in text: ArraySlice<UInt8>) -> Range<Int>? {
        let mark = Array(mark.utf8)
        var from = text.startIndex
        while let start = text[from...].firstIndex(of: mark[0]) {
            if text[start...].starts(with: mark) { return start..<start + mark.count }
            from = start + 1
        }
        return nil
    }

    /// CRC-32 (ISO/IEC 13239), big-endian: it tells a typing error, no more.
    private static func checksum(of bytes: [UInt8]) -> [UInt8] {
        var register = UInt32.max
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        var bytes = CanonicalBytes(capacity: 4)
        bytes.add(~register)
        return bytes.bytes
    }
}

/// Base64 with padding (RFC 4648, section 4), read only as it is written.
private enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var symbols: [UInt8] = []
        symbols.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0) { $0 << 8 | Int($1) }
            bits <<= 8 * (3 - group.count)
            for place in 0..<4 {
                let isFilled = place <= group.count
                symbols.append(
                    isFilled ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return symbols
    }

    static func decode(_ symbols: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        let symbols = Array(symbols)
        guard symbols.count % 4 == 0 else { return nil }
        let padding = symbols.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(symbols.count / 4 * 3)
        var (window, bits) = (0, 0)
        for symbol in symbols.dropLast(padding) {
            guard let value = value(of: symbol) else { return nil }
            window = (window << 6 | value) & 0xfff
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: window >> bits))
            }
        }
        guard bits == padding * 2, window & (1 << bits - 1) == 0 else { return nil }
        return bytes
    }

    private static func value(of symbol: UInt8) -> Int? {
        switch symbol {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(symbol) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(symbol) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(symbol) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

// Bytes that stand as hexadecimal digits in a vector.

/// Decoded from a string; a digit too few or a wrong one is a failure of the vector.
struct HexBytes: Codable, Hashable, Sendable {
    let bytes: [UInt8]

    init?(_ digits: some StringProtocol) {
        let digits = digits.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[at], let low = digits[at + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self.bytes = bytes
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let read = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not hexadecimal")
        }
        self = read
    }

    /// For a vector that goes to a process of its own.
    func encode(to encoder: any Encoder) throws {
        let alphabet = Array("0123456789abcdef")
        var container = encoder.singleValueContainer()
        try container.encode(
            String(bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }))
    }
}

// The shapes in which a value turns up in what programs print.

internal import SecretMemory

/// A value as it is, or encoded in one of the usual ways.
enum SecretForm: CaseIterable, Sendable {
    case plain
    /// JSON with the escapes that it needs, and with everything but ASCII escaped.
    case json, asciiJSON
    /// In addresses, with either case of digits, and in forms, where a blank is a plus.
    case percent, lowerPercent, form
    case hexadecimal, upperHexadecimal
    /// A value that was encoded by itself; the first is padded.
    case base64, unpaddedBase64, base64URL, paddedBase64URL
    /// The part of a longer text in base64 that the value alone decides: it may begin at any of
    /// three places in a group.
    case base64First, base64Second, base64Third
    case base64URLFirst, base64URLSecond, base64URLThird

    /// Values of fewer bytes are not looked for: hiding every `a` would hide the message too.
    static let shortest = 4

    /// No form is shorter than the value.
    func encode(_ value: Span<UInt8>) -> SecretBytes {
        var encoded = SecretBytes(capacity: 2 * value.count)
        switch self {
        case .plain: encoded.append(value)
        case .json: Encodings.json(value, into: &encoded)
        case .asciiJSON: Self.asciiJSON(value, into: &encoded)
        case .percent: Encodings.percent(value, into: &encoded)
        case .lowerPercent: Self.percent(value, blank: "%20", into: &encoded)
        case .form: Self.percent(value, blank: "+", into: &encoded)
        case .hexadecimal: Encodings.hexadecimal(value, into: &encoded)
        case .upperHexadecimal: Self.upperHexadecimal(value, into: &encoded)
        case .base64: Encodings.base64(value, .standard, into: &encoded)
        case .unpaddedBase64: Self.unpadded(value, into: &encoded)
        case .base64URL: Encodings.base64(value, .urlSafe, into: &encoded)
        case .paddedBase64URL: Self.paddedURL(value, into: &encoded)
        case .base64First: return Self.part(of: value, behind: 0, .standard)
        case .base64Second: return Self.part(of: value, behind: 1, .standard)
        case .base64Third: return Self.part(of: value, behind: 2, .standard)
        case .base64URLFirst: return Self.part(of: value, behind: 0, .urlSafe)
        case .base64URLSecond: return Self.part(of: value, behind: 1, .urlSafe)
        case .base64URLThird: return Self.part(of: value, behind: 2, .urlSafe)
        }
        return encoded
    }

    private static func upperHexadecimal(_ value: Span<UInt8>, into encoded: inout SecretBytes) {
        for index in value.indices {
            for nibble in [value[index] >> 4, value[index] & 15] {
                encoded.append(nibble < 10 ? 48 + nibble : 55 + nibble)
            }
        }
    }

    /// Percent-encoded as for an address, in the other ways that are about: the case of the digits
    /// is that of what writes a blank as three characters.
    private static func percent(
        _ value: Span<UInt8>, blank: String, into encoded: inout SecretBytes
    ) {
        let isForm = blank.utf8.count == 1
        for index in value.indices {
            let byte = value[index]
            if byte == 0x20 {
                encoded.append(blank)
            } else if isForm {
                Encodings.percent(value.extracting(index..<index + 1), into: &encoded)
            } else {
                var one = SecretBytes()
                Encodings.percent(value.extracting(index..<index + 1), into: &one)
                if one.count == 1 {
                    encoded.append(byte)
                } else {
                    encoded.append(UInt8(ascii: "%"))
                    Encodings.hexadecimal(byte, into: &encoded)
                }
            }
        }
    }

    private static func asciiJSON(_ value: Span<UInt8>, into encoded: inout SecretBytes) {
        guard var scalars = try? UTF8Span(validating: value).makeUnicodeScalarIterator() else {
            return Encodings.json(value, into: &encoded)
        }
        while let scalar = scalars.next() {
            if (0x20..<0x7f).contains(scalar.value) || ["\n", "\r", "\t"].contains(scalar) {
                let one = [UInt8(truncatingIfNeeded: scalar.value)]
                Encodings.json(one.span, into: &encoded)
            } else {
                encoded.append(JSONText.escape(scalar))
            }
        }
    }

    private static func unpadded(_ value: Span<UInt8>, into encoded: inout SecretBytes) {
        Encodings.base64(value, .standard, into: &encoded)
        encoded.truncate(to: (8 * value.count + 5) / 6)
    }

    private static func paddedURL(_ value: Span<UInt8>, into encoded: inout SecretBytes) {
        Encodings.base64(value, .urlSafe, into: &encoded)
        while encoded.count % 4 != 0 { encoded.append(UInt8(ascii: "=")) }
    }

    /// The characters that hold nothing but bits of the value, with so many bytes before it.
    private static func part(
        of value: Span<UInt8>, behind before: Int, _ alphabet: Encodings.Base64Alphabet
    ) -> SecretBytes {
        var whole = SecretBytes(zeros: before)
        whole.append(value)
        var encoded = SecretBytes(capacity: 2 * whole.count)
        Encodings.base64(whole.bytes, alphabet, into: &encoded)
        let start = (8 * before + 5) / 6
        let end = 8 * whole.count / 6
        return SecretBytes(copying: encoded.bytes.extracting(start..<end))
    }
}

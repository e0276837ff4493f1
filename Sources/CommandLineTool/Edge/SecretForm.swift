// The shapes in which a value turns up in what programs print.

internal import SecretMemory

/// A value as it is, or encoded in one of the usual ways.
enum SecretForm: CaseIterable, Sendable {
    case plain
    /// With the line ends of other systems.
    case carriageReturns
    /// JSON with the escapes that it needs, and with everything but ASCII escaped.
    case json, asciiJSON
    /// JSON that may stand in a page (Go), and with slashes escaped (PHP), in both ways.
    case pageJSON, slashJSON, asciiSlashJSON
    /// In the text of a page, and in its attributes: there are several words for quotes.
    case pageText, page, numberedPage, hexadecimalPage
    /// In addresses, with either case of digits, and in forms, where a blank is a plus.
    case percent, lowerPercent, form
    case hexadecimal, upperHexadecimal
    /// A value that was encoded by itself; the first is padded.
    case base64, unpaddedBase64, base64URL, paddedBase64URL
    /// The part of a longer text in base64 that the value alone decides: it may begin at any of
    /// three places in a group.
    case base64First, base64Second, base64Third
    case base64URLFirst, base64URLSecond, base64URLThird
    /// As encoders wrap it that begin with the value, up to the last character that the value alone
    /// decides.
    case base64By76, base64By64, base64By76Returns, base64By64Returns, hexadecimalBy60

    /// Values of fewer bytes are not looked for: hiding every `a` would hide the message too.
    static let shortest = 4

    /// No form is shorter than the value.
    func encode(_ value: Span<UInt8>) -> SecretBytes {
        var encoded = SecretBytes(capacity: 2 * value.count)
        switch self {
        case .plain: encoded.append(value)
        case .carriageReturns: Self.carriageReturns(value, into: &encoded)
        case .json: Encodings.json(value, into: &encoded)
        case .asciiJSON:
            Self.json(value, escaping: { $0.value >= 0x7f }, into: &encoded)
        case .pageJSON:
            Self.json(
                value, escaping: { ["<", ">", "&", "\u{2028}", "\u{2029}"].contains($0) },
                into: &encoded)
        case .slashJSON: return Self.slashed(SecretForm.json.encode(value))
        case .asciiSlashJSON: return Self.slashed(SecretForm.asciiJSON.encode(value))
        case .pageText: Self.page(value, "\"", "'", into: &encoded)
        case .page: Self.page(value, "&quot;", "&#39;", into: &encoded)
        case .numberedPage: Self.page(value, "&#34;", "&#39;", into: &encoded)
        case .hexadecimalPage: Self.page(value, "&quot;", "&#x27;", into: &encoded)
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
        case .base64By76: return Self.wrapped(.base64First, of: value, 76, "\n")
        case .base64By64: return Self.wrapped(.base64First, of: value, 64, "\n")
        case .base64By76Returns: return Self.wrapped(.base64First, of: value, 76, "\r\n")
        case .base64By64Returns: return Self.wrapped(.base64First, of: value, 64, "\r\n")
        case .hexadecimalBy60: return Self.wrapped(.hexadecimal, of: value, 60, "\n")
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

    private static func carriageReturns(_ value: Span<UInt8>, into encoded: inout SecretBytes) {
        var before: UInt8 = 0
        for index in value.indices {
            let byte = value[index]
            if byte == 0x0a, before != 0x0d { encoded.append(0x0d) }
            encoded.append(byte)
            before = byte
        }
    }

    /// The inside of a JSON string, in which more than is needed is escaped.
    private static func json(
        _ value: Span<UInt8>, escaping isEscaped: (Unicode.Scalar) -> Bool,
        into encoded: inout SecretBytes
    ) {
        guard var scalars = try? UTF8Span(validating: value).makeUnicodeScalarIterator() else {
            return Encodings.json(value, into: &encoded)
        }
        while let scalar = scalars.next() {
            let isControl = scalar.value < 0x20 && !["\n", "\r", "\t"].contains(scalar)
            if isControl || isEscaped(scalar) {
                encoded.append(JSONText.escape(scalar))
            } else if scalar.isASCII {
                let one = [UInt8(truncatingIfNeeded: scalar.value)]
                Encodings.json(one.span, into: &encoded)
            } else {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    encoded.append(byte)
                }
            }
        }
    }

    private static func slashed(_ json: borrowing SecretBytes) -> SecretBytes {
        var encoded = SecretBytes(capacity: 2 * json.count)
        let plain = json.bytes
        for index in plain.indices {
            if plain[index] == UInt8(ascii: "/") { encoded.append(UInt8(ascii: "\\")) }
            encoded.append(plain[index])
        }
        return encoded
    }

    private static func page(
        _ value: Span<UInt8>, _ quote: String, _ apostrophe: String,
        into encoded: inout SecretBytes
    ) {
        for index in value.indices {
            switch value[index] {
            case UInt8(ascii: "&"): encoded.append("&amp;")
            case UInt8(ascii: "<"): encoded.append("&lt;")
            case UInt8(ascii: ">"): encoded.append("&gt;")
            case UInt8(ascii: "\""): encoded.append(quote)
            case UInt8(ascii: "'"): encoded.append(apostrophe)
            default: encoded.append(value[index])
            }
        }
    }

    /// A form in lines of `width` characters, without a line break at its end.
    private static func wrapped(
        _ form: SecretForm, of value: Span<UInt8>, _ width: Int, _ lineEnd: String
    ) -> SecretBytes {
        let whole = form.encode(value)
        let text = whole.bytes
        var lines = SecretBytes(capacity: 2 * text.count)
        for index in text.indices {
            if index > 0, index % width == 0 { lines.append(lineEnd) }
            lines.append(text[index])
        }
        return lines
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

// Text from outside as a terminal may see it: nothing in it moves the cursor, hides or reorders.

internal import SecretMemory

/// Escapes control characters, invisible characters and those that change the direction of text.
enum Escaped {
    /// A label, a field, anything that a file or an issuer wrote.
    static func text(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isHarmless(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += escape(scalar)
            }
        }
        return escaped
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        scalar.value < 0x80
            ? "\\x" + hexadecimal(scalar.value, 2) : "\\u{" + hexadecimal(scalar.value, 1) + "}"
    }

    /// A path in quotes.
    static func path(_ path: String) -> String { "\"\(text(path))\"" }

    /// A word that a shell takes for exactly this text, in quotes if it needs them; nil if it holds
    /// what a terminal would act on.
    static func word(_ text: String) -> String? {
        guard text.unicodeScalars.allSatisfy(isHarmless) else { return nil }
        let plain = "/._-+:@%,="
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                || plain.unicodeScalars.contains($0)
        }
        guard !isPlain || text.isEmpty else { return text }
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }

    /// A value that a person asked to see on a terminal, with a newline behind it. Line breaks and
    /// tabs stay; of what is not UTF-8 only ASCII does, for some terminals obey single bytes.
    static func forTerminal(_ value: Span<UInt8>) -> SecretBytes {
        var shown = SecretBytes(capacity: value.count + 1)
        do {
            var scalars = try UTF8Span(validating: value).makeUnicodeScalarIterator()
            while let scalar = scalars.next() { show(scalar, in: &shown) }
        } catch {
            for index in value.indices {
                let byte = value[index]
                if byte < 0x80 {
                    show(Unicode.Scalar(byte), in: &shown)
                } else {
                    for letter in "\\x\(hexadecimal(UInt32(byte), 2))".utf8 { shown.append(letter) }
                }
            }
        }
        shown.append(UInt8(ascii: "\n"))
        return shown
    }

    private static func show(_ scalar: Unicode.Scalar, in shown: inout SecretBytes) {
        if isHarmless(scalar) || scalar == "\n" || scalar == "\t" {
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                shown.append(byte)
            }
        } else {
            for letter in escape(scalar).utf8 { shown.append(letter) }
        }
    }

    static func hexadecimal(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Whether a scalar is shown as it is.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20..<0x7f).contains(scalar.value) { return true }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}

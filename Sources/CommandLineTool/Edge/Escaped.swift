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
            } else if scalar.value < 0x80 {
                escaped += "\\x" + hexadecimal(scalar.value, 2)
            } else {
                escaped += "\\u{" + hexadecimal(scalar.value, 1) + "}"
            }
        }
        return escaped
    }

    /// A path in quotes.
    static func path(_ path: String) -> String { "\"\(text(path))\"" }

    /// A value that a person asked to see on a terminal, with a newline behind it. Line breaks and
    /// tabs stay; other control characters could do anything to the terminal.
    static func forTerminal(_ value: Span<UInt8>) -> SecretBytes {
        var shown = SecretBytes(capacity: value.count + 1)
        for index in value.indices {
            let byte = value[index]
            if byte >= 0x20 && byte != 0x7f || byte == 0x0a || byte == 0x09 {
                shown.append(byte)
            } else {
                for character in "\\x\(hexadecimal(UInt32(byte), 2))".utf8 {
                    shown.append(character)
                }
            }
        }
        shown.append(UInt8(ascii: "\n"))
        return shown
    }

    static func hexadecimal(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}

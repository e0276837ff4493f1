// Values as other programs write and read them, in locked memory.

internal import SecretMemory

/// Why a notation cannot hold a value.
enum Unfit: Error, Hashable, Sendable {
    case nul, lineBreak, noText, noCharacter, expansion, quotes, longLine

    /// What stands behind "which holds".
    var words: String {
        switch self {
        case .nul: "a NUL byte"
        case .lineBreak: "a line break"
        case .noText: "bytes that are not UTF-8"
        case .noCharacter: "a code point that is no character"
        case .expansion: "a `${`, which readers fill in even in quotes"
        case .quotes: "quotes, backslashes or dollar signs that no quoting keeps for every reader"
        case .longLine: "more than its readers take in a line, which is 65,535 bytes with the name"
        }
    }
}

/// How each of them quotes. What a notation cannot hold is an error, never another value.
enum Notation {
    /// One word of a POSIX shell, in single quotes; a single quote in it is `'\''`.
    static func shell(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        let quote = UInt8(ascii: "'")
        output.append(quote)
        for index in value.indices {
            let byte = value[index]
            guard byte != 0 else { throw .nul }
            if byte == quote { output.append(#"'\'"#) }
            output.append(byte)
        }
        output.append(quote)
    }

    /// A JSON string, its quotes included (RFC 8259).
    static func json(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        guard SecretJSON.lengthAsText(value) != nil else { throw .noText }
        SecretJSON.quote(value, into: &output)
    }

    /// A double-quoted scalar of YAML 1.2, in one line, its quotes included.
    static func yaml(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        output.append(UInt8(ascii: "\""))
        try eachScalar(of: value) { (scalar) throws(Unfit) in
            switch scalar {
            case "\"", "\\": output.append("\\\(scalar)")
            case "\n": output.append("\\n")
            case "\t": output.append("\\t")
            case _ where Escaped.isHarmless(scalar): append(scalar, to: &output)
            default:
                let (letter, width) =
                    scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x1_0000 ? ("u", 4) : ("U", 8)
                output.append("\\\(letter)" + Escaped.hexadecimal(scalar.value, width))
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Longest line that `docker run --env-file` reads, in bytes.
    private static let longestLine = 65_535

    /// The rest of a line, as it is: what `docker run --env-file` reads, which is UTF-8 alone.
    static func line(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        let isTooLong = lengthOfLastLine(output) + value.count > longestLine
        for index in value.indices {
            switch value[index] {
            case 0: throw .nul
            // A carriage return before a line's end is taken to belong to it.
            case 0x0a, 0x0d: throw .lineBreak
            default: output.append(value[index])
            }
        }
        guard SecretJSON.lengthAsText(value) != nil else { throw .noText }
        guard !isTooLong else { throw .longLine }
    }

    private static func lengthOfLastLine(_ text: borrowing SecretBytes) -> Int {
        let bytes = text.bytes
        var start = bytes.count
        while start > 0, bytes[start - 1] != 0x0a { start -= 1 }
        return bytes.count - start
    }

    /// A value of a systemd environment file in double quotes, whose rules are a shell's
    /// (systemd.exec(5), EnvironmentFile=).
    static func systemd(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        output.append(UInt8(ascii: "\""))
        try eachScalar(of: value) { (scalar) throws(Unfit) in
            switch scalar {
            case "\0": throw .nul
            case _ where Self.isNoCharacter(scalar): throw .noCharacter
            case "\"", "\\", "`", "$": output.append("\\\(scalar)")
            default: append(scalar, to: &output)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// What systemd takes for no text: a byte order mark, and what Unicode keeps for no use.
    private static func isNoCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0xfeff || (0xfdd0...0xfdef).contains(scalar.value)
            || scalar.value & 0xfffe == 0xfffe
    }

    /// A value that a POSIX shell and the readers of `.env` files take for the same: in single
    /// quotes if that will do, else in double quotes, and with nothing to undo in either.
    static func dotenv(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        let found = try Obstacles(in: value)
        guard !found.hasBackslashPair, !found.endsInBackslash else { throw .quotes }
        // In double quotes a shell would act on these, and not every reader takes escapes back.
        guard !found.hasSingleQuote || !found.hasSpecial else { throw .quotes }
        let quote = UInt8(ascii: found.hasSingleQuote ? "\"" : "'")
        output.append(quote)
        output.append(value)
        output.append(quote)
    }

    /// What stands in the way of quotes in a `.env` file.
    private struct Obstacles {
        var hasSingleQuote = false
        /// Some readers undo a doubled backslash even in single quotes.
        var hasBackslashPair = false
        /// What a shell acts on in double quotes.
        var hasSpecial = false
        /// It would escape the closing quote for some.
        var endsInBackslash = false

        init(in value: Span<UInt8>) throws(Unfit) {
            guard SecretJSON.lengthAsText(value) != nil else { throw .noText }
            var before: UInt8 = 0
            for index in value.indices {
                let byte = value[index]
                switch byte {
                case 0: throw .nul
                // Files of text are read with every line end made the same.
                case 0x0d: throw .lineBreak
                case UInt8(ascii: "'"): hasSingleQuote = true
                case UInt8(ascii: "`"), UInt8(ascii: "$"), UInt8(ascii: "\""): hasSpecial = true
                case UInt8(ascii: "\\"):
                    hasSpecial = true
                    if before == byte { hasBackslashPair = true }
                case UInt8(ascii: "{") where before == UInt8(ascii: "$"): throw .expansion
                default: break
                }
                before = byte
            }
            endsInBackslash = before == UInt8(ascii: "\\")
        }
    }

    private static func eachScalar(
        of value: Span<UInt8>, _ body: (Unicode.Scalar) throws(Unfit) -> Void
    ) throws(Unfit) {
        guard var scalars = try? UTF8Span(validating: value).makeUnicodeScalarIterator() else {
            throw .noText
        }
        while let scalar = scalars.next() { try body(scalar) }
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout SecretBytes) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { output.append(byte) }
    }
}

// Taking secrets out of what another program said, before a person or a log sees it.

internal import SecretMemory
internal import VaultModel

/// Best effort: a value and its usual encodings. A value of fewer than four bytes is left alone:
/// hiding every `a` would hide the message too.
enum Redactor {
    private static let shortest = 4

    /// `text` with the values of `secrets` hidden.
    static func redact(
        _ text: borrowing SecretBytes, hiding secrets: borrowing SecretFields
    ) -> SecretBytes {
        var isHidden = [Bool](repeating: false, count: text.count)
        for name in secrets.names {
            let value = secrets.value(of: name)
            guard value.count >= shortest else { continue }
            mark(value, in: text.bytes, &isHidden)
            for form in Form.allCases {
                let encoded = form.encode(value)
                mark(encoded.bytes, in: text.bytes, &isHidden)
            }
        }
        return covered(text.bytes, isHidden)
    }

    /// `text` with every line of `output` hidden: what was printed was not understood, so any of it
    /// may be the secret.
    static func redact(
        _ text: borrowing SecretBytes, hidingAll output: borrowing SecretBytes
    ) -> SecretBytes {
        var isHidden = [Bool](repeating: false, count: text.count)
        let bytes = output.bytes
        var start = 0
        for index in 0...bytes.count where index == bytes.count || bytes[index] == 0x0a {
            let line = trimmed(bytes.extracting(start..<index))
            if line.count >= shortest { mark(line, in: text.bytes, &isHidden) }
            start = index + 1
        }
        return covered(text.bytes, isHidden)
    }

    @_lifetime(copy line)
    private static func trimmed(_ line: Span<UInt8>) -> Span<UInt8> {
        var (start, end) = (0, line.count)
        while start < end, line[start] <= 0x20 { start += 1 }
        while end > start, line[end - 1] <= 0x20 { end -= 1 }
        return line.extracting(start..<end)
    }

    /// The shapes in which values turn up in messages.
    private enum Form: CaseIterable {
        case json, percent, base64, base64URL, hexadecimal

        func encode(_ value: Span<UInt8>) -> SecretBytes {
            var encoded = SecretBytes(capacity: 3 * value.count)
            switch self {
            case .json: Encodings.json(value, into: &encoded)
            case .percent: Encodings.percent(value, into: &encoded)
            case .base64: Encodings.base64(value, .standard, into: &encoded)
            case .base64URL: Encodings.base64(value, .urlSafe, into: &encoded)
            case .hexadecimal: Encodings.hexadecimal(value, into: &encoded)
            }
            return encoded
        }
    }

    /// Marks every place of `needle`. Values overlap, so none is taken out before all are found.
    private static func mark(
        _ needle: Span<UInt8>, in text: Span<UInt8>, _ isHidden: inout [Bool]
    ) {
        var marked = 0
        for place in text.indices where isFound(needle, in: text, at: place) {
            let end = place + needle.count
            for index in max(place, marked)..<end { isHidden[index] = true }
            marked = end
        }
    }

    /// The text with a word in place of each run of marked bytes.
    private static func covered(_ text: Span<UInt8>, _ isHidden: [Bool]) -> SecretBytes {
        var clean = SecretBytes(capacity: text.count)
        for index in text.indices {
            if !isHidden[index] {
                clean.append(text[index])
            } else if index == 0 || !isHidden[index - 1] {
                for byte in "[redacted]".utf8 { clean.append(byte) }
            }
        }
        return clean
    }

    private static func isFound(
        _ needle: Span<UInt8>, in bytes: Span<UInt8>, at place: Int
    ) -> Bool {
        guard bytes.count - place >= needle.count else { return false }
        for index in needle.indices where needle[index] != bytes[place + index] { return false }
        return true
    }
}
